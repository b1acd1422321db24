"""The list page: what the address asks for is what is shown, as a page and as a fragment."""

import re
from collections.abc import Iterator
from typing import Any, ClassVar

import django_filters
import pytest
from django.db import connection, models
from django.http import HttpResponse
from django.test import RequestFactory, override_settings
from django.test.utils import CaptureQueriesContext
from pytest_django.plugin import DjangoDbBlocker

from portal.core.access import CAPABILITIES, Actor, Role
from portal.core.errors import NotAllowed
from portal.web.lists import BulkAction, Column, Empty, ListPage, Tab
from tests.scratch import scratch_tables

pytestmark = pytest.mark.django_db


class Plant(models.Model):
    """A row of a list."""

    name = models.CharField(max_length=40)
    height = models.IntegerField()
    kind = models.CharField(max_length=10, choices=[("tree", "Tree"), ("herb", "Herb")])

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        app_label = "web"
        managed = False
        db_table = "lists_plant"

    def __str__(self) -> str:
        return self.name


class PlantFilter(django_filters.FilterSet):
    """By kind and height."""

    height = django_filters.RangeFilter(label="Height")

    class Meta:
        model = Plant
        fields: ClassVar[list[str]] = ["kind", "height"]


class PlantList(ListPage):
    """Lists plants."""

    capability = "start.view"
    title, one, many = "Plants", "plant", "plants"
    columns = (
        Column("name", "Plant", sort="name"),
        Column("height", "Height", sort="height", numeric=True),
        Column("latin", "Latin name", default=False),
    )
    row_template = "components/field.html"
    default_sort = "name"
    search_label, search_fields = "Search plants", ("name",)
    filterset_class = PlantFilter
    tabs = (Tab("", "All"), Tab("tall", "Tall", where=models.Q(height__gte=100)))
    sizes = (5, 10)
    count_limit = 20

    def get_rows(self) -> models.QuerySet[Any]:
        rows: models.QuerySet[Any] = Plant.objects.all()
        return rows

    def count_tabs(self, rows: models.QuerySet[Any]) -> dict[str, int | None]:
        return {"tall": rows.filter(height__gte=100).count()}

    def get_context(self) -> dict[str, Any]:
        return {"unlinked_count": 0}  # as the navigation would count, without tenants

    def empty(self) -> Empty:
        return Empty("No plants yet", "Sow one.", "Sow", "/sow/")


class BulkPlantList(PlantList):
    """Lists plants that can be watered."""

    def bulk_actions(self) -> tuple[BulkAction, ...]:
        return (BulkAction("Water", "/water/", primary=True),)


@pytest.fixture(scope="module", autouse=True)
def table(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    columns = "name varchar(40) NOT NULL, height int NOT NULL, kind varchar(10) NOT NULL"
    with django_db_blocker.unblock(), scratch_tables(lists_plant=columns):
        yield


@pytest.fixture(autouse=True)
def plants(db: None) -> None:
    Plant.objects.bulk_create(
        Plant(name=f"Plant {letter}", height=number * 20, kind="tree" if number % 2 else "herb")
        for number, letter in enumerate("abcdefghijkl")
    )


def ask(
    address: str = "/", *, page: type[ListPage] = PlantList, fragment: bool = False
) -> HttpResponse:
    request = RequestFactory().get(address, headers={"HX-Request": "true"} if fragment else {})
    request.actor = Actor(  # type: ignore[attr-defined]
        reseller_id=1, label="Ada", capabilities=CAPABILITIES[Role.ADMIN], role=Role.ADMIN
    )
    with override_settings(ROOT_URLCONF="tests.browser.gallery_urls"):
        response = page.as_view()(request)
    assert isinstance(response, HttpResponse)
    return response


def html_of(address: str = "/", **options: Any) -> str:
    return ask(address, **options).content.decode()


def shown(address: str, **options: Any) -> list[str]:
    """Return the letters of the plants shown, in order."""
    return re.findall(
        r'aria-label="Select Plant (\w)"', html_of(address, page=BulkPlantList, **options)
    )


def link(html: str, label: str) -> str:
    found = re.search(rf'<a class="pager-link" href="([^"]+)"[^>]*id="page-{label}"', html)
    assert found is not None, f"no link {label}"
    return found[1].replace("&amp;", "&")


def test_htmx_gets_the_fragment_that_the_page_includes() -> None:
    page, fragment = ask(), ask(fragment=True)
    assert "<html" in page.content.decode()
    assert "<html" not in fragment.content.decode()
    token = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
    assert token.sub("", fragment.content.decode().strip()) in token.sub("", page.content.decode())
    assert "HX-Request" in page["Vary"]
    assert "HX-Request" in fragment["Vary"]


def test_needs_its_capability() -> None:
    request = RequestFactory().get("/")
    request.actor = Actor(reseller_id=1, label="x", capabilities=frozenset())  # type: ignore[attr-defined]
    with pytest.raises(NotAllowed):
        PlantList.as_view()(request)


def test_pages_lead_on_and_back() -> None:
    assert shown("/") == list("abcde")
    onwards = link(html_of("/"), "next")
    assert shown(onwards) == list("fghij")
    assert shown(link(html_of(onwards), "previous")) == list("abcde")
    assert shown(link(html_of("/"), "last")) == list("hijkl")
    assert "Showing <strong>6–10</strong> of <strong>12 plants</strong>" in html_of(onwards)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/?search=LANT%20C", "c"),
        ("/?tab=tall", "fghij"),
        ("/?tab=unknown", "abcde"),
        ("/?sort=-height", "lkjih"),
        ("/?sort=kind", "abcde"),
        ("/?sort=id;drop", "abcde"),
        ("/?size=10", "abcdefghij"),
        ("/?size=1000000", "abcde"),
        ("/?kind=tree", "bdfhj"),
        ("/?height_min=180&height_max=200", "jk"),
        ("/?search=%00a", "abcde"),
        ("/?search=Plant&tab=tall&kind=herb&sort=-name", "kig"),
    ],
)
def test_the_address_says_what_is_shown(address: str, expected: str) -> None:
    assert shown(address) == list(expected)


