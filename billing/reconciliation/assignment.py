"""Whose is a tenant's money: the one place that says so, as SQL the reports are built on.

Assignment is read through links and never stored beside the money: a month of a tenant belongs to
the link whose period holds the month's first day. So linking a tenant fills every open month back
at once, and unlinking takes it out again, while links leave closed months alone by rules of the
database. A tenant has at most one row, and its periods never overlap, both by constraint, so no
amount can be counted twice.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db import connection

from portal.core.access import Actor

OWNED_TOTALS = """
    FROM billing_invoice AS invoice
    LEFT JOIN billing_invoicetenanttotal AS part
        ON part.reseller_id = invoice.reseller_id AND part.invoice_id = invoice.id
    LEFT JOIN tenants_tenant AS tenant
        ON tenant.reseller_id = part.reseller_id AND tenant.microsoft_id = part.microsoft_id
    LEFT JOIN organizations_link AS owner
        ON owner.reseller_id = tenant.reseller_id AND owner.tenant_id = tenant.id
        AND coalesce(owner.period @> invoice.month, false)
    WHERE invoice.reseller_id = %(reseller)s AND invoice.state = 'published'
"""
"""Published invoices, each tenant's part of them, and the link that owns it (NULL: unassigned).

An invoice without lines is there once, with no part. The ``coalesce`` changes no answer: it keeps
PostgreSQL, which takes one range in a thousand to hold a day, from joining links to invoices first.
"""

PART_OF_NOBODY = """
    WITH billed AS (
        SELECT id, month FROM billing_invoice
        WHERE reseller_id = %(reseller)s AND state = 'published' AND {which}
    )
    SELECT part.invoice_id, part.microsoft_id, tenant.id AS tenant_id,
        coalesce(tenant.name, '') AS name, coalesce(tenant.domain, '') AS domain, part.currency,
        part.lines, part.subtotal, part.tax, part.total
    FROM (
        SELECT id, microsoft_id, name, domain FROM tenants_tenant
        WHERE reseller_id = %(reseller)s AND NOT is_linked
        UNION ALL
        SELECT id, microsoft_id, name, domain FROM tenants_tenant
        WHERE reseller_id = %(reseller)s AND is_linked AND id IN (
            SELECT link.tenant_id FROM organizations_link AS link
            WHERE link.reseller_id = %(reseller)s AND link.begins_on_a_day)
    ) AS tenant
    JOIN billing_invoicetenanttotal AS part
        ON part.reseller_id = %(reseller)s AND part.microsoft_id = tenant.microsoft_id
    JOIN billed ON billed.id = part.invoice_id
    WHERE NOT EXISTS (
        SELECT FROM organizations_link AS owner
        WHERE owner.reseller_id = %(reseller)s AND owner.tenant_id = tenant.id
          AND owner.period @> billed.month)
    UNION ALL
    SELECT part.invoice_id, NULL, NULL, '', '', part.currency, part.lines, part.subtotal,
        part.tax, part.total
    FROM billing_invoicetenanttotal AS part
    JOIN billed ON billed.id = part.invoice_id
    WHERE part.reseller_id = %(reseller)s AND part.microsoft_id IS NULL
"""


def nobodys_totals(which: str) -> str:
    """Return SQL for the sums that belong to nobody, of the published invoices for which it holds.

    They are found from the tenants that can have a month without an owner: those that are not
    linked, and those with a link that began on a day. They are few when the sums are many. Linking
    keeps ``is_linked`` in the transaction that begins or ends a link, and publishing makes every
    tenant of an invoice known, so this is the unassigned side of `OWNED_TOTALS`.

    Args:
        which: a condition on ``billing_invoice``, such as `OF_THE_MONTH`, in this program's words.
    """
    return PART_OF_NOBODY.format(which=which)


OF_THE_MONTH = "month = %(month)s"
OF_SOME_MONTHS = "month = ANY (%(months)s)"
OF_SOME_INVOICES = "id = ANY (%(invoices)s)"

OWNED_LINES = """
    FROM billing_invoice AS invoice
    JOIN billing_invoiceline AS line
        ON line.reseller_id = invoice.reseller_id AND line.invoice_id = invoice.id
    LEFT JOIN (
        SELECT tenant.microsoft_id, link.id, link.period,
            organization.number AS organization_number, organization.name AS organization
        FROM organizations_link AS link
        JOIN tenants_tenant AS tenant
            ON tenant.reseller_id = link.reseller_id AND tenant.id = link.tenant_id
        JOIN organizations_organization AS organization
            ON organization.reseller_id = link.reseller_id
            AND organization.id = link.organization_id
        WHERE link.reseller_id = %(reseller)s AND NOT isempty(link.period)
    ) AS owner
        ON owner.microsoft_id = line.microsoft_id AND coalesce(owner.period @> invoice.month, false)
    WHERE invoice.reseller_id = %(reseller)s AND invoice.state = 'published'
"""
"""Lines of published invoices, each with the organization that owns its tenant (NULL: nobody)."""

IN_MONTH = " AND invoice.month = %(month)s"
ASSIGNED = "part.id IS NOT NULL AND owner.id IS NOT NULL"
UNASSIGNED = "part.id IS NOT NULL AND owner.id IS NULL"


def fetch(sql: str, *, actor: Actor, month: date | None = None, **more: Any) -> list[Any]:
    """Run a report's query for the actor's reseller; customers see no money at all.

    Raises:
        NotAllowed: the actor may not see reports.
    """
    actor.require("reports.view")
    with connection.cursor() as cursor:
        cursor.execute(sql, {"reseller": actor.reseller_id, "month": month, **more})
        return cursor.fetchall()


def stream(
    sql: str, *, actor: Actor, month: date | None = None, size: int = 2_000, **more: Any
) -> Iterator[Any]:
    """Run a report's query and yield its rows while they are read, for exports of any size."""
    actor.require("reports.view")
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, {"reseller": actor.reseller_id, "month": month, **more})
        while rows := cursor.fetchmany(size):
            yield from rows
