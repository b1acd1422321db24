"""Writing down to tenants what Microsoft has not billed yet.

An export has a line per subscription and charge, in no order, so sums are gathered in a table while
it is read: memory stays the same for any number of lines and tenants. Only when the whole export
was read are tenants touched, so a failure leaves them the former figure and its date.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import connection as database

from portal.core.access import Actor
from tenants.connections.models import Connection
from tenants.discovery.models import UnbilledSum

STEP = 5_000
ADD = """
    INSERT INTO tenants_unbilledsum AS kept
        (reseller_id, connection_id, currency, microsoft_id, amount)
    SELECT %s, %s, given.currency, given.microsoft_id, given.amount
    FROM unnest(%s::text[], %s::uuid[], %s::numeric[]) AS given (currency, microsoft_id, amount)
    ORDER BY given.currency, given.microsoft_id
    ON CONFLICT (reseller_id, connection_id, currency, microsoft_id)
    DO UPDATE SET amount = kept.amount + excluded.amount
"""
PUBLISH = """
    UPDATE tenants_tenant t SET unbilled_amount = fresh.amount,
        unbilled_currency = fresh.currency,
        unbilled_at = CASE WHEN fresh.amount IS NOT NULL THEN %(at)s::timestamptz END
    FROM (
        SELECT t.id, best.amount, coalesce(best.currency, '') AS currency
        FROM tenants_tenant t
        LEFT JOIN (
            SELECT DISTINCT ON (microsoft_id) microsoft_id, currency, amount
            FROM tenants_unbilledsum
            WHERE reseller_id = %(reseller)s AND connection_id = %(connection)s AND amount <> 0
            ORDER BY microsoft_id, abs(amount) DESC, currency
        ) best ON best.microsoft_id = t.microsoft_id
        WHERE t.reseller_id = %(reseller)s AND t.connection_id = %(connection)s
          AND ((t.unbilled_amount, t.unbilled_currency)
                  IS DISTINCT FROM (best.amount, coalesce(best.currency, ''))
               OR (best.amount IS NOT NULL AND t.unbilled_at IS DISTINCT FROM %(at)s))
        ORDER BY t.microsoft_id LIMIT %(step)s FOR NO KEY UPDATE OF t
    ) fresh
    WHERE t.id = fresh.id
"""


def add_unbilled(
    sums: Mapping[tuple[str, UUID], Decimal], *, connection: Connection, actor: Actor
) -> None:
    """Add to what was gathered of a connection so far; keys are currency and Microsoft id."""
    if not sums:
        return
    currencies, ids = zip(*sums, strict=True)
    with database.cursor() as cursor:
        cursor.execute(
            ADD,
            [
                actor.reseller_id,
                connection.pk,
                list(currencies),
                list(ids),
                list(sums.values()),
            ],
        )


def drop_unbilled(*, connection: Connection, actor: Actor, currency: str = "") -> None:
    """Forget what was gathered of a connection, in one currency or all."""
    rows = UnbilledSum.objects.filter(reseller_id=actor.reseller_id, connection=connection)
    (rows.filter(currency=currency) if currency else rows).delete()


def note_unbilled(*, connection: Connection, actor: Actor, at: datetime) -> int:
    """Write up to 5,000 of the gathered sums down to tenants; returns how many, 0 when all are.

    Tenants of the connection that the export did not name have nothing unbilled any more. Of two
    currencies a tenant shows the larger amount, as with what was billed.
    """
    with database.cursor() as cursor:
        cursor.execute(
            PUBLISH,
            {
                "at": at,
                "reseller": actor.reseller_id,
                "connection": connection.pk,
                "step": STEP,
            },
        )
        return int(cursor.rowcount)
