"""Reading the month's report: aggregates over the sums per tenant, never over the lines.

Lists are cut by number of rows and not by a key: their order comes out of the sums, so all of them
are made for any page, and a page far back costs what the first does.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from billing.invoices.models import Invoice
from billing.invoices.months import write_month
from billing.reconciliation.assignment import (
    ASSIGNED,
    IN_MONTH,
    OF_SOME_MONTHS,
    OF_THE_MONTH,
    OWNED_TOTALS,
    fetch,
    nobodys_totals,
)
from billing.reconciliation.queries import reconcile
from billing.reports.lines import (
    UNNAMED,
    MonthReport,
    MonthTotal,
    OrganizationLine,
    Slice,
    TenantLine,
)
from portal.core.access import Actor
from portal.core.errors import NotFound

EVERYTHING = 2_147_483_647

BY_MONTH = f"""
    WITH nobodys AS (
        SELECT part.invoice_id, sum(part.total) AS total, count(*) AS parts
        FROM ({nobodys_totals(OF_SOME_MONTHS)}) AS part GROUP BY part.invoice_id
    )
    SELECT invoice.month, invoice.currency, count(*), sum(invoice.lines), sum(invoice.total),
        sum(invoice.lines_total) - coalesce(sum(nobodys.total), 0),
        coalesce(sum(nobodys.total), 0), sum(invoice.adjustment), coalesce(sum(nobodys.parts), 0)
    FROM billing_invoice AS invoice
    LEFT JOIN nobodys ON nobodys.invoice_id = invoice.id
    WHERE invoice.reseller_id = %(reseller)s AND invoice.state = 'published'
      AND invoice.month = ANY (%(months)s)
    GROUP BY invoice.month, invoice.currency ORDER BY invoice.month DESC, invoice.currency
"""  # noqa: S608  (constants of this floor, here and below)

MONTHS = """
    SELECT DISTINCT month FROM billing_invoice
    WHERE reseller_id = %(reseller)s AND state = 'published' ORDER BY month DESC LIMIT %(limit)s
"""

BY_ORGANIZATION = f"""
    WITH sums AS (
        SELECT owner.organization_id, count(DISTINCT tenant.id) AS tenants, part.currency,
            sum(part.lines) AS lines, sum(part.subtotal) AS subtotal, sum(part.tax) AS tax,
            sum(part.total) AS total
        {OWNED_TOTALS} {IN_MONTH} AND {ASSIGNED}
        GROUP BY owner.organization_id, part.currency
    )
    SELECT count(*) OVER (), o.id, o.number, o.name, s.tenants, s.currency, s.lines, s.subtotal,
        s.tax, s.total
    FROM sums AS s
    JOIN organizations_organization AS o
        ON o.reseller_id = %(reseller)s AND o.id = s.organization_id
    ORDER BY s.currency, s.total DESC, o.number
    LIMIT %(limit)s OFFSET %(offset)s
"""  # noqa: S608

UNASSIGNED_IN_MONTH = f"FROM ({nobodys_totals(OF_THE_MONTH)}) AS part"
UNASSIGNED_TENANTS = f"""
    SELECT count(*) OVER (), part.tenant_id, part.microsoft_id, part.name, part.domain,
        part.currency, sum(part.lines), sum(part.subtotal), sum(part.tax), sum(part.total)
    {UNASSIGNED_IN_MONTH}
    GROUP BY part.tenant_id, part.microsoft_id, part.name, part.domain, part.currency
    ORDER BY part.currency, sum(part.total) DESC, part.microsoft_id
    LIMIT %(limit)s OFFSET %(offset)s
"""
COUNT_UNASSIGNED = f"""
    SELECT count(DISTINCT coalesce(part.microsoft_id, '00000000-0000-0000-0000-000000000000'))
    {UNASSIGNED_IN_MONTH}
"""
OF_ORGANIZATION = f"""
    SELECT count(*) OVER (), tenant.id, part.microsoft_id, tenant.name, tenant.domain,
        part.currency, sum(part.lines), sum(part.subtotal), sum(part.tax), sum(part.total)
    {OWNED_TOTALS} {IN_MONTH} AND owner.organization_id = %(organization)s
    GROUP BY part.microsoft_id, tenant.reseller_id, tenant.id, part.currency
    ORDER BY part.currency, sum(part.total) DESC, part.microsoft_id
    LIMIT %(limit)s OFFSET %(offset)s
"""


def months(actor: Actor, *, limit: int = 60) -> list[MonthTotal]:
    """Return the newest months that have invoices, per currency, newest first (2 queries)."""
    newest = [month for (month,) in fetch(MONTHS, actor=actor, limit=limit)]
    rows = fetch(BY_MONTH, actor=actor, months=newest) if newest else []
    return [MonthTotal(*row) for row in rows]


def require_month(actor: Actor, month: date) -> None:
    """Make sure that the month has an invoice (1 query).

    Raises:
        NotFound: no invoice of the month is here.
    """
    actor.require("reports.view")
    rows = Invoice.objects.visible_to(actor)
    if not rows.filter(state=Invoice.State.PUBLISHED, month=month).exists():
        raise NotFound(f"There is no invoice of {write_month(month)} here. Import it first.")


def month_report(actor: Actor, month: date) -> MonthReport:
    """Return a month's invoices and totals (3 queries).

    Raises:
        NotFound: no invoice of the month is here.
    """
    require_month(actor, month)
    parts = reconcile(actor, month=month)
    ((unassigned_tenants,),) = fetch(COUNT_UNASSIGNED, actor=actor, month=month)
    return MonthReport(month, tuple(parts), unassigned_tenants)


def organizations_of(
    actor: Actor, month: date, *, limit: int = EVERYTHING, offset: int = 0
) -> Slice[OrganizationLine]:
    """Return what each organization has in a month, the largest first (1 query)."""
    rows = fetch(BY_ORGANIZATION, actor=actor, month=month, limit=limit, offset=offset)
    return Slice(tuple(OrganizationLine(*row[1:]) for row in rows), _count(rows))


def unassigned_of(
    actor: Actor, month: date, *, limit: int = EVERYTHING, offset: int = 0
) -> Slice[TenantLine]:
    """Return what is in Unassigned in a month, per tenant, the largest first (1 query)."""
    rows = fetch(UNASSIGNED_TENANTS, actor=actor, month=month, limit=limit, offset=offset)
    return Slice(tuple(_tenant_line(row) for row in rows), _count(rows))


def tenants_of(
    actor: Actor,
    month: date,
    organization_id: UUID,
    *,
    limit: int = EVERYTHING,
    offset: int = 0,
) -> Slice[TenantLine]:
    """Return what each tenant of an organization has in a month (1 query)."""
    rows = fetch(
        OF_ORGANIZATION,
        actor=actor,
        month=month,
        organization=organization_id,
        limit=limit,
        offset=offset,
    )
    return Slice(tuple(_tenant_line(row) for row in rows), _count(rows))


def _tenant_line(row: Sequence[Any]) -> TenantLine:
    tenant_id, microsoft_id, name, *rest = row[1:]
    return TenantLine(tenant_id, microsoft_id, UNNAMED if microsoft_id is None else name, *rest)


def _count(rows: Sequence[Sequence[Any]]) -> int:
    """Return the number that stands on every row; a page beyond the last has none to read it of."""
    return int(rows[0][0]) if rows else 0
