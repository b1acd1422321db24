"""Assigned and unassigned money against the invoice: arithmetic without a database.

Every amount of an invoice must be somewhere: with an organization, in Unassigned, or named as an
adjustment. What is left over is the difference, and the only right difference is zero.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """One invoice in one currency; each part is counted by itself, none from the others."""

    invoice_id: UUID
    invoice: str
    month: date
    currency: str
    invoice_total: Decimal
    assigned: Decimal = ZERO
    unassigned: Decimal = ZERO
    adjustments: Decimal = ZERO
    adjustment_kind: str = ""

    @property
    def difference(self) -> Decimal:
        """What the parts leave of the invoice."""
        return self.invoice_total - self.assigned - self.unassigned - self.adjustments


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyTotal:
    """Invoices in one currency, added up."""

    currency: str
    invoices: int = 0
    invoice_total: Decimal = ZERO
    assigned: Decimal = ZERO
    unassigned: Decimal = ZERO
    adjustments: Decimal = ZERO
    difference: Decimal = ZERO

    def plus(self, part: Reconciliation) -> "CurrencyTotal":
        """Return the total with one more invoice of the same currency in it."""
        return CurrencyTotal(
            currency=self.currency,
            invoices=self.invoices + 1,
            invoice_total=self.invoice_total + part.invoice_total,
            assigned=self.assigned + part.assigned,
            unassigned=self.unassigned + part.unassigned,
            adjustments=self.adjustments + part.adjustments,
            difference=self.difference + part.difference,
        )


def total_by_currency(parts: Iterable[Reconciliation]) -> list[CurrencyTotal]:
    """Add invoices up, each currency by itself, in the order of their codes."""
    totals: dict[str, CurrencyTotal] = {}
    for part in parts:
        so_far = totals.get(part.currency) or CurrencyTotal(currency=part.currency)
        totals[part.currency] = so_far.plus(part)
    return [totals[code] for code in sorted(totals)]
