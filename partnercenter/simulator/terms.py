"""The arithmetic of commitments: how long a term lasts, how often it is billed, where it may end.

Durations are ISO 8601 as on the wire (P1M, P1Y, P3Y). The last day of a term belongs to it: bought
on 14 January for a year, it ends on 13 January.
"""

import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from partnercenter.simulator.worlds.billing_months import months_after

CENT = Decimal("0.01")
_SHARE = Decimal("0.000001")
_CYCLE_MONTHS = {"monthly": 1, "annual": 12, "triennial": 36}


def months_of(duration: str) -> int:
    """Return the length of a term in months; 0 for what is no number of months or years."""
    match = re.fullmatch(r"P(\d{1,2})([MY])", duration.upper())
    if match is None:
        return 0
    return int(match.group(1)) * (12 if match.group(2) == "Y" else 1)


def last_day(start: date, duration: str) -> date:
    """Return the last day of a term that starts on a day; without a duration, the day itself."""
    months = months_of(duration)
    return months_after(start, months) - timedelta(days=1) if months else start


def periods(duration: str, billing_cycle: str) -> int:
    """Return how many times a whole term is billed; once for cycles that are not periodic."""
    months = _CYCLE_MONTHS.get(billing_cycle)
    return max(months_of(duration) // months, 1) if months else 1


def first_period(start: date, end: date, billing_cycle: str) -> tuple[date, Decimal]:
    """Return the last day of the first billing period and the share of a whole one it is.

    The share is below one only when the term, cut short to end with others, ends within it.
    """
    months = _CYCLE_MONTHS.get(billing_cycle)
    if not months:
        return end, Decimal(1)
    whole = months_after(start, months) - timedelta(days=1)
    last = min(whole, end)
    return last, share(start, last, whole)


def share(start: date, last: date, whole: date) -> Decimal:
    """Return the part of the days from `start` to `whole` that ends with `last`."""
    if last == whole:
        return Decimal(1)
    days, all_days = (last - start).days + 1, (whole - start).days + 1
    return (Decimal(days) / all_days).quantize(_SHARE)


def cents(amount: Decimal) -> Decimal:
    """Return an amount in whole cents."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def is_month_end(day: date) -> bool:
    """Tell whether a day is the last of its month."""
    return day.day == monthrange(day.year, day.month)[1]


def refuse_end(
    end: date, *, start: date, duration: str, others: Iterable[tuple[date, str]]
) -> str | None:
    """Return why a term may not be cut short to end on a day, or None when it may.

    `others` are the end and the duration of the customer's other subscriptions. The rules are those
    of Microsoft's pages on subscriptions that end together.
    """
    natural = last_day(start, duration)
    if not start < end <= natural:
        return "The end date must lie within the first term."
    if end == natural:
        return None
    if is_month_end(end):
        return None
    matching = [other for day, other in others if day == end]
    if not matching:
        return "The end date is neither a month's end nor that of another subscription."
    monthly = months_of(duration) <= 1
    if monthly and end.day in (28, 29, 30):
        return "A monthly term cannot end on the 28th, 29th or 30th of a longer month."
    if not monthly and all(months_of(other) <= 1 for other in matching):
        return "A term of years cannot end with a monthly one."
    return None
