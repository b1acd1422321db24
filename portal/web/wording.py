"""How numbers, money, moments and ids read on a page: pure functions without HTML.

They sit apart from the tags so that mails, exports and tests use the very same words. Relative
times take the present as an argument; nothing here looks at a clock. Numbers and money follow the
reseller's locale; the words of dates stay in the language of the page around them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from functools import lru_cache
from uuid import UUID

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal
from django.conf import settings

from portal.core.money import round_amount

SHORT_ID_LENGTH = 8
MINUTE, HOUR, DAY = 60, 3600, 86_400
RELATIVE_DAYS = 30
"""Beyond this many days a date says more than a distance."""


_number_locale: ContextVar[str] = ContextVar("number_locale", default="")


@contextmanager
def numbers_in(locale: str) -> Iterator[None]:
    """Write numbers and money in ``locale`` (such as ``nl_NL``) while the block runs."""
    token = _number_locale.set(locale)
    try:
        yield
    finally:
        _number_locale.reset(token)


def number_locale() -> Locale:
    """Return the locale of numbers: the one set by `numbers_in`, else the page's."""
    return _parse(_number_locale.get() or settings.LANGUAGE_CODE)


def page_locale() -> Locale:
    """Return the locale the words of pages are written in."""
    return _parse(settings.LANGUAGE_CODE)


@lru_cache(maxsize=64)
def _parse(name: str) -> Locale:
    return Locale.parse(name.replace("-", "_"))


def write_money(amount: Decimal, currency: str) -> str:
    """Write an amount with its currency, rounded half up to the currency's own places.

    Raises:
        TypeError: the amount is not a Decimal; a float has already lost the cents.
    """
    if not isinstance(amount, Decimal):
        raise TypeError(f"Money is written from a Decimal, not from {type(amount).__name__}.")
    return format_currency(round_amount(amount, currency), currency, locale=number_locale())


def write_number(value: int | Decimal) -> str:
    """Write a number with the locale's grouping."""
    return format_decimal(value, locale=number_locale())


def write_count(count: int, one: str, many: str = "") -> str:
    """Write ``1 tenant`` or ``1,284 tenants``; the plural is the singular with s unless given."""
    return f"{write_number(count)} {one if count == 1 else many or one + 's'}"


def write_exact(value: datetime | date) -> str:
    """Write a moment in full with its zone, or a day without one."""
    if isinstance(value, datetime):
        return _write_moment(value, value.tzinfo, page_locale())
    return format_date(value, "d MMMM y", locale=page_locale())


@lru_cache(maxsize=1024)
def _write_moment(value: datetime, _zone: tzinfo | None, locale: Locale) -> str:
    """Write a moment; kept, because what one run changed changed at one moment in all its rows.

    The zone is part of the key: moments that are the same are equal in every zone.
    """
    return format_datetime(value, "d MMMM y, HH:mm:ss zzz", locale=locale)


def write_relative(value: datetime, now: datetime) -> str:
    """Write how long ago or ahead a moment is; past `RELATIVE_DAYS` the date itself."""
    seconds = (now - value).total_seconds()
    distance = abs(seconds)
    if distance < MINUTE:
        return "just now" if seconds >= 0 else "in less than a minute"
    if distance >= RELATIVE_DAYS * DAY:
        return format_date(value.astimezone(now.tzinfo or UTC), "d MMM y", locale=page_locale())
    size, unit = next(
        (size, unit)
        for size, unit in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"))
        if distance >= size
    )
    words = write_count(int(distance // size), unit)
    return f"{words} ago" if seconds >= 0 else f"in {words}"


def write_month(value: date) -> str:
    """Write the month a date lies in."""
    return format_date(value, "LLLL y", locale=page_locale())


def shorten_id(value: UUID | str) -> str:
    """Return the first characters of an id: enough to recognise, never enough to look up by."""
    text = str(value)
    return text if len(text) <= SHORT_ID_LENGTH + 1 else f"{text[:SHORT_ID_LENGTH]}…"


def initials(name: str) -> str:
    """Return up to two capitals of a person's name or address, for the round badge."""
    words = [
        word for word in name.replace("@", " ").replace(".", " ").split() if word[:1].isalnum()
    ]
    return "".join(word[0] for word in words[:2]).upper() or "?"
