"""What of a tenant's invoices follows when it moves: decided without a database.

A month goes whole, by its first day, as links own months whole.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

CLOSED = "Closed"
BEFORE = "Before the date"
NOBODYS = "Belongs to nobody"


@dataclass(frozen=True, slots=True)
class Bill:
    """What a tenant has on one invoice, in one currency, and whose that is ("": nobody's)."""

    month: date
    invoice_id: UUID
    invoice: str
    currency: str
    lines: int
    total: Decimal
    owner: str = ""
    is_live: bool = False
    """Whether the link that holds now owns it."""


@dataclass(frozen=True, slots=True)
class Travel:
    """A bill, and why it stays; "" where it goes along."""

    bill: Bill
    stays: str = ""

    @property
    def goes(self) -> bool:
        return not self.stays


@dataclass(frozen=True, slots=True)
class Moved:
    """What goes along in one currency."""

    currency: str
    lines: int
    total: Decimal


def decide(bills: Iterable[Bill], *, day: date | None, closed: date | None) -> list[Travel]:
    """Say of each bill whether it goes along from ``day`` on (None: all that is open)."""
    return [Travel(bill, _stays(bill, day=day, closed=closed)) for bill in bills]


def moved(travels: Iterable[Travel]) -> list[Moved]:
    """Add up what goes along, each currency by itself, in the order of their codes."""
    sums: dict[str, Moved] = {}
    for bill in (travel.bill for travel in travels if travel.goes):
        so_far = sums.get(bill.currency, Moved(bill.currency, 0, Decimal(0)))
        sums[bill.currency] = Moved(
            bill.currency, so_far.lines + bill.lines, so_far.total + bill.total
        )
    return [sums[code] for code in sorted(sums)]


def _stays(bill: Bill, *, day: date | None, closed: date | None) -> str:
    if closed and bill.month < closed:
        return CLOSED
    if not bill.is_live:
        return f"Belongs to {bill.owner}" if bill.owner else NOBODYS
    if day and bill.month < day:
        return BEFORE
    return ""
