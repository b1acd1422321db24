"""Reading invoices and their lines.

Nobody is shown an invoice that is still being imported. Lists read published ones; an older version
stays reachable by its own address, because somebody may have worked with it.
"""

from contextlib import suppress
from datetime import date
from uuid import UUID

from django.db.models import Q

from billing.invoices.models import Invoice, InvoiceLine, InvoiceTenantTotal
from portal.core.access import Actor
from portal.core.rows import ScopedQuerySet


def invoices(actor: Actor) -> "ScopedQuerySet[Invoice]":
    """Return the published invoices, newest month first."""
    rows: ScopedQuerySet[Invoice] = invoice_versions(actor).filter(state=Invoice.State.PUBLISHED)
    return rows.order_by("-month", "number", "id")


def invoice_versions(actor: Actor) -> "ScopedQuerySet[Invoice]":
    """Return every version that was ever published."""
    actor.require("invoices.view")
    rows: ScopedQuerySet[Invoice] = Invoice.objects.visible_to(actor)
    return rows.exclude(state=Invoice.State.STAGED).select_related("connection").defer("raw")


def other_versions(invoice: Invoice, *, actor: Actor) -> list[Invoice]:
    """Return the published versions of an invoice but this one, newest first (1 query)."""
    rows = invoice_versions(actor).filter(
        connection_id=invoice.connection_id, number=invoice.number
    )
    return list(rows.exclude(pk=invoice.pk).order_by("-version"))


def lines_of(invoice: Invoice, *, actor: Actor) -> "ScopedQuerySet[InvoiceLine]":
    """Return the lines of an invoice that is published, in Microsoft's order."""
    actor.require("invoices.view")
    rows: ScopedQuerySet[InvoiceLine] = InvoiceLine.objects.visible_to(actor)
    return rows.filter(invoice_id=invoice.pk).defer("raw").order_by("number")


def lines_of_tenant(
    *, actor: Actor, month: date, microsoft_id: UUID | None
) -> "ScopedQuerySet[InvoiceLine]":
    """Return one tenant's lines on the month's invoices; None: those that name no tenant."""
    actor.require("reports.view")
    published = Invoice.objects.visible_to(actor).filter(state=Invoice.State.PUBLISHED, month=month)
    rows: ScopedQuerySet[InvoiceLine] = InvoiceLine.objects.visible_to(actor)
    whose = {"microsoft_id": microsoft_id} if microsoft_id else {"microsoft_id__isnull": True}
    return rows.filter(invoice_id__in=published.values("pk"), **whose).defer("raw")


def totals_of(invoice: Invoice, *, actor: Actor) -> "ScopedQuerySet[InvoiceTenantTotal]":
    """Return what each tenant has on an invoice."""
    rows: ScopedQuerySet[InvoiceTenantTotal] = InvoiceTenantTotal.objects.visible_to(actor)
    return rows.filter(invoice_id=invoice.pk)


def tenants_matching(
    totals: "ScopedQuerySet[InvoiceTenantTotal]", text: str
) -> "ScopedQuerySet[InvoiceTenantTotal]":
    """Keep the tenants a search means: those whose name, domain or Microsoft id contains it."""
    found = Q(customer_name__icontains=text) | Q(customer_domain__icontains=text)
    with suppress(ValueError):
        found |= Q(microsoft_id=UUID(text))
    return totals.filter(found)
