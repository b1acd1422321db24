"""The month's report, with three of five tenants linked, against the aggregate over its lines.

Both must come to the same amounts, organization by organization, or the run fails.
"""

from collections import defaultdict
from contextlib import nullcontext
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from psycopg2.extensions import connection as Connection

from bench.bulk_link import link_all
from bench.ground import Ground
from bench.invoice_import import imported
from bench.results import BenchError, Check, Result
from bench.seeding import LINKED_OF_FIVE, Reseller, fill
from bench.timing import in_turns
from billing.reports.queries import month_report, months, organizations_of, unassigned_of
from portal.core.access import acting
from tenants.discovery.models import Tenant

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
