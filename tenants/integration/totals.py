"""The step that adds up an invoice: its lines' totals against its header, to the cent.

Invoices of new commerce are read through Graph's export, which takes minutes, so the step is left
and taken up again; the older recurring ones are read page by page. Both are bounded: an invoice of
more lines than ``MOST_LINES`` is left to the import of its month, and the next older one is taken.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone

from partnercenter.errors import ExportExpired
from partnercenter.schemas.billing_export import ExportOperation
from partnercenter.schemas.line_items import LineItem
from portal.core.money import round_amount
from tenants.integration.reading import BILLING_LINES
from tenants.integration.steps import Bench, Later, Seen, Skipped, Wrong

MOST_LINES: Final = 100_000
"""Lines of one invoice a test reads."""
LONGEST_EXPORT: Final = timedelta(minutes=30)
POLL_SECONDS: Final = 10.0
LONGEST_POLL: Final = 60.0
REPORT_LINES: Final = 2_000


class TooLarge(Exception):
    """An invoice has more lines than a test reads."""


@dataclass(slots=True)
class Sums:
    """What the lines read so far add up to."""

    lines: int = 0
    subtotal: Decimal = Decimal(0)
    total: Decimal = Decimal(0)


def add_up_invoice(bench: Bench) -> Seen:
    """Compare the newest invoice that has lines with their sum.

    Raises:
        Skipped: no invoice, or none that is small enough.
        Later: Graph is still exporting.
        Wrong: the sum is another than the header's total, or a line is in another currency.
    """
    candidates = bench.kept_by("invoices")["invoices"]
    if not candidates:
        raise Skipped("There is no invoice yet, so there is nothing to add up.")
    passed_over: dict[str, str] = dict(bench.kept.get("passed_over", {}))
    for invoice in candidates:
        if invoice["id"] in passed_over:
            continue
        try:
            sums = _sums_of(bench, invoice)
        except TooLarge:
            why = f"more than {MOST_LINES:,} lines"
        else:
            if sums.lines or Decimal(invoice["total"]):
                return _compared(invoice, sums, passed_over)
            why = "no lines and no amount"
        passed_over[invoice["id"]] = why
        bench.keep(passed_over=passed_over, place=None)
    seen = _told(passed_over)
    raise Skipped(
        "None of the newest invoices was added up.",
        advice="Import a month's invoices: the import reads all lines and compares them.",
        seen=seen,
    )


def _sums_of(bench: Bench, invoice: dict[str, Any]) -> Sums:
    if invoice["new_commerce"]:
        lines: Iterable[LineItem] = _exported(bench, invoice)
    else:
        lines = _paged(bench, invoice)
    sums = Sums()
    for line in lines:
        if line.currency != invoice["currency"]:
            raise Wrong(
                f"Invoice {invoice['id']} is in {invoice['currency']}, but its line"
                f" {sums.lines + 1:,} is in {line.currency}.",
                code="mixed_currencies",
                advice="Tell Microsoft's support; such an invoice cannot be imported.",
            )
        sums.lines += 1
        sums.subtotal += line.subtotal
        sums.total += line.total
        if sums.lines > MOST_LINES:
            raise TooLarge
        if sums.lines % REPORT_LINES == 0:
            bench.running.report(note=f"{sums.lines:,} lines of {invoice['id']}")
    return sums


def _paged(bench: Bench, invoice: dict[str, Any]) -> Iterator[LineItem]:
    for provider in invoice["providers"]:
        for page in bench.center.invoices.line_items(invoice["id"], provider, BILLING_LINES):
            yield from page.items


def _exported(bench: Bench, invoice: dict[str, Any]) -> Iterator[LineItem]:
    """Yield the lines of Graph's export, asked for on the first visit, read on the last."""
    export = bench.center.billing_export
    place = bench.kept.get("place")
    if place is None:
        requested = export.request_billed(invoice["id"])
        bench.keep(place=requested.place, asked_at=timezone.now().isoformat())
        raise Later(_pause(requested.retry_after), waiting_for=f"the export of {invoice['id']}")
    try:
        operation = export.operation(place)
        if not operation.is_done:
            _wait_on(bench, invoice, operation)
        if operation.has_no_data:
            return
        if operation.manifest is None and not operation.manifest_address:
            raise Wrong(
                f"Graph could not export invoice {invoice['id']}: {operation.error_message}",
                code=f"export_failed_{operation.error_code}"[:60],
                advice="Run the test again; if it fails again, tell Microsoft's support.",
            )
        partner = bench.kept_by("application").get("tenant_id") or bench.connection.partner_tenant
        manifest = export.manifest(operation, partner_tenant=partner)
        yield from export.lines(manifest, invoice_id=invoice["id"])
    except ExportExpired:
        if bench.kept.get("asked_again"):
            raise
        bench.keep(place=None, asked_again=True)
        raise Later(0, waiting_for=f"another export of {invoice['id']}") from None


def _wait_on(bench: Bench, invoice: dict[str, Any], operation: ExportOperation) -> None:
    assert bench.step.started_at is not None
    if timezone.now() - bench.step.started_at > LONGEST_EXPORT:
        minutes = LONGEST_EXPORT.total_seconds() / 60
        raise Wrong(
            f"Graph has not exported invoice {invoice['id']} within {minutes:.0f} minutes.",
            code="export_slow",
            advice="Run the test again later; exports can wait in a queue at Microsoft.",
        )
    raise Later(_pause(operation.retry_after), waiting_for=f"the export of {invoice['id']}")


def _compared(invoice: dict[str, Any], sums: Sums, passed_over: dict[str, str]) -> Seen:
    currency = invoice["currency"]
    header = round_amount(Decimal(invoice["total"]), currency)
    total, subtotal = round_amount(sums.total, currency), round_amount(sums.subtotal, currency)
    seen: dict[str, int | str] = {
        "Invoice": invoice["id"],
        "Lines": sums.lines,
        "Sum of lines": f"{total} {currency}",
        "Total of header": f"{header} {currency}",
        **_told(passed_over),
    }
    if total == header:
        return seen
    if subtotal == header and not invoice["new_commerce"]:
        # Headers of recurring invoices may be stated without the tax their lines carry.
        return {**seen, "Compared": f"without tax: lines before tax are {subtotal} {currency}"}
    advice = (
        "The import of this month says what kind of difference it is and refuses what it cannot"
        " explain. Some countries state tax on the header only."
        if invoice["new_commerce"]
        else "Adjustments of recurring invoices can be missing from their lines. Compare with the"
        " invoice in Partner Center."
    )
    raise Wrong(
        f"The lines of invoice {invoice['id']} add up to {total} {currency}; its header says"
        f" {header} {currency}, a difference of {header - total} {currency}.",
        code="sum_differs",
        advice=advice,
        seen=seen,
    )


def _told(passed_over: dict[str, str]) -> dict[str, str]:
    return {f"Not added up: {number}": why for number, why in passed_over.items()}


def _pause(asked: float | None) -> float:
    return min(POLL_SECONDS if asked is None else max(asked, 1.0), LONGEST_POLL)
