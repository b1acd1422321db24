"""Which charges a subscription causes, and for which part of its billing period.

Time alone causes two kinds: `renew` at the start of a new term and `cycleCharge` at each later
billing period of it. Every change in between gives back what is left of the period at the old
state and charges it at the new one, by the day and under one reference. What is not billed causes
none: expired, disabled and deleted subscriptions, trials, and all from before new commerce. A
suspended subscription goes on being billed.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from partnercenter.simulator.fields import fold
from partnercenter.simulator.lifecycle import settle
from partnercenter.simulator.subscription_terms import (
    Generation,
    Subscription,
    cycle_months,
    first_day,
    generation,
    last_day,
    midnight,
    status_of,
)
from partnercenter.simulator.worlds.billing_months import months_after

_PART = Decimal("0.000001")
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Charge:
    """One row to come: `seats` is negative when money goes back, `share` the part of a period.

    `start` and `end` are its first and last day, `subscription` the state whose price it bears;
    charges with one `reference` are one change.
    """

    subscription: Subscription
    kind: str
    seats: int
    share: Decimal
    start: date
    end: date
    at: datetime
    reference: str


@dataclass(frozen=True, slots=True)
class Period:
    """A billing period: its days, and how many it would have if the term did not cut it."""

    start: date
    end: date
    days: int

    def share_from(self, day: date) -> Decimal:
        """Return the part of the period's price that is due from a day to its end."""
        left = (self.end - max(day, self.start)).days + 1
        return (Decimal(left) / self.days).quantize(_PART)


def is_billed(subscription: Subscription) -> bool:
    """Tell whether a subscription in this state causes charges at all."""
    if subscription.get("isTrial") or cycle_months(subscription.get("billingCycle")) is None:
        return False
    if fold(subscription.get("billingType") or "license") != "license":
        return False
    # Legacy subscriptions are billed on the recurring invoice, in rows of another kind.
    if generation(subscription) is Generation.LEGACY:
        return False
    return status_of(subscription) in ("active", "suspended")


def period_at(subscription: Subscription, day: date) -> Period | None:
    """Return the billing period a day lies in; None outside the term."""
    return next(
        (one for one in _periods(subscription) if one.start <= day <= one.end),
        None,
    )


def charges_between(subscription: Subscription, start: datetime, end: datetime) -> list[Charge]:
    """Return the renewals and periodic charges that fall due after `start`, up to `end`.

    The subscription is taken as it stands at `start`; what time does to it until `end` is worked
    out, what people do to it is not.
    """
    resource, _ = settle(subscription, start)
    _, steps = settle(resource, end)
    due: list[Charge] = []
    since = start
    for step in steps:
        due += _cycle_charges(resource, since, step.at - timedelta(microseconds=1))
        resource, since = step.after, step.at
        if step.kind == "renewed":
            due += _renewal(resource, step.at)
    return due + _cycle_charges(resource, since, end)


def first_charge(subscription: Subscription, at: datetime) -> list[Charge]:
    """Return what a subscription is charged at its purchase."""
    return _partial(
        subscription, at, "new", int(subscription.get("quantity") or 0), new_reference()
    )


def changed_seats(before: Subscription, after: Subscription, at: datetime) -> list[Charge]:
    """Return the pair of a change of seats: the old refunded, the new charged, to the period's end.

    There is none when the seats stayed the same or nothing is billed.
    """
    old, new = int(before.get("quantity") or 0), int(after.get("quantity") or 0)
    if old == new:
        return []
    return _pair(before, after, at, kinds=("removeQuantity", "addQuantity"), seats=(old, new))


def changed_plan(before: Subscription, after: Subscription, at: datetime) -> list[Charge]:
    """Return the pair of a switch to another billing cycle."""
    seats = int(after.get("quantity") or 0)
    return _pair(
        before, after, at, kinds=("changeBillingPlan", "changeBillingPlan"), seats=(seats, seats)
    )


def cancelled(before: Subscription, at: datetime) -> list[Charge]:
    """Return the refund of a cancellation, by the day; all of it on the first day."""
    seats = int(before.get("quantity") or 0)
    return _partial(before, at, "cancelImmediate", -seats, new_reference())


def moved(
    source: Subscription, target: Subscription, seats: int, at: datetime, *, merged: bool
) -> tuple[list[Charge], list[Charge]]:
    """Return the charges of a transition: those of the source and those of the target."""
    reference = new_reference()
    kind = "moveQuantity" if merged else "convert"
    return (
        _partial(source, at, "removeQuantity", -seats, reference),
        _partial(target, at, kind, seats, reference),
    )


def new_reference() -> str:
    """Return a reference for one change."""
    return str(uuid.uuid4())


def _pair(
    before: Subscription,
    after: Subscription,
    at: datetime,
    *,
    kinds: tuple[str, str],
    seats: tuple[int, int],
) -> list[Charge]:
    reference = new_reference()
    return [
        *_partial(before, at, kinds[0], -seats[0], reference),
        *_partial(after, at, kinds[1], seats[1], reference),
    ]


def _partial(
    subscription: Subscription, at: datetime, kind: str, seats: int, reference: str
) -> list[Charge]:
    day = at.astimezone(UTC).date()
    period = period_at(subscription, day) if is_billed(subscription) else None
    if period is None or not seats:
        return []
    share = period.share_from(day)
    return [Charge(subscription, kind, seats, share, day, period.end, at, reference)]


def _renewal(subscription: Subscription, at: datetime) -> list[Charge]:
    period = next(_periods(subscription), None) if is_billed(subscription) else None
    if period is None:
        return []
    return [_whole(subscription, "renew", period, at)]


def _cycle_charges(subscription: Subscription, after: datetime, until: datetime) -> list[Charge]:
    if not is_billed(subscription):
        return []
    later = list(_periods(subscription, until=until.astimezone(UTC).date()))[1:]
    return [
        _whole(subscription, "cycleCharge", period, midnight(period.start))
        for period in later
        if after < midnight(period.start) <= until
    ]


def _whole(subscription: Subscription, kind: str, period: Period, at: datetime) -> Charge:
    # The same charge asked for twice must be the same row, so its reference follows from it.
    name = f"{subscription.get('id')}/{kind}/{period.start}"
    return Charge(
        subscription,
        kind,
        int(subscription.get("quantity") or 0),
        period.share_from(period.start),
        period.start,
        period.end,
        at,
        str(uuid.uuid5(uuid.NAMESPACE_URL, name.lower())),
    )


def _periods(subscription: Subscription, *, until: date | None = None) -> Iterator[Period]:
    """Yield the billing periods of the current term, the last one cut where the term ends."""
    start, months = first_day(subscription), cycle_months(subscription.get("billingCycle"))
    if start is None or months is None:
        return
    end = last_day(subscription) or until or start
    count = 0
    while True:
        first = months_after(start, count * months)
        if first > end:
            return
        following = months_after(start, (count + 1) * months)
        yield Period(first, min(following - _ONE_DAY, end), (following - first).days)
        count += 1
