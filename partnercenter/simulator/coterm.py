"""The days on which a term may be made to end so that it ends with another one.

Such a day lies within the first term and is the last day of a calendar month or of another active
seat subscription that is no trial. Source: section "Coterm rules" of the page "Align subscription
end dates in Partner Center".
"""

from collections.abc import Iterable
from datetime import date, timedelta

from partnercenter.simulator.subscription_terms import (
    Generation,
    Subscription,
    generation,
    last_day,
    status_of,
    term_end,
    term_months,
)
from partnercenter.simulator.worlds.billing_months import months_after

Ends = dict[date, list[str]]


def alignable_ends(
    subscriptions: Iterable[Subscription], *, months: int, start: date
) -> tuple[list[date], Ends]:
    """Return the month ends and the ends of other subscriptions that a new term may take.

    `months` is the length of the natural term. The second part holds, by day, the ids of the
    subscriptions that end then.
    """
    natural = term_end(start, months)
    ends: Ends = {}
    for subscription in subscriptions:
        day = last_day(subscription)
        if day is None or not start <= day <= natural or not _alignable(subscription, months):
            continue
        if months == 1 and day.day in (28, 29, 30) and day != _month_end(day):
            continue
        ends.setdefault(day, []).append(str(subscription["id"]))
    return list(_month_ends(start, natural)), dict(sorted(ends.items()))


def may_end_on(
    subscriptions: Iterable[Subscription], *, months: int, start: date, end: date
) -> bool:
    """Tell whether a term that starts on a day may end on another, its natural end included."""
    month_ends, others = alignable_ends(subscriptions, months=months, start=start)
    return end == term_end(start, months) or end in month_ends or end in others


def _alignable(subscription: Subscription, months: int) -> bool:
    if generation(subscription) is not Generation.SEATS or subscription.get("isTrial"):
        return False
    # A year must not end with something that ends every month anyway.
    return status_of(subscription) == "active" and (months == 1 or term_months(subscription) > 1)


def _month_ends(start: date, natural: date) -> Iterable[date]:
    day = _month_end(start)
    while day <= natural:
        yield day
        day = _month_end(day + timedelta(days=1))


def _month_end(day: date) -> date:
    return months_after(day.replace(day=1), 1) - timedelta(days=1)
