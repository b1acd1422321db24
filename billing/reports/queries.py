"""Reading the month's report: aggregates over the sums per tenant, never over the lines.

Lists are cut by number of rows and not by a key: their order comes out of the sums, so all of them
are made for any page, and a page far back costs what the first does.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from billing.reconciliation.assignment import ASSIGNED, IN_MONTH, OWNED_TOTALS, UNASSIGNED, fetch
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
    WITH by_invoice AS (
        SELECT invoice.id, invoice.month, invoice.currency, invoice.lines, invoice.total,
            invoice.adjustment,
            coalesce(sum(part.total) FILTER (WHERE {ASSIGNED}), 0) AS assigned,
            coalesce(sum(part.total) FILTER (WHERE {UNASSIGNED}), 0) AS unassigned,
            count(*) FILTER (WHERE {UNASSIGNED}) AS unassigned_parts
        {OWNED_TOTALS} AND invoice.month = ANY (%(months)s)
        GROUP BY invoice.reseller_id, invoice.id
    )
    SELECT month, currency, count(*), sum(lines), sum(total), sum(assigned), sum(unassigned),
        sum(adjustment), sum(unassigned_parts)
    FROM by_invoice GROUP BY month, currency ORDER BY month DESC, currency
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

TENANT_SUMS = """
    SELECT count(*) OVER (), tenant.id, part.microsoft_id,
        coalesce(tenant.name, max(part.customer_name)),
        coalesce(tenant.domain, max(part.customer_domain)), part.currency,
        sum(part.lines), sum(part.subtotal), sum(part.tax), sum(part.total)
"""
TENANT_ORDER = """
    GROUP BY part.microsoft_id, tenant.reseller_id, tenant.id, part.currency
    ORDER BY part.currency, sum(part.total) DESC, part.microsoft_id
    LIMIT %(limit)s OFFSET %(offset)s
"""
UNASSIGNED_TENANTS = f"{TENANT_SUMS} {OWNED_TOTALS} {IN_MONTH} AND {UNASSIGNED} {TENANT_ORDER}"
OF_ORGANIZATION = (
    f"{TENANT_SUMS} {OWNED_TOTALS} {IN_MONTH}"
    f" AND owner.organization_id = %(organization)s {TENANT_ORDER}"
)
COUNT_UNASSIGNED = f"""
    SELECT count(DISTINCT coalesce(part.microsoft_id, '00000000-0000-0000-0000-000000000000'))
    {OWNED_TOTALS} {IN_MONTH} AND {UNASSIGNED}
"""


def months(actor: Actor, *, limit: int = 60) -> list[MonthTotal]:
    """Return the newest months that have invoices, per currency, newest first (2 queries)."""
    newest = [month for (month,) in fetch(MONTHS, actor=actor, limit=limit)]
    rows = fetch(BY_MONTH, actor=actor, months=newest) if newest else []
    return [MonthTotal(*row) for row in rows]


def month_report(actor: Actor, month: date) -> MonthReport:
    """Return a month's invoices and totals (2 queries).

    Raises:
        NotFound: no invoice of the month is here.
    """
    parts = reconcile(actor, month=month)
    if not parts:
        raise NotFound(f"There is no invoice of {month:%Y-%m} here. Import it first.")
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
