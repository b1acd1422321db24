"""Reading reconciliations: one statement over the sums per tenant, whatever the number of lines."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from billing.reconciliation.assignment import ASSIGNED, IN_MONTH, OWNED_TOTALS, UNASSIGNED, fetch
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
OF_INVOICES = " AND invoice.id = ANY (%(invoices)s)"


def reconcile(actor: Actor, *, month: date | None = None) -> list[Reconciliation]:
    """Return how the published invoices of a month (None: of all months) come out (1 query)."""
    rows = fetch(BY_INVOICE + (IN_MONTH if month else "") + GROUPED, actor=actor, month=month)
    return [_read(row) for row in rows]


def reconcile_invoices(actor: Actor, invoice_ids: Iterable[UUID]) -> dict[UUID, Reconciliation]:
    """Return how some invoices come out, by id, as far as they are published (1 query)."""
    rows = fetch(BY_INVOICE + OF_INVOICES + GROUPED, actor=actor, invoices=list(invoice_ids))
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
