"""Proving a staged invoice and letting it be seen, all in one transaction.

The sums per tenant are made first and everything else is read from them, so the lines are gone
through once. Tenants that Partner Center no longer lists are made known here too: their money must
have a row that can be linked. The change of state is what publishes; until it commits, readers see
the old version whole, and after it the new one.
"""

from datetime import date

from django.db import connection
from django.db.models import Sum
from django.db.models.functions import Now
from django.utils import timezone

from billing.invoices.models import Invoice, InvoiceLine, InvoiceTenantTotal
from billing.invoices.proof import ZERO, Sums, prove
from portal.core import audit
from portal.core.access import Actor
from portal.core.books import hold_books
from portal.core.errors import Conflict
from portal.web.wording import write_month
from tenants.discovery.operations import sight_tenants

MOST_CHARGE_TYPES = 100
STATEMENT_SECONDS = 600
"""A million lines are summed in seconds; the limit of pages would stop that on a slow disk."""

WRITE_TOTALS = """
    INSERT INTO billing_invoicetenanttotal (reseller_id, invoice_id, microsoft_id, customer_name,
        customer_domain, currency, lines, subtotal, tax, total)
    SELECT reseller_id, invoice_id, microsoft_id,
        CASE WHEN microsoft_id IS NULL THEN '' ELSE max(customer_name) END,
        CASE WHEN microsoft_id IS NULL THEN '' ELSE max(customer_domain) END,
        currency, count(*), sum(subtotal), sum(tax), sum(total)
    FROM billing_invoiceline WHERE reseller_id = %s AND invoice_id = %s
    GROUP BY reseller_id, invoice_id, microsoft_id, currency
"""
COUNT_CHARGE_TYPES = """
    SELECT charge_type, count(*) FROM billing_invoiceline
    WHERE reseller_id = %s AND invoice_id = %s
    GROUP BY charge_type ORDER BY count(*) DESC, charge_type LIMIT %s
"""
COUNT_REPEATED = """
    SELECT count(*) - count(DISTINCT md5(raw::text)) FROM billing_invoiceline
    WHERE reseller_id = %s AND invoice_id = %s
"""
UNKNOWN_TENANTS = """
    SELECT t.microsoft_id, t.customer_name, t.customer_domain FROM billing_invoicetenanttotal t
    LEFT JOIN tenants_tenant m
        ON m.reseller_id = t.reseller_id AND m.microsoft_id = t.microsoft_id
    WHERE t.reseller_id = %s AND t.invoice_id = %s
      AND t.microsoft_id IS NOT NULL AND m.id IS NULL
    ORDER BY t.microsoft_id
"""


def publish(staged: Invoice, *, actor: Actor, lines: int, digest: int) -> Invoice:
    """Prove a staged invoice and put it in the place of the version before (inside a step).

    Raises:
        InvalidInput: the lines do not add up to the invoice.
        Conflict: the stored lines are not as many as were received, or the month is closed.
    """
    allow_long_statements()
    closed = hold_books(actor)
    refuse_closed(staged.number, staged.month, closed)
    with connection.cursor() as cursor:
        cursor.execute(WRITE_TOTALS, [actor.reseller_id, staged.pk])
    sums = _sums(staged, actor=actor)
    if sums.lines != lines:
        raise Conflict(
            f"Invoice {staged.number} has {sums.lines} stored lines, but {lines} were received;"
            " nothing of it was published."
        )
    proved = prove(
        number=staged.number,
        total=staged.total,
        currency=staged.currency,
        is_legacy=staged.is_legacy,
        sums=sums,
    )
    replaced = _supersede(staged, actor=actor, closed=closed)
    staged.lines, staged.subtotal, staged.tax, staged.lines_total = (
        sums.lines,
        sums.subtotal,
        sums.tax,
        sums.total,
    )
    staged.adjustment, staged.adjustment_kind = proved.amount, proved.kind
    staged.charge_types = _count_charge_types(staged)
    staged.digest = f"{digest:032x}"
    staged.state = Invoice.State.PUBLISHED
    staged.published_at = timezone.now()
    staged.save()
    _make_known(staged, actor=actor)
    audit.record(
        actor,
        "billing.invoice_imported",
        staged,
        before={"version": replaced.version, "total": replaced.total} if replaced else {},
        after={
            "version": staged.version,
            "total": staged.total,
            "currency": staged.currency,
            "lines": staged.lines,
            "adjustment": staged.adjustment,
        },
    )
    return staged


def _sums(staged: Invoice, *, actor: Actor) -> Sums:
    totals = InvoiceTenantTotal.objects.visible_to(actor).filter(invoice=staged)
    found = totals.aggregate(Sum("lines"), Sum("subtotal"), Sum("tax"), Sum("total"))
    total = found["total__sum"] or ZERO
    agrees = total == staged.total
    taxed = InvoiceLine.objects.visible_to(actor).filter(invoice=staged).exclude(tax=0)
    return Sums(
        lines=found["lines__sum"] or 0,
        subtotal=found["subtotal__sum"] or ZERO,
        tax=found["tax__sum"] or ZERO,
        total=total,
        # Both are asked of all lines, and of no use where the sum agrees.
        carries_tax=not agrees and taxed.exists(),
        repeated=0 if agrees else _count_repeated(staged),
    )


def _count_charge_types(staged: Invoice) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(COUNT_CHARGE_TYPES, [staged.reseller_id, staged.pk, MOST_CHARGE_TYPES])
        return dict(cursor.fetchall())


def _count_repeated(staged: Invoice) -> int:
    with connection.cursor() as cursor:
        cursor.execute(COUNT_REPEATED, [staged.reseller_id, staged.pk])
        row = cursor.fetchone()
    return int(row[0])


def refuse_closed(number: str, month: date, closed: date | None) -> None:
    """Raise `Conflict` if an invoice would change a closed month; ``closed``: the first open day.

    A person has to decide: reopen the months back to it, or leave Microsoft's change to the next.
    """
    if closed and month < closed:
        raise Conflict(
            f"Invoice {number} belongs to {write_month(month)}, which is closed; nothing of it was"
            f" taken over. Reopen {write_month(month)} on its report, import it again and close"
            " the month anew.",
            code="month_closed",
        )


def _supersede(staged: Invoice, *, actor: Actor, closed: date | None) -> Invoice | None:
    before: Invoice | None = (
        Invoice.objects.visible_to(actor)
        .select_for_update(of=("self",))
        .filter(
            connection_id=staged.connection_id,
            number=staged.number,
            state=Invoice.State.PUBLISHED,
        )
        .first()
    )
    if before:
        refuse_closed(before.number, before.month, closed)
        Invoice.objects.visible_to(actor).filter(pk=before.pk).update(
            state=Invoice.State.SUPERSEDED, superseded_at=Now()
        )
    return before


def _make_known(staged: Invoice, *, actor: Actor) -> None:
    with connection.cursor() as cursor:
        cursor.execute(UNKNOWN_TENANTS, [actor.reseller_id, staged.pk])
        unknown = cursor.fetchall()
    if unknown:
        sight_tenants(unknown, connection=staged.connection, actor=actor, job=staged.job)


def allow_long_statements() -> None:
    """Lift the limit of a page's statements for the rest of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('statement_timeout', %s, true)", [f"{STATEMENT_SECONDS}s"]
        )
