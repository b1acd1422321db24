"""What happened to a customer's subscriptions in the billed months, as the charges it caused.

A story is a small, complete piece of billing life: seats that run on, seats bought, added, given
back, credited. A customer's invoice lines are stories put together until the wanted number of
lines is reached exactly, so that sizes can be promised and every refund has its charge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from random import Random

from partnercenter.simulator.worlds.billing_months import Month, months_after
from partnercenter.simulator.worlds.catalogue import (
    LEGACY_OFFERS,
    MONTHLY,
    OFFERINGS,
    YEARLY_PAID_AT_ONCE,
    YEARLY_PAID_MONTHLY,
    LegacyOffer,
    Offering,
    Term,
)
from partnercenter.simulator.worlds.chance import random_id

_PART = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Seats:
    """A new-commerce subscription; `quantity` is what it holds after its last charge."""

    id: str
    order_id: str
    offering: Offering
    term: Term
    quantity: int
    start: date
    end: date
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class LegacySeats:
    """A subscription from before new commerce, billed on the recurring invoice."""

    id: str
    billing_id: str
    order_id: str
    offer: LegacyOffer
    quantity: int
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Charge:
    """One invoice row: `month` is an index into the billed months.

    `share` is the part of the price of a whole billing period that is charged; `billable` is the
    number of seats, negative when money goes back. Rows with one `reference` are one change.
    """

    month: int
    kind: str
    billable: int
    share: Decimal
    start: date
    end: date
    reference: str


Subscription = Seats | LegacySeats
Story = tuple[Subscription, list[Charge]]


def tell_stories(
    count: int, *, months: tuple[Month, ...], rng: Random, legacy_first: bool
) -> Iterator[Story]:
    """Yield stories with exactly `count` charges in all.

    `legacy_first` makes the first story one of the time before new commerce.
    """
    left = count
    if legacy_first and left:
        yield _legacy(months, rng)
        left -= 1
    while left:
        fitting = [entry for entry in _STORIES if entry[0] <= left]
        _, _, tell = rng.choices(fitting, weights=[weight for _, weight, _ in fitting])[0]
        story = tell(months, rng)
        left -= len(story[1])
        yield story


def _running(months: tuple[Month, ...], rng: Random) -> Story:
    seats = _seats(months, rng, YEARLY_PAID_MONTHLY, started_before=rng.randrange(1, 9))
    return seats, [_full_month(months, at, seats, "cycleCharge", rng) for at in range(len(months))]


def _bought(months: tuple[Month, ...], rng: Random, *, at: int) -> Story:
    """Bought at the start of month `at` and charged every month since."""
    seats = _seats(months, rng, rng.choice((MONTHLY, YEARLY_PAID_MONTHLY)), starts_in=at)
    # A monthly commitment ends every month and is renewed; a yearly one only bills the next cycle.
    kind = "renew" if seats.term is MONTHLY else "cycleCharge"
    later = [_full_month(months, place, seats, kind, rng) for place in range(at + 1, len(months))]
    return seats, [_full_month(months, at, seats, "new", rng), *later]


def _paid_for_a_year(months: tuple[Month, ...], rng: Random) -> Story:
    at = rng.randrange(len(months))
    seats = _seats(months, rng, YEARLY_PAID_AT_ONCE, starts_in=at)
    kind = rng.choice(("new", "renew", "renew"))
    year = Charge(at, kind, seats.quantity, Decimal(1), seats.start, seats.end, random_id(rng))
    return seats, [year]


def _seats_changed(months: tuple[Month, ...], rng: Random) -> Story:
    """Runs on, and once the number of seats changes: the old is refunded, the new charged."""
    seats = _seats(months, rng, YEARLY_PAID_MONTHLY, started_before=rng.randrange(1, 9))
    at = rng.randrange(len(months))
    before = seats.quantity + rng.choice((-2, -1, 1, 2, 3))
    before = before if before > 0 else seats.quantity + 1
    month = months[at]
    day = rng.randrange(2, 28)
    share = (Decimal(month.days - day + 1) / month.days).quantize(_PART)
    start, reference = month.first.replace(day=day), random_id(rng)
    charges = [
        Charge(
            place,
            "cycleCharge",
            before if place <= at else seats.quantity,
            Decimal(1),
            months[place].first,
            months[place].last,
            random_id(rng),
        )
        for place in range(len(months))
    ]
    refund = Charge(at, "removeQuantity", -before, share, start, month.last, reference)
    charge = Charge(at, "addQuantity", seats.quantity, share, start, month.last, reference)
    return seats, [*charges, refund, charge]


def _cancelled(months: tuple[Month, ...], rng: Random) -> Story:
    """Bought and given back within the week in which that is allowed."""
    at = rng.randrange(len(months))
    seats = _seats(months, rng, MONTHLY, starts_in=at, cancelled=True)
    bought = _full_month(months, at, seats, "new", rng)
    kept = rng.randrange(1, 7)
    share = (Decimal(months[at].days - kept) / months[at].days).quantize(_PART)
    back = Charge(
        at,
        "cancelImmediate",
        -seats.quantity,
        share,
        months[at].first + timedelta(days=kept),
        months[at].last,
        bought.reference,
    )
    return seats, [bought, back]


def _credited(months: tuple[Month, ...], rng: Random) -> Story:
    """Runs on, and Microsoft gives back part of a month for an outage."""
    seats, charges = _running(months, rng)
    at = rng.randrange(len(months))
    share = Decimal(rng.randrange(5, 26)) / 100
    month = months[at]
    credit = Charge(
        at,
        "customerCredit",
        -seats.quantity,
        share,
        month.first,
        month.last,
        random_id(rng),
    )
    return seats, [*charges, credit]


def _legacy(months: tuple[Month, ...], rng: Random) -> Story:
    """Billed on the oldest month's recurring invoice; the subscription has moved on since."""
    month = months[0]
    start = months_after(month.first, -rng.randrange(3, 11))
    offer = rng.choice(LEGACY_OFFERS)
    seats = LegacySeats(
        id=random_id(rng),
        billing_id=f"{rng.getrandbits(48):012X}AAEA",
        order_id=str(rng.randrange(10**17, 10**18)),
        offer=offer,
        quantity=rng.randrange(1, 26),
        start=start,
        end=months_after(start, 12) - timedelta(days=1),
    )
    kind = "Cycle fee"
    charge = Charge(0, kind, seats.quantity, Decimal(1), month.first, month.last, random_id(rng))
    return seats, [charge]


