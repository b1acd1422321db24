"""The place in a list that a page begins at, as one opaque word of its address.

A cursor is not signed: it says nothing its reader may not know, since every row it leads to is
fetched through the reader's own scope. It is read as a stranger's word instead: anything that is
not exactly what this list writes is a `BadCursor`, before the database sees it.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Field

LAST = "last"
LONGEST = 2_000
"""Characters a cursor may have; a longer one was not written here."""
PARTS = 5


class BadCursor(ValueError):
    """An address names a page that does not exist in this list and order."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The row a page lies after, or before.

    ``position`` is what the page's first row is called, counted from 1, when that is known (for a
    page before the row: the row's own position). ``is_end``: the end of the list, not a row.
    """

    value: Any = None
    key: Any = None
    backwards: bool = False
    position: int | None = None
    is_end: bool = False


def write_cursor(cursor: Cursor, *, order: str) -> str:
    """Write a cursor for a list in this order."""
    parts = [
        order,
        int(cursor.backwards),
        None if cursor.value is None else _write_value(cursor.value),
        _write_value(cursor.key),
        cursor.position,
    ]
    text = json.dumps(parts, separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(
    text: str, *, order: str, field: "Field[Any, Any]", key: "Field[Any, Any]"
) -> Cursor | None:
    """Read the cursor of an address; an empty one is None, the beginning.

    Raises:
        BadCursor: it is not one this list writes in this order.
    """
    if not text:
        return None
    if text == LAST:
        return Cursor(backwards=True, is_end=True)
    try:
        written, backwards, value, key_text, position = _unpack(text)
        if written != order or backwards not in (0, 1):
            raise BadCursor
        return Cursor(
            value=None if value is None else _read_value(field, value),
            key=_read_value(key, key_text),
            backwards=bool(backwards),
            position=_read_position(position),
        )
    except (ValueError, TypeError, OverflowError, ValidationError):
        raise BadCursor("This page of the list does not exist.") from None


def _unpack(text: str) -> list[Any]:
    if len(text) > LONGEST:
        raise BadCursor
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        parts = json.loads(packed)
    except (binascii.Error, UnicodeError, RecursionError):
        raise BadCursor from None
    if not isinstance(parts, list) or len(parts) != PARTS:
        raise BadCursor
    return parts


def _write_value(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime | date) else str(value)


def _read_value(field: "Field[Any, Any]", text: Any) -> Any:
    """Turn the text into what the column holds, within the column's own limits."""
    if not isinstance(text, str) or "\x00" in text:
        raise BadCursor
    text.encode()  # refuses half of a surrogate pair, which the database would not take
    value = field.to_python(text)
    if value is None:
        raise BadCursor
    field.run_validators(value)
    return value


def _read_position(position: Any) -> int | None:
    if position is None:
        return None
    if type(position) is not int or position < 1:
        raise BadCursor
    return position
