"""Reading one JSON object by name, whatever the case of its keys.

Some routes answer ``CompanyName`` where others answer ``companyName``, and rows differ in which
keys they have. The spelling of a whole object is therefore learned once per set of keys and kept,
so that a million rows of one shape cost one look-up each.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from partnercenter.errors import MalformedAnswer

GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
# Stored as numeric(20,6): fourteen digits before the point.
MOST_DIGITS_BEFORE_POINT = 14
LONGEST_CACHED = 100

_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(?:\.[0-9]{0,40})?(?:[eE][+-]?[0-9]{1,2})?")
_US_DATE = re.compile(r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}:\d{2} [AP]M")
_KNOWN_SPELLINGS: dict[tuple[str, ...], Mapping[str, str]] = {}
_MOST_SPELLINGS = 256
_LONGEST_SPELLING = 4_096


def spelling(row: Mapping[str, Any]) -> Mapping[str, str]:
    """Return lower-case name to actual key of an object.

    Raises: MalformedAnswer when two keys differ only in case, because either could be meant.
    """
    keys = tuple(row)
    known = _KNOWN_SPELLINGS.get(keys)
    if known is not None:
        return known
    learned = {key.lower(): key for key in keys}
    if len(learned) != len(keys):
        raise MalformedAnswer("The answer spells one field in two ways.")
    # A stranger chooses the keys, so both the number and the length of what is kept are bounded.
    if len(_KNOWN_SPELLINGS) < _MOST_SPELLINGS and sum(map(len, keys)) <= _LONGEST_SPELLING:
        _KNOWN_SPELLINGS[keys] = learned
    return learned


class Fields:
    """One JSON object, read by lower-case names."""

    __slots__ = ("_spelling", "raw")

    def __init__(self, raw: object) -> None:
        if not isinstance(raw, dict):
            raise MalformedAnswer("The answer has something else where an object belongs.")
        self.raw: dict[str, Any] = raw
        self._spelling = spelling(raw)

    def get(self, *names: str) -> Any:
        """Return the first of these fields that is there and not null, or None."""
        for name in names:
            key = self._spelling.get(name)
            if key is not None and (value := self.raw[key]) is not None:
                return value
        return None

    def text(self, *names: str) -> str:
        """Return the first of these fields with any text; numbers are written out, others empty."""
        for name in names:
            key = self._spelling.get(name)
            if key is not None and (text := as_text(self.raw[key])):
                return text
        return ""

    def flag(self, name: str) -> bool | None:
        """Return a boolean field; None when absent or not a boolean."""
        value = self.get(name)
        return value if isinstance(value, bool) else None

    def inner(self, name: str) -> "Fields | None":
        """Return an object inside this one, or None."""
        value = self.get(name)
        return Fields(value) if isinstance(value, dict) else None

    def objects(self, name: str) -> "Iterator[Fields]":
        """Yield the objects of a list inside this one; other members are passed over."""
        value = self.get(name)
        for item in value if isinstance(value, list) else ():
            if isinstance(item, dict):
                yield Fields(item)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the texts of a list inside this one."""
        value = self.get(name)
        return tuple(as_text(item) for item in value) if isinstance(value, list) else ()

    def moment(self, name: str) -> datetime | None:
        """Return a date in UTC; None when absent, unreadable or one of the sentinels."""
        text = self.text(name)
        return as_moment(text) if 0 < len(text) <= LONGEST_CACHED else None

    def amount(self, *names: str) -> Decimal | None:
        """Return the first of these fields as an exact number; None when all are absent or blank.

        Raises: MalformedAnswer when it is there and no number we could store.
        """
        for name in names:
            key = self._spelling.get(name)
            value = None if key is None else self.raw[key]
            if value is not None and value != "":
                return as_amount(value, name)
        return None


def as_text(value: object) -> str:
    """Return text as it is and numbers written out; anything else is empty."""
    if isinstance(value, str):
        return value
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return str(value)
    return ""


def as_amount(value: object, name: str) -> Decimal:
    """Return money or a quantity exactly, from a JSON number or from text.

    Raises: MalformedAnswer when it is neither, or of a size no invoice has.
    """
    amount: Decimal | None = None
    if isinstance(value, str):
        # What is longer is no number, and must not fill the cache.
        amount = _written_amount(value) if len(value) <= LONGEST_CACHED else None
    elif isinstance(value, (Decimal, int)) and not isinstance(value, bool):
        amount = _storable(Decimal(value))
    if amount is None:
        raise MalformedAnswer(f"The answer has no possible number in {name}.")
    return amount


# The same prices and noughts fill an invoice's hundred thousand lines.
@lru_cache(maxsize=4_096)
def _written_amount(text: str) -> Decimal | None:
    text = text.strip()
    return _storable(Decimal(text)) if _NUMBER.fullmatch(text) else None


def _storable(amount: Decimal) -> Decimal | None:
    size = amount.adjusted()
    fits = -MOST_DIGITS_BEFORE_POINT * 3 < size < MOST_DIGITS_BEFORE_POINT
    return amount if fits or not amount else None


@lru_cache(maxsize=4_096)
def as_moment(text: str) -> datetime | None:
    """Return ISO 8601 (0 to 7 digits of fraction, with or without a zone) as a moment in UTC.

    Without a zone it is UTC. Years 1 and 9999 are Microsoft's "never" and "no end": None.
    """
    try:
        if _US_DATE.fullmatch(text):
            moment = datetime.strptime(text, "%m/%d/%Y %I:%M:%S %p")
        else:
            moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if not 1 < moment.year < 9999:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def as_guid(value: object) -> str | None:
    """Return a GUID in lower case, without braces; None when it is none."""
    if isinstance(value, str):
        text = value.strip().strip("{}").lower()
        if GUID.fullmatch(text):
            return text
    return None