_Tell = Callable[[tuple[Month, ...], Random], Story]
# Number of charges, weight among the stories that fit, and the story itself.
_STORIES: tuple[tuple[int, int, _Tell], ...] = (
    (1, 8, _paid_for_a_year),
    (1, 4, partial(_bought, at=2)),
    (1, 2, _legacy),
    (2, 6, partial(_bought, at=1)),
    (2, 4, _cancelled),
    (3, 50, _running),
    (3, 6, partial(_bought, at=0)),
    (4, 6, _credited),
    (5, 14, _seats_changed),
)


def _seats(
    months: tuple[Month, ...],
    rng: Random,
    term: Term,
    *,
    started_before: int = 0,
    starts_in: int = 0,
    cancelled: bool = False,
) -> Seats:
    """Return seats that start in billed month `starts_in`, or some months before the first one."""
    start = months_after(months[starts_in].first, -started_before)
    length = 1 if term.duration == "P1M" else 12
    end = months_after(start, length) - timedelta(days=1)
    while end < months[-1].last and not cancelled:
        end = months_after(end + timedelta(days=1), length) - timedelta(days=1)
    return Seats(
        id=random_id(rng),
        order_id=f"{rng.getrandbits(48):012x}",
        offering=rng.choice(OFFERINGS),
        term=term,
        quantity=_quantity(rng, most=150 if term.billing_cycle == "monthly" else 12),
        start=start,
        end=end,
        cancelled=cancelled,
    )


def _quantity(rng: Random, *, most: int) -> int:
    # Many small firms, few large ones; who pays a year at once seldom does so for many seats.
    return min(int(rng.paretovariate(1.1) * 3), most)


def _full_month(months: tuple[Month, ...], at: int, seats: Seats, kind: str, rng: Random) -> Charge:
    month = months[at]
    return Charge(at, kind, seats.quantity, Decimal(1), month.first, month.last, random_id(rng))
