"""The staged version of an invoice: opened, filled batch by batch, thrown away when it fails.

Row-level security does not let COPY write into a table it guards, so a batch is copied into a
temporary table that ends with its transaction and goes on from there in one statement. What is
staged is shown to nobody and belongs to one job; a version left behind by a job that ended is
swept away by the next import of the same connection.
"""

import io
from collections.abc import Iterable
from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import Max

from billing.invoices.copying import COLUMNS, Batch
from billing.invoices.models import Invoice, InvoiceLine
from billing.invoices.months import month_of_header
from partnercenter.schemas.invoices import Invoice as Header
from portal.core.access import Actor
from portal.core.errors import InvalidInput
from portal.core.jobs.running import RunningJob
from portal.core.rows import ScopedQuerySet
from tenants.connections.models import Connection

SWEEP_ROWS = 50_000
MAKE_BATCH = f"""
    CREATE TEMPORARY TABLE billing_batch ON COMMIT DROP AS
    SELECT {COLUMNS} FROM billing_invoiceline WITH NO DATA
"""  # noqa: S608  (constants)
COPY_BATCH = f"COPY billing_batch ({COLUMNS}) FROM STDIN"
TAKE_BATCH = f"INSERT INTO billing_invoiceline ({COLUMNS}) SELECT {COLUMNS} FROM billing_batch"  # noqa: S608
COMPARED = (
    "month",
    "invoice_date",
    "period_start",
    "period_end",
    "document_type",
    "invoice_type",
    "currency",
    "total",
)
"""What makes a header another bill. What is paid of it, or where its PDF lies, does not."""


def read_header(header: Header) -> Invoice:
    """Return an unsaved invoice with what Microsoft's header says.

    Raises:
        InvalidInput: the header has no date.
    """
    month = month_of_header(header)
    if month is None:
        raise InvalidInput(
            f"Invoice {header.id} has no date, so its month is unknown; nothing of it was kept."
        )
    return Invoice(
        number=header.id[:60],
        month=month,
        invoice_date=_day(header.invoice_date),
        period_start=_day(header.period_start),
        period_end=_day(header.period_end),
        document_type=header.document_type[:40],
        invoice_type=header.invoice_type[:40],
        currency=header.currency,
        total=header.total,
        raw=dict(header.raw),
    )


def same_bill(one: Invoice, other: Invoice) -> bool:
    """Tell whether two headers bill the same."""
    return all(getattr(one, name) == getattr(other, name) for name in COMPARED)


def open_staged(draft: Invoice, *, source: Connection, running: RunningJob) -> Invoice:
    """Write the next version of an invoice, to be filled (inside a step)."""
    versions = Invoice.objects.visible_to(running.actor).filter(
        connection=source, number=draft.number
    )
    draft.reseller_id = running.actor.reseller_id
    draft.connection = source
    draft.job = running.job
    draft.version = (versions.aggregate(latest=Max("version"))["latest"] or 0) + 1
    draft.save(force_insert=True)
    return draft


def add_batches(batches: Iterable[Batch]) -> None:
    """Copy prepared lines in (inside a step)."""
    with connection.cursor() as cursor:
        cursor.execute(MAKE_BATCH)
        for batch in batches:
            # In one gulp: a small one each would wait for the thread that prepares what is next.
            cursor.copy_expert(COPY_BATCH, io.BytesIO(batch.text), size=len(batch.text) + 1)
        cursor.execute(TAKE_BATCH)


def sweep_staged(source: Connection, *, running: RunningJob, but: str | None = None) -> None:
    """Throw away what was staged for a connection, ``but`` one version, in steps of bounded size.

    Only one import of a connection runs at a time, so nobody is at work on what is found.
    """
    staged = _staged(source, actor=running.actor)
    with transaction.atomic():
        found = [row for row in staged if str(row.pk) != but]
    for invoice in found:
        removed = 1
        while removed:
            with running.step(note=f"Clearing up after {invoice.number}"):
                rows = InvoiceLine.objects.visible_to(running.actor).filter(invoice=invoice)
                some = rows.order_by("number").values("pk")[:SWEEP_ROWS]
                removed = rows.filter(pk__in=some)._raw_delete(rows.db)
        with running.step():
            invoice.delete()


def staged_invoice(source: Connection, *, running: RunningJob, invoice_id: str) -> Invoice | None:
    """Return the staged version this job was at work on, if it still is there (1 query)."""
    with transaction.atomic():
        return _staged(source, actor=running.actor).filter(pk=invoice_id, job=running.job).first()


def _staged(source: Connection, *, actor: Actor) -> "ScopedQuerySet[Invoice]":
    rows: ScopedQuerySet[Invoice] = Invoice.objects.visible_to(actor).filter(connection=source)
    return rows.filter(state=Invoice.State.STAGED)


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None
