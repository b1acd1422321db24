"""The arithmetic of a purchase: when its term ends, how often and for which share it is billed.

Durations are ISO 8601 as on the wire (P1M, P1Y, P3Y). The last day of a term belongs to it: bought
on 14 January for a year, it ends on 13 January.
"""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from partnercenter.simulator.subscription_terms import cycle_months, months_of, term_end

CENT = Decimal("0.01")
_SHARE = Decimal("0.000001")


def natural_end(start: date, duration: str) -> date:
    """Return the last day of a term that starts on a day; without a duration, the day itself."""
    months = months_of(duration)
    return term_end(start, months) if months else start


def periods(duration: str, billing_cycle: str) -> int:
    """Return how many times a whole term is billed; once for cycles that are not periodic."""
    months = cycle_months(billing_cycle)
    return max((months_of(duration) or 0) // months, 1) if months else 1


def first_period(start: date, end: date, billing_cycle: str) -> tuple[date, Decimal]:
    """Return the last day of the first billing period and the share of a whole one it is.

    The share is below one only when the term, cut short to end with others, ends within it.
    """
    months = cycle_months(billing_cycle)
    if not months:
        return end, Decimal(1)
    whole = term_end(start, months)
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
