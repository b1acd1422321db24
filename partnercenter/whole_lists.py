"""Lists that come in one answer.

Microsoft promises no paging for them, so none is asked for; but should one of them lead to a next
page one day, half a list must not pass for the whole.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from partnercenter.errors import MalformedAnswer, PagingError
from partnercenter.schemas.fields import Fields

T = TypeVar("T")


def whole_list(read: Callable[[Any], T]) -> Callable[[object], tuple[T, ...]]:
    """Return a reader of a collection whose items ``read`` makes.

    It raises: PagingError when there is more than one page or an item cannot be read.
    """

    def read_all(body: object) -> tuple[T, ...]:
        fields = Fields(body)
        rows = fields.get("items")
        if not isinstance(rows, list):
            raise PagingError("A list has no items.")
        links = fields.inner("links")
        if (links and links.get("next") is not None) or fields.text("continuationtoken"):
            raise PagingError("A list has more pages than were expected.", transient=False)
        try:
            return tuple(read(row) for row in rows)
        except MalformedAnswer as error:
            failure = PagingError(error.message, transient=False)
        raise failure

    return read_all
