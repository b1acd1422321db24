"""Does an invoice add up? The pure decision that stands before every publishing.

Microsoft's rules (Partner Center reconciliation, invoices): the total of an invoice is the sum of
its lines' totals. Three differences are normal and none is silent: in some countries tax stands on
the invoice only; invoices of the older recurring kind may be stated without the tax their lines
carry, and may hold adjustments that are on no line. Everything else means the lines are not the
invoice's, and nothing is published.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from babel.numbers import get_currency_precision

from billing.invoices.amounts import plain
from billing.invoices.models import Invoice
from portal.core.errors import InvalidInput

ZERO = Decimal(0)
HIGHEST_TAX = Decimal("0.30")
TAX_STEPS = (Decimal("0.001"), Decimal("0.00125"))
"""Rates taxes are set in: tenths of a per cent, and eighths for sales taxes."""

Kind = Invoice.AdjustmentKind


@dataclass(frozen=True, slots=True)
class Sums:
    """What the lines of an invoice add up to. ``repeated`` counts lines equal to an earlier one."""

    lines: int
    subtotal: Decimal
    tax: Decimal
    total: Decimal
    carries_tax: bool = False
    repeated: int = 0


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What an invoice's total holds beyond its lines, and what that is."""

    amount: Decimal = ZERO
    kind: str = Kind.NONE


def prove(*, number: str, total: Decimal, currency: str, is_legacy: bool, sums: Sums) -> Adjustment:
    """Return what stands between an invoice's total and its lines: nothing, or a known kind.

    Raises:
        InvalidInput: the lines cannot be those of the invoice; says by how much they differ.
    """
    difference = total - sums.total
    if difference == 0:
        return Adjustment()
    if not sums.repeated:
        if is_tax_of(difference, sums, currency=currency):
            return Adjustment(difference, Kind.HEADER_TAX)
        if is_legacy:
            untaxed = bool(sums.tax) and total == sums.subtotal
            return Adjustment(difference, Kind.UNTAXED_TOTAL if untaxed else Kind.NOT_IN_LINES)
    repeated = f" {sums.repeated} of them came more than once." if sums.repeated else ""
    raise InvalidInput(
        f"Invoice {number} is {plain(total)} {currency}, but its {sums.lines} lines add up to"
        f" {plain(sums.total)} {currency}, a difference of {plain(difference)}.{repeated}"
        " Nothing of it was published.",
        code="sum_differs",
        data={"invoice": number},
    )


def is_tax_of(difference: Decimal, sums: Sums, *, currency: str) -> bool:
    """Tell whether a difference is one tax on lines that carry none, at a rate taxes have.

    A missing line would have to be worth such a rate to the cent to pass for tax.
    """
    if sums.carries_tax or sums.total == 0:
        return False
    rate = difference / sums.total
    if not 0 < rate <= HIGHEST_TAX:
        return False
    smallest = Decimal(1).scaleb(-get_currency_precision(currency))
    nearest = [(rate / step).quantize(Decimal(1), ROUND_HALF_EVEN) * step for step in TAX_STEPS]
    return any(
        (sums.total * near).quantize(smallest, ROUND_HALF_UP) == difference for near in nearest
    )
