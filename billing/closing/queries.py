"""Reading what is closed, and what stands in the way of closing a month."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils import timezone

from billing.closing.models import ClosedMonth
from billing.invoices.models import Invoice
from billing.reports.lines import MonthReport
from portal.core.access import Actor
from portal.core.books import month_after
from portal.core.rows import ScopedQuerySet
from portal.web.wording import write_count, write_money, write_month


@dataclass(frozen=True, slots=True)
class BooksOfMonth:
    """How a month stands in the books.

    ``closing`` holds it closed now; ``versions`` are all closings, newest first. A month that has
    invoices is closed by a closing of its own, because months are closed in their order.
    """

    month: date
    versions: tuple[ClosedMonth, ...]

    @property
    def closing(self) -> ClosedMonth | None:
        return next((row for row in self.versions if row.holds), None)

    @property
    def is_closed(self) -> bool:
        return self.closing is not None


def closings(actor: Actor) -> "ScopedQuerySet[ClosedMonth]":
    """Return every closing, the newest month and version first."""
    actor.require("reports.view")
    rows: ScopedQuerySet[ClosedMonth] = ClosedMonth.objects.visible_to(actor)
    return rows.order_by("-month", "-version")


def books_of(actor: Actor, month: date) -> BooksOfMonth:
    """Return how a month that has invoices stands (1 query)."""
    return BooksOfMonth(month, tuple(closings(actor).filter(month=month)))


def latest_closing(actor: Actor, *, before: date | None = None) -> ClosedMonth | None:
    """Return the newest month that is closed, or the newest before another (1 query)."""
    rows = closings(actor).filter(reopened_at=None)
    return (rows.filter(month__lt=before) if before else rows).first()


def hindrances(
    actor: Actor, report: MonthReport, *, closed: date | None, accept_unassigned: bool
) -> list[str]:
    """Return in sentences why a month cannot be closed; none if it can (2 queries)."""
    month, found = report.month, []
    name = write_month(month)
    if month_after(month) > timezone.localdate():
        found.append(f"{name} has not ended; it can be closed when it has.")
    rows = Invoice.objects.visible_to(actor)
    earlier = rows.filter(state=Invoice.State.PUBLISHED, month__lt=month)
    if closed:
        earlier = earlier.filter(month__gte=closed)
    first_open = earlier.order_by("month").values_list("month", flat=True).first()
    if first_open:
        found.append(f"Close {write_month(first_open)} first; months are closed in their order.")
    staged = rows.filter(state=Invoice.State.STAGED, month=month)
    numbers = list(staged.order_by("number").values_list("number", flat=True)[:5])
    if numbers:
        found.append(f"Invoice {', '.join(numbers)} is being imported; wait for the import to end.")
    for total in report.totals:
        if total.difference:
            found.append(
                f"{write_money(total.difference, total.currency)} of the invoices in"
                f" {total.currency} is unexplained. Import the month again."
            )
    if report.unassigned_tenants and not accept_unassigned:
        found.append(_unassigned(report))
    return found


def _unassigned(report: MonthReport) -> str:
    sums = [
        write_money(total.unassigned, total.currency)
        for total in report.totals
        if total.unassigned != Decimal(0)
    ]
    who = write_count(report.unassigned_tenants, "tenant")
    return (
        f"{who} with {' and '.join(sums) or 'lines that cancel out'} in Unassigned."
        " Link them, or accept with a reason that nobody is charged."
    )
