"""Narrowing an invoice's lines to what belongs to nobody, or to what a search means.

A million lines have few customers, so both look at the sums per tenant first. Where those hold few
of the lines, the lines are fetched tenant by tenant through their index; where they hold many, the
lines are walked in order and the odd one passed over. Either way a page costs about the same.
"""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q, Sum

from billing.invoices.models import Invoice, InvoiceLine, InvoiceTenantTotal
from billing.invoices.queries import tenants_matching, totals_of
from organizations.linking.queries import ownerless_tenants
from portal.core.access import Actor
from portal.core.rows import ScopedQuerySet

FEW = 20
"""Lines are few when they are less than one in so many of the invoice's."""


def unassigned_totals(invoice: Invoice, *, actor: Actor) -> "ScopedQuerySet[InvoiceTenantTotal]":
    """Return an invoice's sums of tenants whose month is nobody's, and of lines that name none."""
    nobodys = ownerless_tenants(actor, invoice.month).values("microsoft_id")
    return totals_of(invoice, actor=actor).filter(
        Q(microsoft_id=None) | Q(microsoft_id__in=nobodys)
    )


def only_unassigned(
    rows: "ScopedQuerySet[InvoiceLine]", invoice: Invoice, *, actor: Actor, unassigned: bool
) -> "ScopedQuerySet[InvoiceLine]":
    """Keep an invoice's unassigned lines, or all others (3 queries)."""
    nobodys = unassigned_totals(invoice, actor=actor)
    if unassigned:
        return keep_tenants(rows, nobodys, invoice, actor=actor)
    others = totals_of(invoice, actor=actor).exclude(pk__in=nobodys.values("pk"))
    return keep_tenants(rows, others, invoice, actor=actor)


def only_found(
    rows: "ScopedQuerySet[InvoiceLine]", invoice: Invoice, *, actor: Actor, text: str
) -> "ScopedQuerySet[InvoiceLine]":
    """Keep the lines of the customers a search means (3 queries)."""
    found = tenants_matching(totals_of(invoice, actor=actor), text.strip())
    return keep_tenants(rows, found, invoice, actor=actor)


def keep_tenants(
    rows: "ScopedQuerySet[InvoiceLine]",
    kept: "ScopedQuerySet[InvoiceTenantTotal]",
    invoice: Invoice,
    *,
    actor: Actor,
) -> "ScopedQuerySet[InvoiceLine]":
    """Keep the lines of some tenants of an invoice, in the way that is quicker (2 queries)."""
    count = kept.aggregate(Sum("lines"))["lines__sum"] or 0
    if count == invoice.lines:
        return rows
    if count * FEW < invoice.lines:
        return _of_tenants(rows, list(kept.values_list("microsoft_id", flat=True)))
    others = totals_of(invoice, actor=actor).exclude(pk__in=kept.values("pk"))
    return _without_tenants(rows, others)


def _of_tenants(
    rows: "ScopedQuerySet[InvoiceLine]", wanted: Collection[UUID | None]
) -> "ScopedQuerySet[InvoiceLine]":
    named = Q(microsoft_id__in=[one for one in wanted if one is not None])
    return rows.filter(named | Q(microsoft_id=None) if None in wanted else named)


def _without_tenants(
    rows: "ScopedQuerySet[InvoiceLine]", left_out: "ScopedQuerySet[InvoiceTenantTotal]"
) -> "ScopedQuerySet[InvoiceLine]":
    # A sub-select and not a list: PostgreSQL hashes it once and asks it line by line.
    named = left_out.filter(microsoft_id__isnull=False)
    kept = rows.exclude(microsoft_id__in=named.values("microsoft_id"))
    if left_out.filter(microsoft_id=None).exists():
        return kept.filter(microsoft_id__isnull=False)
    return kept
