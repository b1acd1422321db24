"""Reading what a tenant was billed and whose each month is."""

from billing.invoices.models import Invoice, InvoiceTenantTotal
from billing.moving.travel import Bill
from organizations.linking.queries import link_history
from portal.core.access import Actor
from tenants.discovery.models import Tenant


def bills_of(tenant: Tenant, *, actor: Actor) -> list[Bill]:
    """Return what a tenant has on published invoices, newest first (2 queries).

    It is for whoever may unlink tenants, and tells no more of an invoice than this tenant's part.
    """
    actor.require("tenants.unlink")
    links = [link for link in link_history(tenant, actor=actor) if link.has_effect]
    parts = (
        InvoiceTenantTotal.objects.visible_to(actor)
        .filter(microsoft_id=tenant.microsoft_id, invoice__state=Invoice.State.PUBLISHED)
        .order_by("-invoice__month", "invoice__number", "currency")
        .values_list(
            "invoice__month", "invoice_id", "invoice__number", "currency", "lines", "total"
        )
    )
    bills = []
    for month, invoice_id, number, currency, lines, total in parts:
        owner = next((link for link in links if month in link.period), None)
        bills.append(
            Bill(
                month,
                invoice_id,
                number,
                currency,
                lines,
                total,
                owner=owner.organization.name if owner else "",
                is_live=owner is not None and owner.is_live,
            )
        )
    return bills
