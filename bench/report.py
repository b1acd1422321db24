"""The month's report, with three of five tenants linked, against the aggregate over its lines.

Both must come to the same amounts, organization by organization, or the run fails.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction
from psycopg2.extensions import connection as Connection

from bench.bare import asking
from bench.ground import Ground
from bench.invoice_import import imported
from bench.linking import link_all, unlinked_pairs
from bench.results import BenchError, Check, Result
from bench.seeding import Reseller, add_organizations
from bench.timing import in_turns, median_seconds
from billing.reports.queries import month_report, months, organizations_of, unassigned_of
from portal.core.access import acting

MOST_OF_BARE = 2
BY_OWNER = """
    SELECT link.organization_id, line.currency, sum(line.total)
    FROM billing_invoice AS invoice
    JOIN billing_invoiceline AS line
        ON line.reseller_id = invoice.reseller_id AND line.invoice_id = invoice.id
    LEFT JOIN tenants_tenant AS tenant
        ON tenant.reseller_id = line.reseller_id AND tenant.microsoft_id = line.microsoft_id
    LEFT JOIN organizations_link AS link
        ON link.reseller_id = tenant.reseller_id AND link.tenant_id = tenant.id
        AND link.ends_at IS NULL
    WHERE invoice.reseller_id = %s AND invoice.month = %s AND invoice.state = 'published'
    GROUP BY link.organization_id, line.currency
"""
SUM_ALONE = """
    SELECT line.currency, count(*), sum(line.total)
    FROM billing_invoice AS invoice
    JOIN billing_invoiceline AS line
        ON line.reseller_id = invoice.reseller_id AND line.invoice_id = invoice.id
    WHERE invoice.reseller_id = %s AND invoice.month = %s AND invoice.state = 'published'
    GROUP BY line.currency
"""
Amounts = dict[tuple[Any, str], Decimal]


def measure(ground: Ground) -> Result:
    """Measure the largest month of the last import: its totals, organizations and Unassigned."""
    reseller = imported(ground).resellers[-1]
    _link_three_of_five(ground, reseller)
    month, lines = _largest_month(reseller)
    with ground.admin() as admin:
        bare = partial(_ask, admin, BY_OWNER, reseller, month)
        _prove_equal(_amounts(reseller, month), bare())
        seconds, bare_seconds, sum_seconds = in_turns(
            partial(_amounts, reseller, month),
            bare,
            partial(_ask, admin, SUM_ALONE, reseller, month),
            times=ground.sizes.pages,
        )
    page = asking(reseller.browser(), f"/reports/{month:%Y-%m}/")
    page_seconds = median_seconds(page, times=ground.sizes.pages)
    return Result(
        name="report",
        n=lines,
        seconds=seconds,
        reference="the aggregate over the lines, per organization and currency",
        reference_seconds=bare_seconds,
        checks=(
            Check("times the bare aggregate", seconds / bare_seconds, MOST_OF_BARE),
            Check("times one sum over the lines", seconds / sum_seconds, MOST_OF_BARE),
        ),
        more={
            "one_sum_seconds": sum_seconds,
            "page_ms": page_seconds * 1000,
            "sums_equal": True,
        },
    )


def _link_three_of_five(ground: Ground, reseller: Reseller) -> None:
    add_organizations(ground, reseller, max(ground.sizes.billed // 5, 1))
    pairs = unlinked_pairs(reseller)
    link_all(reseller, [pair for at, pair in enumerate(pairs) if at % 5 < 3])
    with ground.admin() as admin, admin.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _largest_month(reseller: Reseller) -> tuple[date, int]:
    with acting(reseller.actor), transaction.atomic():
        largest = max(months(reseller.actor), key=lambda total: total.lines)
    return largest.month, largest.lines


def _amounts(reseller: Reseller, month: date) -> Amounts:
    """Read the whole report as its page and its export do, and return what each owner has."""
    actor = reseller.actor
    found: Amounts = defaultdict(Decimal)
    with acting(actor), transaction.atomic():
        report = month_report(actor, month)
        for line in organizations_of(actor, month).lines:
            found[line.organization_id, line.currency] += line.total
        for tenant in unassigned_of(actor, month).lines:
            found[None, tenant.currency] += tenant.total
    if not report.agrees:
        raise BenchError(f"The report of {month:%Y-%m} does not agree with its invoices.")
    return found


def _ask(admin: Connection, query: str, reseller: Reseller, month: date) -> list[Any]:
    with admin.cursor() as cursor:
        cursor.execute(query, [reseller.id, month])
        return cursor.fetchall()


def _prove_equal(ours: Amounts, rows: Sequence[Any]) -> None:
    bare = {(owner, currency): total for owner, currency, total in rows}
    if dict(ours) != bare:
        raise BenchError("The report and the aggregate over the lines come to different amounts.")
