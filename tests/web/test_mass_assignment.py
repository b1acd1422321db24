"""D16: no request of the API changes a field that its description does not offer.

Every field of the resource's model that a request does not take is sent along with a valid request,
one at a time. Either the request is refused, or all tables hold what they hold without it.
"""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, models
from django.urls import resolve, reverse

from portal.core.access import Role
from portal.core.database.scope import Scope, scope
from tenants.connections import clients
from tests.access.calls import Answer, Caller, undone
from tests.access.cast import Side, make_side
from tests.access.everything import PRESENT
from tests.access.matrix import Row
from tests.access.snapshots import reseller_tables
from tests.access.variants import view_of
from tests.factories.core import make_reseller

pytestmark = pytest.mark.django_db(transaction=True)

Record = Callable[[str, object], None]
PLACEHOLDER = re.compile(r"\{[^}]+\}")
UUIDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
MOMENTS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*([+-]\d\d:?\d\d|Z)?")
DIGESTS = re.compile(r"\b[0-9a-f]{64}\b")
PLANTED = "planted-by-a-stranger"
PLANTED_ID = "deadbeef-0000-4000-8000-000000000000"
PLANTED_MOMENT = "2001-02-03T04:05:06Z"
PLANTED_NUMBER = 424242
TRACES = (PLANTED, PLANTED_ID, PLANTED_MOMENT[:10], str(PLANTED_NUMBER))
SECRETS = ("secret_sealed",)
"""Sealed anew, and so different, each time."""


@pytest.fixture(autouse=True)
def _a_call_may_be_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let requests that could call Partner Center run in a transaction; none gets that far."""
    monkeypatch.setattr(clients, "refuse_in_transaction", lambda: None)


def writable_fields(caller: Caller) -> dict[tuple[str, str], set[str]]:
    """Return what the API's description offers to set, by route and verb."""
    answer = caller.request("get", reverse("schema"), query={"format": "json"}, is_api=True)
    schema = json.loads(answer.body)
    found = {}
    for path, operations in schema["paths"].items():
        route = resolve(PLACEHOLDER.sub(str(uuid4()), path)).view_name
        for verb, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {})
            reference = content.get("application/json", {}).get("schema", {}).get("$ref", "")
            shape = schema["components"]["schemas"].get(reference.rpartition("/")[2], {})
            found[route, verb] = set(shape.get("properties", {}))
    return found


def strange_fields(
    row: Row, side: Side, stranger: int, offered: set[str]
) -> Iterator[tuple[str, Any]]:
    """Yield each field of the row's model that may not be set, with a value that would show."""
    neighbours = side.objects(side.person(Role.ADMIN), customer=side.two)
    model = view_of(row, side.objects(side.person(Role.ADMIN))).model
    for field in model._meta.concrete_fields:
        for name in {field.name, field.attname} - offered:
            if name.removesuffix("_id") == "reseller":
                yield name, stranger
            else:
                yield name, neighbours.get(field.name) or _planted(field)


@pytest.mark.timeout(900)
def test_d16_nothing_but_the_offered_fields_can_be_set(record_property: Record) -> None:
    side, stranger = make_side("north"), make_reseller().pk
    person = side.person(Role.ADMIN)
    caller, objects = Caller.of(person), side.objects(person)
    offered, tried, refused, changed = writable_fields(caller), 0, 0, []
    known = _known()
    for row in PRESENT:
        if not row.is_api or row.verb in ("get", "delete") or Role.ADMIN not in row.roles:
            continue
        expected = _outcome(caller, row, objects, {}, known)
        for name, value in strange_fields(row, side, stranger, offered[row.route, row.verb]):
            outcome = _outcome(caller, row, objects, {name: value}, known)
            tried += 1
            refused += outcome is None
            if outcome is not None and outcome != expected:
                changed.append(f"{row}: {name}={value!r}")
    record_property(
        "figure", f"D16: {tried - len(changed)} of {tried} fields stay, {refused} of them refused"
    )
    assert tried > 100
    assert not changed, "\n".join(changed)


def test_d16_a_field_that_is_offered_does_change(record_property: Record) -> None:
    """Otherwise nothing at all would be noticed above."""
    side = make_side("north")
    person = side.person(Role.ADMIN)
    caller, objects = Caller.of(person), side.objects(person)
    row = next(row for row in PRESENT if str(row) == "PATCH api:organizations-detail")
    known = _known()
    same, other = (_outcome(caller, row, objects, sent, known) for sent in ({}, {"name": "Other"}))
    assert same != other


def _known() -> set[str]:
    """Return the ids there are before the first request, and as all are taken back, before each."""
    with undone():
        return set(UUIDS.findall(" ".join(_rows())))


def _outcome(
    caller: Caller, row: Row, objects: dict[str, str], extra: dict[str, Any], known: set[str]
) -> list[str] | None:
    """Return what the tables hold after a request that is then taken back; None if refused."""
    with undone():
        answer: Answer = caller.call(row, objects, sends={**row.body(objects), **extra})
        assert answer.status < 500, f"{row} {extra}: {answer.crash}"
        if answer.status >= 400:
            assert extra or row.calls_out, f"{row}: {answer.text}"
            return None
        return sorted(_plain(text, known) for text in _rows())


def _rows() -> Iterator[str]:
    """Yield every row of every reseller as text."""
    with scope(Scope("app_provider")), connection.cursor() as cursor:
        for table in _tables():
            cursor.execute(f'SELECT to_jsonb(t) - %s::text[] FROM "{table}" t', [list(SECRETS)])
            yield from (f"{table} {row}" for (row,) in cursor.fetchall())


@cache
def _tables() -> list[str]:
    return list(reseller_tables())


def _plain(text: str, known: set[str]) -> str:
    """Return a row without what differs from run to run; what was planted stays."""
    for trace in TRACES:
        if trace in text:
            return text
    text = UUIDS.sub(lambda found: found[0] if found[0] in known else "~", text)
    return DIGESTS.sub("~", MOMENTS.sub("~", text))


def _planted(field: "models.Field[Any, Any]") -> Any:
    if isinstance(field, models.BooleanField):
        return True
    if isinstance(field, models.DateField):
        return PLANTED_MOMENT
    if isinstance(field, models.UUIDField | models.ForeignKey):
        return str(UUID(PLANTED_ID))
    if isinstance(field, models.IntegerField | models.DecimalField):
        return PLANTED_NUMBER
    return {"note": PLANTED} if isinstance(field, models.JSONField) else PLANTED
