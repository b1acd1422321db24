"""The rows of exported reports: stable columns, exact numbers, formula-safe through the writer.

Whoever adds up the column ``total`` of a month, currency by currency, gets Microsoft's invoices:
unassigned tenants and adjustments are rows like the others.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.utils.text import slugify

from billing.invoices.amounts import exact
from billing.invoices.models import Invoice
from billing.invoices.months import write_month
from billing.reconciliation.assignment import IN_MONTH, OWNED_LINES, OWNED_TOTALS, stream
from billing.reconciliation.queries import reconcile
from billing.reports.lines import UNNAMED
from billing.reports.queries import require_month
from portal.core.access import Actor
from portal.core.audit import Entry, record_many
from portal.web.exports import CSV, table_response

REPORT_COLUMNS = (
    "month",
    "section",
    "organization_number",
    "organization",
    "tenant_id",
    "tenant",
    "domain",
    "invoice",
    "currency",
    "lines",
    "subtotal",
    "tax",
    "total",
)
LINE_COLUMNS = (
    "month",
    "invoice",
    "line",
    "section",
    "organization_number",
    "organization",
    "tenant_id",
    "customer",
    "domain",
    "subscription",
    "product",
    "sku",
    "charge_type",
    "quantity",
    "unit_price",
    "subtotal",
    "tax",
    "total",
    "currency",
    "charge_start",
    "charge_end",
    "provider",
)

SECTION = "CASE WHEN owner.id IS NULL THEN 'unassigned' ELSE 'assigned' END"
REPORT_ROWS = f"""
    WITH owned AS (
        SELECT invoice.reseller_id, invoice.number AS invoice, {SECTION} AS section,
            owner.organization_id, part.microsoft_id,
            coalesce(tenant.name, part.customer_name) AS name,
            coalesce(tenant.domain, part.customer_domain) AS domain,
            part.currency, part.lines, part.subtotal, part.tax, part.total
        {OWNED_TOTALS} {IN_MONTH} AND part.id IS NOT NULL
    )
    SELECT owned.section, coalesce(o.number, ''), coalesce(o.name, ''), owned.microsoft_id,
        owned.name, owned.domain, owned.invoice, owned.currency, owned.lines, owned.subtotal,
        owned.tax, owned.total
    FROM owned
    LEFT JOIN organizations_organization AS o
        ON o.reseller_id = owned.reseller_id AND o.id = owned.organization_id
    ORDER BY owned.section, o.number, owned.name, owned.microsoft_id, owned.invoice
"""  # noqa: S608  (constants of this floor, here and below)
LINES = f"""
    SELECT invoice.month, invoice.number, line.number, {SECTION},
        owner.organization_number, owner.organization, line.microsoft_id, line.customer_name,
        line.customer_domain, line.subscription, line.product, line.sku, line.charge_type,
        line.quantity, line.unit_price, line.subtotal, line.tax, line.total, line.currency,
        line.charge_start, line.charge_end, line.provider
    {OWNED_LINES}
"""
OF_INVOICE = " AND invoice.id = %(invoice)s"
IN_ORDER = " ORDER BY invoice.number, invoice.id, line.number"


def export_report(actor: Actor, month: date, *, as_format: str = CSV) -> HttpResponseBase:
    """Answer a month's report as CSV or XLSX and write down who took it.

    Raises:
        NotFound: no invoice of the month is here.
    """
    actor.require("reports.export")
    require_month(actor, month)
    written = write_month(month)
    record_export(actor, written, label=written)
    return table_response(
        name=f"report-{written}",
        header=REPORT_COLUMNS,
        rows=partial(report_rows, actor, month),
        actor=actor,
        as_format=as_format,
    )


def export_month_lines(actor: Actor, month: date, *, as_format: str = CSV) -> HttpResponseBase:
    """Answer every line of a month's invoices as CSV or XLSX and write down who took them.

    Raises:
        NotFound: no invoice of the month is here.
    """
    actor.require("reports.export")
    require_month(actor, month)
    written = write_month(month)
    record_export(actor, written, label=f"{written}, lines")
    return table_response(
        name=f"lines-{written}",
        header=LINE_COLUMNS,
        rows=partial(line_rows, actor, month=month),
        actor=actor,
        as_format=as_format,
    )


def export_invoice_lines(
    actor: Actor, invoice: Invoice, *, as_format: str = CSV
) -> HttpResponseBase:
    """Answer every line of an invoice as CSV or XLSX and write down who took them."""
    actor.require("reports.export")
    _record(actor, subject_type="billing.invoice", subject_id=str(invoice.pk), label=invoice.number)
    return table_response(
        name=f"lines-{write_month(invoice.month)}-{slugify(invoice.number)}",
        header=LINE_COLUMNS,
        rows=partial(line_rows, actor, invoice_id=invoice.pk),
        actor=actor,
        as_format=as_format,
    )


def record_export(actor: Actor, month: str, *, label: str) -> None:
    """Write down that somebody took something of a month's report."""
    _record(actor, subject_type="billing.report", subject_id=month, label=label)


def report_rows(actor: Actor, month: date) -> Iterator[Sequence[Any]]:
    """Yield a month's report, as `REPORT_COLUMNS` says, read while it is sent."""
    written = write_month(month)
    for section, number, name, microsoft_id, tenant, *rest in stream(
        REPORT_ROWS, actor=actor, month=month
    ):
        shown = UNNAMED if microsoft_id is None else tenant
        yield _plain((written, section, number, name, microsoft_id, shown, *rest))
    for part in reconcile(actor, month=month):
        if part.adjustments:
            nobody = ("", "", "", part.adjustment_kind, "")
            nothing = (0, Decimal(0), Decimal(0))
            money = (part.invoice, part.currency, *nothing, part.adjustments)
            yield _plain((written, "adjustment", *nobody, *money))


def line_rows(
    actor: Actor, *, month: date | None = None, invoice_id: UUID | None = None
) -> Iterator[Sequence[Any]]:
    """Yield the lines of a month or of one invoice, as `LINE_COLUMNS` says."""
    narrowed = (IN_MONTH if month else "") + (OF_INVOICE if invoice_id else "")
    rows = stream(LINES + narrowed + IN_ORDER, actor=actor, month=month, invoice=invoice_id)
    for first, *rest in rows:
        yield _plain((write_month(first), *rest))


def _record(actor: Actor, *, subject_type: str, subject_id: str, label: str) -> None:
    entry = Entry(subject_type=subject_type, subject_id=subject_id, subject_label=label)
    record_many(actor, "billing.report_exported", [entry])


def _plain(row: Sequence[Any]) -> list[Any]:
    return [exact(cell) if isinstance(cell, Decimal) else cell for cell in row]
