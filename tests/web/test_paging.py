"""Paging by key: every row once, in order, both ways, whatever the values; and a flat cost."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from django.db import connection, models
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase
from pytest_django.plugin import DjangoDbBlocker

from portal.web.cursors import BadCursor, read_cursor
from portal.web.paging import Order, Page, fetch_page
from tests.database import administrator
from tests.environment import DATABASE
from tests.scratch import scratch_tables

START = datetime(2026, 1, 1, tzinfo=UTC)


class Shelf(models.Model):
    """What a book points at, perhaps."""

    label = models.CharField(max_length=20)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        app_label = "web"
        managed = False
        db_table = "paging_shelf"

    def __str__(self) -> str:
        return self.label


class Book(models.Model):
    """A row with a value of every kind a list is ordered by."""

    title = models.CharField(max_length=40)
    price = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    read_at = models.DateTimeField(null=True)
    shelf = models.ForeignKey(Shelf, null=True, on_delete=models.CASCADE, related_name="+")

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        app_label = "web"
        managed = False
        db_table = "paging_book"

    def __str__(self) -> str:
        return self.title


@pytest.fixture(scope="module", autouse=True)
def tables(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with (
        django_db_blocker.unblock(),
        scratch_tables(
            paging_shelf="label varchar(20) NOT NULL",
            paging_book="title varchar(40) NOT NULL, price numeric(8, 2),"
            " read_at timestamptz, shelf_id bigint",
        ),
        administrator(DATABASE) as admin,
        admin.cursor() as cursor,
    ):
        cursor.execute("CREATE INDEX ON paging_book (price, id)")
        yield


def make_books(prices: list[Decimal | None]) -> None:
    Book.objects.bulk_create(
        Book(title=f"Book {number}", price=price) for number, price in enumerate(prices)
    )


def page_of(
    order: str, page: str | None = "", *, size: int = 3, count: int | None = None
) -> Page[Book]:
    return fetch_page(
        Book.objects.all(),
        order=Order.parse(order),
        size=size,
        query=QueryDict((page or "").removeprefix("?")),
        count=count,
    )


def walk(order: str, *, size: int, backwards: bool = False) -> Iterator[Page[Book]]:
    page = page_of(order, "page=last" if backwards else "", size=size)
    for _ in range(100):
        yield page
        onwards = page.previous if backwards else page.next
        if onwards is None:
            return
        page = page_of(order, onwards, size=size)
    raise AssertionError("The pages never end.")


def ids(rows: Any) -> list[int]:
    return [row.pk for row in rows]


def expected(order: str) -> list[int]:
    field = models.F(order.removeprefix("-"))
    key = models.F("pk")
    if order.startswith("-"):
        return ids(Book.objects.order_by(field.desc(nulls_first=True), key.desc()))
    return ids(Book.objects.order_by(field.asc(nulls_last=True), key.asc()))


class WalkTest(HypothesisTestCase):
    """Properties that hold for any values and any page size."""

    @settings(max_examples=40, deadline=None)
    @given(
        prices=st.lists(st.none() | st.sampled_from([Decimal(1), Decimal(2), Decimal("2.5")])),
        size=st.integers(1, 5),
        order=st.sampled_from(["price", "-price", "pk", "-pk", "title"]),
    )
    def test_next_visits_every_row_once_in_order(
        self, prices: list[Decimal | None], size: int, order: str
    ) -> None:
        make_books(prices)
        seen = [pk for page in walk(order, size=size) for pk in ids(page.rows)]
        self.assertEqual(seen, expected(order))

    @settings(max_examples=40, deadline=None)
    @given(
        prices=st.lists(st.none() | st.sampled_from([Decimal(1), Decimal(2)])),
        size=st.integers(1, 5),
        order=st.sampled_from(["price", "-price", "-pk"]),
    )
    def test_previous_from_the_last_page_leads_to_the_first(
        self, prices: list[Decimal | None], size: int, order: str
    ) -> None:
        make_books(prices)
        pages = list(walk(order, size=size, backwards=True))
        self.assertEqual(ids(pages[-1].rows), expected(order)[:size])
        self.assertEqual(ids(pages[0].rows), expected(order)[-size:])
        self.assertEqual({pk for page in pages for pk in ids(page.rows)}, set(expected(order)))


@pytest.mark.django_db
def test_links_say_what_lies_further() -> None:
    make_books([Decimal(number) for number in range(7)])
    first = page_of("price", count=7)
    assert (first.first, first.previous) == (None, None)
    assert first.next is not None
    assert first.last == "?page=last"
    assert (first.start, first.end) == (1, 3)
    middle = page_of("price", first.next, count=7)
    assert None not in (middle.first, middle.previous, middle.next, middle.last)
    assert (middle.start, middle.end) == (4, 6)
    last = page_of("price", "page=last", count=7)
    assert (last.next, last.last) == (None, None)
    assert (last.start, last.end) == (5, 7)
    assert page_of("price", last.previous, count=7).start == 2


@pytest.mark.django_db
def test_a_list_of_one_page_has_no_links() -> None:
    make_books([Decimal(1)])
    page = page_of("price")
    assert (page.first, page.previous, page.next, page.last) == (None, None, None, None)


@pytest.mark.django_db
def test_an_empty_list_has_no_position() -> None:
    page = page_of("price", count=0)
    assert (list(page.rows), page.start, page.end, page.next) == ([], None, None, None)


@pytest.mark.django_db
def test_position_is_unknown_at_the_end_of_an_uncounted_list() -> None:
    make_books([Decimal(number) for number in range(7)])
    last = page_of("price", "page=last")
    assert last.start is None
    assert page_of("price", last.previous).start is None


@pytest.mark.django_db
def test_links_keep_the_other_parameters() -> None:
    make_books([Decimal(number) for number in range(7)])
    page = page_of("price", "search=a%26b&sort=price")
    assert QueryDict((page.next or "")[1:])["search"] == "a&b"


@pytest.mark.django_db
def test_a_page_whose_rows_went_away_shows_what_is_left() -> None:
    make_books([Decimal(number) for number in range(7)])
    page = page_of("price", page_of("price").next)
    beyond = page.next
    Book.objects.filter(price__gt=4).delete()
    assert [book.price for book in page_of("price", beyond).rows] == [2, 3, 4]
    Book.objects.filter(price__lt=2).delete()
    assert [book.price for book in page_of("price", page.previous).rows] == [2, 3, 4]


@pytest.mark.django_db
def test_orders_by_a_missing_relation() -> None:
    shelves = [Shelf.objects.create(label=label) for label in "ab"]
    Book.objects.create(title="none")
    for shelf in shelves:
        Book.objects.create(title=shelf.label, shelf=shelf)
    rows = Book.objects.select_related("shelf")
    titles, page = [], ""
    for _ in range(3):
        found = fetch_page(
            rows, order=Order("shelf__label"), size=1, query=QueryDict(page.removeprefix("?"))
        )
        titles.append(found.rows[0].title)
        page = found.next or ""
    assert titles == ["a", "b", "none"]


@pytest.mark.django_db
def test_orders_by_an_annotation_and_a_moment() -> None:
    for days in (2, 1, 3):
        Book.objects.create(title=f"{days}", read_at=START + timedelta(days=days, microseconds=1))
    rows = Book.objects.annotate(finished=models.F("read_at"))
    first = fetch_page(rows, order=Order("finished"), size=1, query=QueryDict())
    then = fetch_page(
        rows, order=Order("finished"), size=1, query=QueryDict((first.next or "")[1:])
    )
    assert [first.rows[0].title, then.rows[0].title] == ["1", "2"]


def forge(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(list(parts)).encode()).decode().rstrip("=")


BAD_CURSORS = {
    "not base64": "%%%",
    "not text": base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    "not a list": base64.urlsafe_b64encode(b"{}").decode(),
    "too short": forge("price", 0),
    "another order": forge("-price", 0, "1", "1", 1),
    "another direction": forge("price", 2, "1", "1", 1),
    "not a number": forge("price", 0, "x", "1", 1),
    "NaN": forge("price", 0, "NaN", "1", 1),
    "too many digits": forge("price", 0, "1" * 30, "1", 1),
    "key out of range": forge("price", 0, "1", "9" * 30, 1),
    "key missing": forge("price", 0, "1", None, 1),
    "NUL character": forge("price", 0, "\x00", "1", 1),
    "half a character": base64.urlsafe_b64encode(b'["price",0,"\\ud800","1",1]').decode(),
    "position not a number": forge("price", 0, "1", "1", "1"),
    "position negative": forge("price", 0, "1", "1", -1),
    "value not text": forge("price", 0, {"a": 1}, "1", 1),
    "deep": base64.urlsafe_b64encode(b"[" * 1400).decode(),
    "very long": "A" * 5000,
}


@pytest.mark.django_db
@pytest.mark.parametrize("cursor", BAD_CURSORS.values(), ids=BAD_CURSORS.keys())
def test_refuses_a_cursor_it_did_not_write(cursor: str) -> None:
    make_books([Decimal(1)])
    query = QueryDict(mutable=True)
    query["page"] = cursor
    with (
        CaptureQueriesContext(
            connection,
        ) as queries,
        pytest.raises(BadCursor),
    ):
        fetch_page(Book.objects.all(), order=Order("price"), size=3, query=query)
    assert not queries.captured_queries


@settings(max_examples=300, deadline=None)
@given(st.text())
def test_any_text_is_a_cursor_or_refused(text: str) -> None:
    key = Book._meta.pk
    try:
        read_cursor(text, order="pk", field=key, key=key)
    except BadCursor:
        return


@pytest.mark.django_db
def test_a_page_costs_one_query_and_two_where_values_run_out() -> None:
    make_books([*map(Decimal, range(5)), None, None])
    page = page_of("price", size=2)
    for queries in (1, 2):
        with CaptureQueriesContext(connection) as captured:
            page = page_of("price", page.next, size=2)
        assert len(captured) == queries


@pytest.mark.django_db
@pytest.mark.parametrize("direction", ["next", "previous"])
def test_the_database_enters_the_index_at_the_page(direction: str) -> None:
    make_books([Decimal(number % 50) for number in range(3000)])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # a table this small is else just read
    page = page_of("price", page_of("price", "page=last").previous)
    with CaptureQueriesContext(connection) as captured:
        page_of("price", page.previous if direction == "previous" else page.next)
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + captured.captured_queries[0]["sql"])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Index Cond: (ROW(price, id)" in plan
    assert "Sort" not in plan
