"""Writing down to each tenant what it was last billed.

The tenants floor shows this money and the alert adds it up, but neither may look up to invoices. It
is the sum of a tenant's lines over all invoices of the latest month that bills it, in the currency
with the larger amount should there be two. Only tenants whose figures differ are written, so the
same import again costs one query. A tenant that was ignored and is billed anew comes back with it.
"""

from datetime import date

from django.db import connection, transaction

from billing.invoices.publishing import allow_long_statements
from organizations.ignoring.operations import end_billed_ignores
from portal.core.jobs.running import RunningJob
from tenants.connections.models import Connection
from tenants.discovery.operations import note_billing

BATCH = 5_000

DIFFERING = """
    WITH touched AS (
        SELECT DISTINCT t.microsoft_id FROM billing_invoicetenanttotal t
        JOIN billing_invoice i ON i.reseller_id = t.reseller_id AND i.id = t.invoice_id
        WHERE t.reseller_id = %(reseller)s AND i.connection_id = %(source)s
          AND (i.month = %(month)s OR %(month)s IS NULL) AND t.microsoft_id IS NOT NULL
    ), latest AS (
        SELECT DISTINCT ON (t.microsoft_id)
            t.microsoft_id, i.month, t.currency, sum(t.total) AS total
        FROM billing_invoicetenanttotal t
        JOIN billing_invoice i ON i.reseller_id = t.reseller_id AND i.id = t.invoice_id
        JOIN touched ON touched.microsoft_id = t.microsoft_id
        WHERE t.reseller_id = %(reseller)s AND i.state = 'published'
        GROUP BY t.microsoft_id, i.month, t.currency
        ORDER BY t.microsoft_id, i.month DESC, abs(sum(t.total)) DESC, t.currency
    )
    SELECT m.microsoft_id, latest.total, coalesce(latest.currency, ''), latest.month
    FROM touched
    JOIN tenants_tenant m
        ON m.reseller_id = %(reseller)s AND m.microsoft_id = touched.microsoft_id
    LEFT JOIN latest ON latest.microsoft_id = touched.microsoft_id
    WHERE (m.billed_amount, m.billed_currency, m.billed_month)
        IS DISTINCT FROM (latest.total, coalesce(latest.currency, ''), latest.month)
    ORDER BY m.microsoft_id
"""


def write_billed(source: Connection, *, month: date | None, running: RunningJob) -> int:
    """Bring up to date what the tenants on a connection's invoices were last billed.

    Returns how many tenants changed. Works in steps of 5,000 tenants, so that linking waits for
    none of them long.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        allow_long_statements()
        cursor.execute(
            DIFFERING,
            {"reseller": running.actor.reseller_id, "source": source.pk, "month": month},
        )
        differing = cursor.fetchall()
    for start in range(0, len(differing), BATCH):
        with running.step(note="Writing what each tenant was billed"):
            step = differing[start : start + BATCH]
            note_billing(step, actor=running.actor)
            end_billed_ignores([row[0] for row in step], actor=running.actor)
    return len(differing)