def test_filters_at_work_are_chips_that_can_be_taken_off() -> None:
    html = html_of("/?kind=tree&height_min=20&search=plant&page=last")
    chips = re.findall(
        r'filter-chip-words">([^<]+)<strong>([^<]+)</strong></span><a href="([^"]+)"', html
    )
    assert sorted(chips) == [
        ("Height: ", "20", "?kind=tree&amp;search=plant"),
        ("Kind: ", "Tree", "?height_min=20&amp;search=plant"),
    ]


def test_a_filter_without_sense_is_refused_in_words() -> None:
    for fragment in (False, True):
        response = ask("/?kind=stone", fragment=fragment)
        html = response.content.decode()
        assert response.status_code == 422
        assert "Kind: Select a valid choice. stone is not one of the available choices." in html
        assert "These filters cannot be read" in html


def test_a_broken_page_link_shows_the_first_page_and_says_so() -> None:
    assert shown("/?page=%21%21") == list("abcde")
    assert "That page of the list no longer exists" in html_of("/?page=%21%21")
    assert "no longer exists" not in html_of("/?page=last")


def test_a_page_link_of_another_order_is_not_followed() -> None:
    onwards = link(html_of("/?sort=height"), "next").replace("sort=height", "sort=name")
    assert shown(onwards) == list("abcde")


def test_an_empty_list_teaches_and_a_narrowed_one_offers_to_clear() -> None:
    narrowed = html_of("/?search=nothing")
    assert "Nothing matches" in narrowed
    assert "Sow" not in narrowed
    Plant.objects.all().delete()
    first = html_of("/")
    assert "No plants yet" in first
    assert '<a href="/sow/"' in first


def test_counts_stop_at_the_limit() -> None:
    Plant.objects.bulk_create(Plant(name=f"x{n}", height=1, kind="herb") for n in range(9))
    html = html_of("/")
    assert "of more than <strong>20 plants</strong>" in html
    assert "More than 20 plants</p>" in html
    assert "LIMIT 21" in _count_query()


def _count_query() -> str:
    with CaptureQueriesContext(connection) as captured:
        ask("/")
    return next(query["sql"] for query in captured if "COUNT" in query["sql"])


def test_tabs_carry_counts_of_what_was_searched() -> None:
    html = html_of("/?search=Plant l")
    tall = re.search(r'\?search=Plant\+l&amp;tab=tall"[^>]*>Tall <span[^>]*>.*?>(\d+)</span>', html)
    assert tall is not None
    assert tall[1] == "1"


def test_what_the_form_does_not_hold_is_carried_over() -> None:
    html = html_of("/?tab=tall&sort=-name&size=10&page=last", fragment=True)
    carried = re.findall(r'form="list-filter" name="(\w+)" value="([^"]+)"', html)
    assert carried == [("tab", "tall"), ("sort", "-name"), ("size", "10")]


def test_rows_can_be_chosen_only_where_something_can_be_done() -> None:
    assert 'name="selected"' not in html_of("/")
    html = html_of("/", page=BulkPlantList)
    assert html.count('form="bulk" name="selected"') == 5
    assert 'formaction="/water/"' in html


def test_columns_not_shown_by_default_stay_away() -> None:
    assert "Latin name" not in html_of("/")


def test_a_list_costs_the_same_number_of_queries_at_any_length() -> None:
    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            ask(address)
        return len(captured)

    few = queries("/?size=5")
    assert few == queries("/?size=10")
    assert few <= 3
