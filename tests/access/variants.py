"""Every way a list can be asked: what its view offers, and what a stranger would try on it."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.urls import resolve
from django_filters.rest_framework import DjangoFilterBackend

from portal.core.access import acting, system_actor
from tests.access.calls import address_of
from tests.access.cast import NAMED_ALIKE
from tests.access.matrix import Row

SIZES = ("0", "-1", str(10**9), "abc", "1", "1000")
STRANGE = (
    {"include": "reseller"},
    {"fields": "reseller,secret_sealed"},
    {"cursor": "bm9uc2Vuc2U="},
)
STRANGE_PAGES = ({"page": "bm9uc2Vuc2U="}, {"page": "-1"})
TEXTS = ("canary", "%", "_", "\x00", "'")
NEVER_FOUND = "no-such-value"

Query = dict[str, str]


def view_of(row: Row, objects: Mapping[str, str]) -> Any:
    """Return the class that answers a row."""
    function = resolve(address_of(row, objects)).func
    return getattr(function, "view_class", None) or getattr(function, "cls", None)


def is_list(row: Row, objects: Mapping[str, str]) -> bool:
    """Tell whether a row answers many rows that can be searched, filtered, sorted or paged."""
    function = resolve(address_of(row, objects)).func
    view = view_of(row, objects)
    if row.verb != "get":
        return False
    if row.is_api:
        single = getattr(function, "actions", {}).get("get") in (
            *(None, "retrieve", "export", "ignores", "offboarding"),
        )
        return not single and bool(getattr(view, "orderings", None))
    return bool(getattr(view, "columns", None))


def filters_of(row: Row, objects: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the filters a list offers, on a page or in the API."""
    view = view_of(row, objects)
    filterset = getattr(view, "filterset_class", None)
    if filterset is None and getattr(view, "filterset_fields", None):
        with acting(system_actor(0, "tests")):
            rows = view.model.objects.none()
            filterset = DjangoFilterBackend().get_filterset_class(view(), rows)
    return dict(filterset.base_filters) if filterset else {}


def foreign_value(name: str, theirs: Mapping[str, str]) -> str:
    """Return the id of theirs that a filter of this name is about."""
    of = {"subject_id": "connection", "organization_id": "organization"}.get(name, name)
    return theirs["organization"] if of in NAMED_ALIKE else theirs.get(of, theirs["organization"])


def gentle(row: Row, objects: Mapping[str, str]) -> Iterator[Query]:
    """Yield ways to ask that must give the same, whoever else uses the installation."""
    view = view_of(row, objects)
    yield {}
    yield {"search": "canary"}
    if row.is_api:
        yield from ({"ordering": name} for name in _both_ways(getattr(view, "orderings", {})))
        yield from ({"page_size": size} for size in ("1", "1000"))
        return
    sorts = [column.sort for column in getattr(view, "columns", ()) if column.sort]
    yield from ({"sort": name} for name in _both_ways(sorts))
    yield from ({"tab": tab.key} for tab in getattr(view, "tabs", ()) if tab.key)


def forward(
    row: Row, objects: Mapping[str, str], theirs: Mapping[str, str], cursors: Mapping[str, str]
) -> Iterator[Query]:
    """Yield ways to ask for what is somebody else's: their ids, their texts, their places."""
    size = "page_size" if row.is_api else "size"
    yield from ({size: value} for value in SIZES)
    yield from STRANGE if row.is_api else STRANGE_PAGES
    yield from ({"search": text} for text in TEXTS)
    yield {"ordering" if row.is_api else "sort": "reseller__name"}
    if row.route in cursors:
        yield {"cursor": cursors[row.route], "page_size": "1"}
    filters = filters_of(row, objects)
    for name in filters:
        number = theirs["organization number"]
        values = (foreign_value(name, theirs), number, "true", "false", NEVER_FOUND)
        yield from ({name: value} for value in values)
    yield dict.fromkeys(filters, NEVER_FOUND)


def _both_ways(names: Any) -> Iterator[str]:
    for name in names:
        yield name
        yield f"-{name}"
