"""Pages of a list that cost the same wherever they lie, at any number of rows.

A page begins after (or before) a row, named by the value it is ordered by and its key, not after a
number of rows: the database goes straight to the place in an index instead of counting up to it.
The price is that pages have no numbers; first, previous, next and last are all there is.

Rows without a value come last upwards and first downwards, as PostgreSQL's own index keeps them, so
one index on (field, key) serves both directions. They are fetched by a query of their own, because
an OR over both kinds would make the database read from the start.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import F, Model, QuerySet
from django.http import QueryDict

from portal.web.cursors import LAST, BadCursor, Cursor, read_cursor, write_cursor
from portal.web.seeking import field_of, is_nullable, row_after, value_of
from portal.web.sorting import PAGE, link_with
from portal.web.wording import write_number

__all__ = ["BadCursor", "Order", "Page", "fetch_page"]

RowT = TypeVar("RowT", bound=Model)


@dataclass(frozen=True, slots=True)
class Order:
    """By which field a list is ordered; the key always breaks ties, in the same direction."""

    field: str
    descending: bool = False

    @classmethod
    def parse(cls, text: str) -> "Order":
        """Read ``name`` or ``-name``."""
        return cls(text.removeprefix("-"), text.startswith("-"))

    def __str__(self) -> str:
        return f"-{self.field}" if self.descending else self.field


@dataclass(frozen=True, slots=True)
class Page(Generic[RowT]):
    """Rows of one page and the query strings that lead on; None where there is nothing further.

    ``start`` is the position of the first row counted from 1, None when it cannot be told: the last
    page of a list that was not counted. ``count`` None means many.
    """

    rows: Sequence[RowT]
    first: str | None
    previous: str | None
    next: str | None
    last: str | None
    start: int | None
    count: int | None

    @property
    def end(self) -> int | None:
        return self.start + len(self.rows) - 1 if self.start and self.rows else None

    @property
    def start_text(self) -> str:
        return write_number(self.start or 0)

    @property
    def end_text(self) -> str:
        return write_number(self.end or 0)


def fetch_page(
    queryset: QuerySet[RowT],
    *,
    order: Order,
    size: int,
    query: QueryDict,
    count: int | None = None,
) -> Page[RowT]:
    """Fetch the page that the address (``query``) names, in one query, two where values run out.

    ``count`` is only shown and used for positions; counting is the caller's business.

    Raises:
        BadCursor: the address names a page that this list and order do not have.
    """
    walk = _Walk(queryset, order)
    cursor = read_cursor(query.get(PAGE, ""), order=str(order), field=walk.field, key=walk.key)
    backwards = cursor is not None and cursor.backwards
    rows = walk.fetch(cursor, limit=size + 1)
    more = len(rows) > size
    rows = rows[:size]
    if cursor is not None and not cursor.is_end and len(rows) < (size if backwards else 1):
        # Rows went away since the link was made: show the whole first page, or the new last one.
        elsewhere = _with_page(query, None if backwards else LAST)
        return fetch_page(queryset, order=order, size=size, query=elsewhere, count=count)
    if backwards:
        rows.reverse()
    start = _start(cursor, len(rows), size=size, count=count)
    earlier = more if backwards else cursor is not None
    later = (cursor is not None and not cursor.is_end) if backwards else more
    return Page(
        rows=rows,
        first=link_with(query, page=None) if earlier else None,
        previous=walk.link(query, rows[0], start, backwards=True) if earlier and rows else None,
        next=walk.link(query, rows[-1], start and start + len(rows), backwards=False)
        if later and rows
        else None,
        last=link_with(query, page=LAST) if later else None,
        start=start if rows else None,
        count=count,
    )


def _with_page(query: QueryDict, page: str | None) -> QueryDict:
    return QueryDict(link_with(query, page=page).removeprefix("?"))


def _start(cursor: Cursor | None, found: int, *, size: int, count: int | None) -> int | None:
    """Return the position of the page's first row, if it can be told without counting."""
    if cursor is None:
        return 1
    if cursor.is_end:
        return count - found + 1 if count else None
    if cursor.position is None:
        return None
    return max(cursor.position - size, 1) if cursor.backwards else cursor.position


class _Walk(Generic[RowT]):
    """One list in one order, to be entered at a cursor."""

    def __init__(self, queryset: QuerySet[RowT], order: Order) -> None:
        self.queryset = queryset
        self.order = order
        self.key = queryset.model._meta.pk
        self.field = field_of(queryset, order.field)
        self.by_key_only = self.field is self.key
        self.nullable = is_nullable(queryset, order.field)

    def fetch(self, cursor: Cursor | None, *, limit: int) -> list[RowT]:
        """Return up to ``limit`` rows on from the cursor, in the direction it goes."""
        downwards = self.order.descending != (cursor is not None and cursor.backwards)
        rows = self.queryset.order_by(*self._ordering(downwards=downwards))
        if cursor is None or cursor.is_end:
            return list(rows[:limit])
        if self.by_key_only:
            return list(rows.filter(row_after(["pk"], [cursor.key], below=downwards))[:limit])
        names, values = [self.order.field, "pk"], [cursor.value, cursor.key]
        without_value = {f"{self.order.field}__isnull": True}
        with_value = {f"{self.order.field}__isnull": False}
        if cursor.value is None:
            found = list(
                rows.filter(row_after(["pk"], [cursor.key], below=downwards), **without_value)[
                    :limit
                ]
            )
            rest = rows.filter(**with_value) if downwards else None
        else:
            found = list(rows.filter(row_after(names, values, below=downwards))[:limit])
            rest = rows.filter(**without_value) if self.nullable and not downwards else None
        if rest is not None and len(found) < limit:
            found += rest[: limit - len(found)]
        return found

    def link(self, query: QueryDict, row: RowT, position: int | None, *, backwards: bool) -> str:
        """Return the query string of the page next to ``row``."""
        cursor = Cursor(
            value=None if self.by_key_only else value_of(row, self.order.field),
            key=row.pk,
            backwards=backwards,
            position=position,
        )
        return link_with(query, page=write_cursor(cursor, order=str(self.order)))

    def _ordering(self, *, downwards: bool) -> list[Any]:
        key = F("pk").desc() if downwards else F("pk").asc()
        if self.by_key_only:
            return [key]
        field = F(self.order.field)
        return [field.desc(nulls_first=True) if downwards else field.asc(nulls_last=True), key]
