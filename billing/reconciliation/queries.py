"""Reading reconciliations: one statement over the sums per tenant, whatever the number of lines."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from billing.reconciliation.assignment import (
    ASSIGNED,
    IN_MONTH,
    OF_SOME_INVOICES,
    OWNED_TOTALS,
    UNASSIGNED,
    fetch,
    nobodys_totals,
)
from billing.reconciliation.reconcile import Reconciliation
from portal.core.access import Actor

BY_INVOICE = f"""
    SELECT invoice.id, invoice.number, invoice.month, invoice.currency, invoice.total,
        coalesce(sum(part.total) FILTER (WHERE {ASSIGNED}), 0),
        coalesce(sum(part.total) FILTER (WHERE {UNASSIGNED}), 0),
        invoice.adjustment, invoice.adjustment_kind
    {OWNED_TOTALS}
"""
GROUPED = """
    GROUP BY invoice.reseller_id, invoice.id
    ORDER BY invoice.month DESC, invoice.currency, invoice.number, invoice.id
"""
OUTCOMES = f"""
    WITH nobodys AS (
        SELECT invoice_id, sum(total) AS total
        FROM ({nobodys_totals(OF_SOME_INVOICES)}) AS part GROUP BY invoice_id
    )
    SELECT invoice.id, invoice.number, invoice.month, invoice.currency, invoice.total,
        invoice.lines_total - coalesce(nobodys.total, 0), coalesce(nobodys.total, 0),
        invoice.adjustment, invoice.adjustment_kind
    FROM billing_invoice AS invoice
    LEFT JOIN nobodys ON nobodys.invoice_id = invoice.id
    WHERE invoice.reseller_id = %(reseller)s AND invoice.state = 'published'
      AND invoice.id = ANY (%(invoices)s)
"""  # noqa: S608  (constants of this floor)


def reconcile(actor: Actor, *, month: date | None = None) -> list[Reconciliation]:
    """Return how the published invoices of a month (None: of all months) come out (1 query).

    Assigned and unassigned money are each counted from the tenants' sums.
    """
    rows = fetch(BY_INVOICE + (IN_MONTH if month else "") + GROUPED, actor=actor, month=month)
    return [_read(row) for row in rows]


def reconcile_invoices(actor: Actor, invoice_ids: Iterable[UUID]) -> dict[UUID, Reconciliation]:
    """Return how some invoices come out, by id, as far as they are published (1 query).

    For lists: only what is unassigned is counted, and the rest of the proved lines is assigned.
    """
    rows = fetch(OUTCOMES, actor=actor, invoices=list(invoice_ids))
    return {row[0]: _read(row) for row in rows}


def _read(row: Sequence[Any]) -> Reconciliation:
    names = (
        "invoice_id",
        "invoice",
        "month",
        "currency",
        "invoice_total",
        "assigned",
        "unassigned",
        "adjustments",
        "adjustment_kind",
    )
    return Reconciliation(**dict(zip(names, row, strict=True)))
