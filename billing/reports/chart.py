"""The picture of the months: what is assigned, and what of each invoice belongs to nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from billing.reports.lines import MonthTotal
from portal.web.charts import Bar, BarChart, Segment, stacked_bars
from portal.web.wording import write_money

SERIES = ("Assigned", "Unassigned")
MONTHS = 12


@dataclass(frozen=True, slots=True)
class MonthChart:
    """One currency's months as bars, and what they say in a sentence."""

    currency: str
    chart: BarChart
    title: str
    description: str


def month_charts(totals: Sequence[MonthTotal]) -> list[MonthChart]:
    """Draw the newest twelve months of each currency, oldest on the left."""
    currencies = sorted({total.currency for total in totals})
    return [
        _draw(code, [total for total in totals if total.currency == code]) for code in currencies
    ]


def _draw(currency: str, totals: Sequence[MonthTotal]) -> MonthChart:
    shown = sorted(totals, key=lambda total: total.month)[-MONTHS:]
    unassigned = sum((total.unassigned for total in shown), Decimal(0))
    return MonthChart(
        currency=currency,
        chart=stacked_bars([_bar(total) for total in shown]),
        title=f"Invoices by month, {currency}",
        description=(
            f"{write_money(unassigned, currency)} of"
            f" {write_money(sum((total.invoice_total for total in shown), Decimal(0)), currency)}"
            f" is unassigned, over {len(shown)} months."
        ),
    )


def _bar(total: MonthTotal) -> Bar:
    amounts = (total.assigned, total.unassigned)
    return Bar(
        label=f"{total.month:%b %Y}",
        segments=tuple(
            Segment(number, amount, f"{name} {write_money(amount, total.currency)}")
            for number, (name, amount) in enumerate(zip(SERIES, amounts, strict=True), start=1)
        ),
    )
