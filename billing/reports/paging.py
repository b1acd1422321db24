"""Pages of a report's lines, by number: their order is made of sums, which no index knows."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.http import QueryDict

from billing.reports.lines import Slice
from portal.web.paging import Page
from portal.web.sorting import PAGE, link_with

Line = TypeVar("Line")
SIZE = 50
HIGHEST = 1_000_000


def fetch_slice(
    fetch: Callable[..., Slice[Line]], query: QueryDict, *, size: int = SIZE
) -> Page[Any]:
    """Fetch the page the address names; one that does not exist is the first.

    ``fetch`` takes ``limit`` and ``offset``.
    """
    number = _read_number(query.get(PAGE, ""))
    found = fetch(limit=size, offset=(number - 1) * size)
    if not found.lines and number > 1:
        number, found = 1, fetch(limit=size, offset=0)
    last = max(-(-found.count // size), 1)

    def link(target: int) -> str | None:
        return link_with(query, page=str(target)) if 1 <= target <= last else None

    return Page(
        rows=found.lines,
        first=link(1) if number > 1 else None,
        previous=link(number - 1),
        next=link(number + 1),
        last=link(last) if number < last else None,
        start=(number - 1) * size + 1 if found.lines else None,
        count=found.count,
    )


def _read_number(text: str) -> int:
    digits = text if text.isascii() and text.isdigit() else "1"
    return min(max(int(digits[:9]), 1), HIGHEST)
