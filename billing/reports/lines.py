"""What a line of the month's report is made of."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Generic, TypeVar
from uuid import UUID

from billing.reconciliation.reconcile import CurrencyTotal, Reconciliation, total_by_currency

UNNAMED = "Lines that name no tenant"
Line = TypeVar("Line")


@dataclass(frozen=True, slots=True)
class MonthTotal:
    """One month in one currency, for the list of months and the chart."""

    month: date
    currency: str
    invoices: int
    lines: int
    invoice_total: Decimal
    assigned: Decimal
    unassigned: Decimal
    adjustments: Decimal
    unassigned_parts: int

    @property
    def difference(self) -> Decimal:
        return self.invoice_total - self.assigned - self.unassigned - self.adjustments

    @property
    def is_complete(self) -> bool:
        """Whether nobody is left to assign; money that cancels out still belongs to somebody."""
        return self.unassigned_parts == 0 and self.difference == 0


@dataclass(frozen=True, slots=True)
class OrganizationLine:
    """What an organization has in a month, in one currency."""

    organization_id: UUID
    number: str
    name: str
    tenants: int
    currency: str
    lines: int
    subtotal: Decimal
    tax: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class TenantLine:
    """What a tenant has in a month, in one currency.

    ``microsoft_id`` None gathers the lines that name no tenant, which leaves nothing to link.
    """

    tenant_id: UUID | None
    microsoft_id: UUID | None
    name: str
    domain: str
    currency: str
    lines: int
    subtotal: Decimal
    tax: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class MonthReport:
    """A month: its invoices one by one, and added up per currency."""

    month: date
    invoices: tuple[Reconciliation, ...]
    unassigned_tenants: int

    @property
    def totals(self) -> list[CurrencyTotal]:
        return total_by_currency(self.invoices)

    @property
    def adjustments(self) -> list[Reconciliation]:
        """The invoices that hold money which is on no line."""
        return [part for part in self.invoices if part.adjustments]

    @property
    def agrees(self) -> bool:
        return all(part.difference == 0 for part in self.invoices)

    @property
    def is_complete(self) -> bool:
        """Whether every line belongs to an organization."""
        return self.agrees and self.unassigned_tenants == 0


@dataclass(frozen=True, slots=True)
class Slice(Generic[Line]):
    """Some of a report's lines, and how many there are in all."""

    lines: tuple[Line, ...]
    count: int
