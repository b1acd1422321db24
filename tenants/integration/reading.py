"""The steps that only read: signing in, customers, subscriptions, invoices."""

from datetime import UTC, datetime
from typing import Final

from django.db import transaction

from partnercenter.schemas.fields import as_guid
from partnercenter.schemas.invoices import Invoice
from partnercenter.token_claims import read_claims
from tenants.connections.claims import prove_partner
from tenants.connections.clients import partner_center_for
from tenants.connections.models import Consent
from tenants.connections.operations import note_success
from tenants.integration.steps import Bench, Seen, Skipped

PAGE_SIZE: Final = 500
MOST_PAGES: Final = 20
"""Pages of customers a test reads; discovery reads them all."""
LOOKED_AT: Final = 10
"""Customers whose subscriptions are asked for, one after the other, until one has some."""
CANDIDATES: Final = 3
"""Invoices kept for adding up: the newest may be empty, or too large for a test."""
BILLING_LINES: Final = "billing_line_items"
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


def sign_in_as_application(bench: Bench) -> Seen:
    """Get a token for the application and claim the partner tenant it is of."""
    center = bench.center
    claims = read_claims(center.tokens.token()) or {}
    prove_partner(bench.connection, center)
    # Connections may name their tenant by a domain; files of exports name it by its id.
    bench.keep(tenant_id=as_guid(claims.get("tid")) or as_guid(bench.connection.partner_tenant))
    roles = claims.get("roles")
    seen: dict[str, int | str] = {"Partner tenant": bench.connection.partner_tenant}
    if isinstance(roles, list):
        seen["Permissions"] = ", ".join(sorted(map(str, roles))) or "none"
    return seen


def work_as_person(bench: Bench) -> Seen:
    """Ask what is answered to a signed-in person only: the partner's own profile.

    Raises:
        Skipped: nobody has signed in for the connection.
    """
    with transaction.atomic():
        consent = Consent.objects.filter(
            reseller_id=bench.connection.reseller_id, connection_id=bench.connection.pk
        ).first()
    if consent is None:
        raise Skipped(
            "Nobody has signed in for this connection.",
            advice="Discovery and invoices work without. Sign in on the connection's page for"
            " what needs a person: orders, partner profiles, agreements.",
        )
    center = partner_center_for(bench.connection, need_user=True)
    claims = read_claims(center.tokens.token()) or {}
    profile = center.profiles.organization()
    methods = claims.get("amr")
    mfa = "mfa" in methods if isinstance(methods, list) else consent.mfa_seen
    return {
        "Signed in as": consent.user_name,
        "Multi-factor authentication": "used" if mfa else "not told",
        "Partner": profile.company_name or "no name",
    }


def read_customers(bench: Bench) -> Seen:
    """Read the list of customers, as far as a test goes, and keep the first few."""
    first: list[str] = []
    count = pages = 0
    more = False
    for page in bench.center.customers.pages(size=PAGE_SIZE):
        count += len(page.items)
        pages = page.number
        first += [customer.id for customer in page.items[: LOOKED_AT - len(first)]]
        bench.running.report(note=f"{count:,} customers")
        if pages == MOST_PAGES and page.after is not None:
            more = True
            break
    bench.keep(customers=first, count=count, more=more)
    with transaction.atomic():
        note_success(bench.connection)
    seen: dict[str, int | str] = {"Customers": count, "Pages": pages}
    if more:
        seen["Not read"] = f"what comes after {count:,} customers; discovery reads it"
    return seen


def read_subscriptions(bench: Bench) -> Seen:
    """Read the subscriptions of the first customer that has some.

    Raises:
        Skipped: the account has no customer.
    """
    customers = bench.kept_by("customers")["customers"]
    if not customers:
        raise Skipped("The account has no customers, so there are no subscriptions to read.")
    asked = 0
    for customer in customers:
        asked += 1
        found = bench.center.subscriptions.list(customer)
        if found:
            seats = sum(subscription.quantity or 0 for subscription in found)
            return {
                "Customers asked for": asked,
                "Customer": customer,
                "Subscriptions": len(found),
                "Seats": seats,
            }
    return {"Customers asked for": asked, "Subscriptions": 0}


def read_invoices(bench: Bench) -> Seen:
    """Read the list of invoices and keep the newest for adding up."""
    headers = sorted(
        bench.center.invoices.list(),
        key=lambda header: (header.invoice_date or _LONG_AGO, header.id),
        reverse=True,
    )
    bench.keep(invoices=[_kept(header) for header in headers[:CANDIDATES]])
    if not headers:
        return {"Invoices": 0}
    newest = headers[0]
    day = newest.invoice_date.date().isoformat() if newest.invoice_date else "without a date"
    return {
        "Invoices": len(headers),
        "Newest": newest.id,
        "Of": day,
        "Total": f"{newest.total} {newest.currency}",
    }


def _kept(header: Invoice) -> dict[str, object]:
    providers = [
        detail.provider
        for detail in header.details
        if detail.line_item_type.lower() == BILLING_LINES and detail.provider.lower() != "none"
    ]
    # "all" has the lines of every other provider, so both together would count twice.
    named = ["all"] if "all" in map(str.lower, providers) else list(dict.fromkeys(providers))
    return {
        "id": header.id,
        "total": str(header.total),
        "currency": header.currency,
        "new_commerce": header.is_new_commerce,
        "providers": named or ["office"],
    }
