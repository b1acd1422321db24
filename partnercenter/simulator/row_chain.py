"""Rows that lie in several places, read as one list by position.

What a world's file holds and what was charged since are one listing to whoever asks.
"""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Protocol

Row = dict[str, Any]


class SizedRows(Protocol):
    """Rows whose number is known; `version` differs when their content does."""

    @property
    def version(self) -> str: ...

    def __len__(self) -> int: ...

    def page(self, offset: int, limit: int) -> Sequence[Row]: ...

    def raw_page(self, offset: int, limit: int) -> Sequence[bytes]: ...


class RowList:
    """Rows in memory."""

    def __init__(self, rows: Sequence[Row], *, version: str) -> None:
        self._rows = rows
        self.version = version

    def __len__(self) -> int:
        return len(self._rows)

    def page(self, offset: int, limit: int) -> Sequence[Row]:
        """Return up to `limit` rows from the zero-based `offset`."""
        return self._rows[offset : offset + limit]

    def raw_page(self, offset: int, limit: int) -> list[bytes]:
        """Return the same rows as `page` as JSON."""
        return [as_json(row).encode() for row in self.page(offset, limit)]


class RowChain:
    """Several lists of rows, one behind the other."""

    def __init__(self, parts: Sequence[SizedRows]) -> None:
        self._parts = parts

    @property
    def version(self) -> str:
        return " ".join(part.version for part in self._parts)

    def __len__(self) -> int:
        return sum(len(part) for part in self._parts)

    def page(self, offset: int, limit: int) -> list[Row]:
        """Return up to `limit` rows from the zero-based `offset`."""
        found: list[Row] = []
        for part, first in self._starts(offset):
            found += part.page(first, limit - len(found))
        return found

    def raw_page(self, offset: int, limit: int) -> list[bytes]:
        """Return the same rows as `page` as JSON."""
        found: list[bytes] = []
        for part, first in self._starts(offset):
            found += part.raw_page(first, limit - len(found))
        return found

    def _starts(self, offset: int) -> list[tuple[SizedRows, int]]:
        starts = []
        for part in self._parts:
            starts.append((part, max(offset, 0)))
            offset -= len(part)
        return starts


def as_json(row: Row) -> str:
    """Return a row as one line of JSON, its exact numbers as JSON numbers."""
    return _ENCODER.encode(row)


def _plain(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} cannot be sent as JSON")


# Made once: a million rows would each make their own otherwise.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_plain)
