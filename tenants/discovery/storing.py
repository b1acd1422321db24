"""The statements that bring the table of tenants in line with Partner Center.

One statement per page does what an ORM loop did in a thousand. Rows that did not change are locked
for a moment and not written, so a nightly look at a hundred thousand tenants leaves no dead rows.
They are taken in the order of their Microsoft ids, so two connections that list the same tenants
do not wait for each other in a circle.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, transaction
from django.db import connection as database
from structlog import get_logger

from portal.core.database.planning import set_joins
from tenants.connections.models import Connection
from tenants.discovery.listing import Listed
from tenants.discovery.models import DiscoveryRun, Tenant

log = get_logger(__name__)

# The conflict itself is the look-up: it goes by the unique index whatever the planner believes. A
# join did not: for a reseller the statistics do not know yet, PostgreSQL found every index that
# starts with the reseller equally good, and read all its tenants for each row of a page.
#
# A tenant that a second connection lists too stays with the first until that one has lost it. What
# this transaction set to now() was made or came back by it.
#
# An invoice of last month says nothing about today: it makes tenants and changes none, and one that
# it makes is known to be gone where the whole list was read before and did not hold it.
#
# Tenants are locked in the order of their Microsoft ids, here and by everybody who locks several:
# a list of Microsoft's comes with no other key, and two orders are a deadlock.
STORE = """
    WITH written AS (
        INSERT INTO tenants_tenant AS kept (id, reseller_id, connection_id, microsoft_id, name,
            domain, relationship, status, missing_since, is_linked, first_seen_at, changed_at,
            former_name, email, phone, country, registration_number, address, billed_currency)
        SELECT gen_random_uuid(), c.reseller_id, c.id, given.microsoft_id, given.name,
            given.domain, given.relationship,
            CASE WHEN %(current)s OR c.discovered_at IS NULL THEN 'active' ELSE 'missing' END,
            CASE WHEN %(current)s OR c.discovered_at IS NULL THEN NULL ELSE now() END,
            false, now(), now(), '', '', '', '', '', '{}', ''
        FROM tenants_connection c, unnest(%(microsoft_ids)s::uuid[], %(names)s::text[],
            %(domains)s::text[], %(relationships)s::text[])
            AS given (microsoft_id, name, domain, relationship)
        WHERE c.reseller_id = %(reseller)s AND c.id = %(connection)s
        ORDER BY given.microsoft_id
        ON CONFLICT (reseller_id, microsoft_id) DO UPDATE SET
            connection_id = EXCLUDED.connection_id,
            former_name = CASE WHEN kept.name <> EXCLUDED.name THEN kept.name
                               ELSE kept.former_name END,
            name = EXCLUDED.name, domain = EXCLUDED.domain, relationship = EXCLUDED.relationship,
            returned_at = CASE WHEN kept.status = 'missing' THEN now() ELSE kept.returned_at END,
            status = 'active', missing_since = NULL, changed_at = now()
        WHERE %(current)s
          AND (kept.status = 'missing'
               OR (kept.connection_id = EXCLUDED.connection_id
                   AND (kept.name, kept.domain, kept.relationship)
                       IS DISTINCT FROM (EXCLUDED.name, EXCLUDED.domain, EXCLUDED.relationship)))
        RETURNING first_seen_at = now() AS created,
                  coalesce(returned_at = now(), false) AS returned
    )
    SELECT count(*) FILTER (WHERE created),
           count(*) FILTER (WHERE NOT created AND NOT returned),
           count(*) FILTER (WHERE returned)
    FROM written
"""

SIGHT = """
    INSERT INTO tenants_sightedtenant (reseller_id, run_id, microsoft_id)
    SELECT %s, %s, unnest(%s::uuid[]) ON CONFLICT DO NOTHING RETURNING microsoft_id
"""

# What changed since the run began was touched by somebody else (an invoice, another connection);
# the list may have been read before that, so it says nothing about such a tenant.
ABSENT = """
    FROM tenants_tenant t
    WHERE t.reseller_id = %(reseller)s AND t.connection_id = %(connection)s
      AND t.status = 'active' AND t.changed_at < %(began)s
      AND NOT EXISTS (SELECT FROM tenants_sightedtenant s
          WHERE s.reseller_id = t.reseller_id AND s.run_id = %(run)s
            AND s.microsoft_id = t.microsoft_id)
"""

COUNT_ABSENT = f"SELECT count(*) {ABSENT}"

MARK_MISSING = f"""
    WITH gone AS (SELECT t.id {ABSENT} ORDER BY t.microsoft_id FOR NO KEY UPDATE)
    UPDATE tenants_tenant t
    SET status = 'missing', missing_since = now(), changed_at = now()
    FROM gone WHERE t.id = gone.id
"""  # noqa: S608  (constants alone)

# Asked about one by one, and not in a list.
MARK_THESE_MISSING = """
    WITH gone AS (
        SELECT id FROM tenants_tenant
        WHERE reseller_id = %(reseller)s AND connection_id = %(connection)s
          AND status = 'active' AND microsoft_id = ANY (%(microsoft_ids)s::uuid[])
        ORDER BY microsoft_id FOR NO KEY UPDATE
    )
    UPDATE tenants_tenant t
    SET status = 'missing', missing_since = now(), changed_at = now()
    FROM gone WHERE t.id = gone.id
"""

# The web's limit stops a page that goes wrong; a million rows take their seconds.
ALLOW_LONG = "SELECT set_config('statement_timeout', '300s', true)"

FORGET = """
    DELETE FROM tenants_sightedtenant s USING tenants_discoveryrun r
    WHERE r.reseller_id = %s AND r.connection_id = %s
      AND s.reseller_id = r.reseller_id AND s.run_id = r.id
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """What one page changed."""

    created: int
    updated: int
    returned: int


def store_tenants(connection: Connection, page: Listed, *, current: bool = True) -> Stored:
    """Write customers to the tenants: the one way in for all that find them (1 statement).

    ``current``: Partner Center has them now; otherwise they are only named by something older.
    """
    if not len(page):
        return Stored(0, 0, 0)
    row = _execute(
        STORE,
        {
            "reseller": connection.reseller_id,
            "connection": connection.pk,
            "microsoft_ids": page.microsoft_ids,
            "names": page.names,
            "domains": page.domains,
            "relationships": page.relationships,
            "current": current,
        },
    )
    return Stored(*row)


def sight_page(run: DiscoveryRun, page: Listed) -> frozenset[str]:
    """Remember a page's customers as seen; return who of them had been before (1 statement)."""
    if not len(page):
        return frozenset()
    with database.cursor() as cursor:
        cursor.execute(SIGHT, [run.reseller_id, run.pk, page.microsoft_ids])
        if cursor.rowcount == len(page):
            return frozenset()
        fresh = {str(microsoft_id) for (microsoft_id,) in cursor.fetchall()}
    return frozenset(page.microsoft_ids) - fresh


def are_related_otherwise(run: DiscoveryRun, page: Listed, seen: Collection[str]) -> bool:
    """Tell whether customers seen before came with another relationship then (1 query).

    A partner with two roles has such: they are its own customers and a reseller's (IND-10). With
    the same one again, the list shifted while it was read.
    """
    related = dict(zip(page.microsoft_ids, page.relationships, strict=True))
    known = Tenant.objects.filter(reseller_id=run.reseller_id, microsoft_id__in=seen)
    rows = known.values_list("microsoft_id", "relationship")
    return all(related[str(microsoft_id)] != before for microsoft_id, before in rows)


def count_absent(run: DiscoveryRun) -> int:
    """Count the connection's active tenants that a whole list did not hold (1 query)."""
    with _compared_whole():
        return int(_execute(COUNT_ABSENT, _absence(run))[0])


def mark_absent(run: DiscoveryRun) -> int:
    """Mark those tenants missing and return how many they were (1 statement)."""
    with _compared_whole(), database.cursor() as cursor:
        cursor.execute(MARK_MISSING, _absence(run))
        return int(cursor.rowcount)


def mark_missing(connection: Connection, microsoft_ids: Sequence[str]) -> int:
    """Mark tenants of a connection missing that Partner Center does not have (1 statement)."""
    with database.cursor() as cursor:
        cursor.execute(
            MARK_THESE_MISSING,
            {
                "reseller": connection.reseller_id,
                "connection": connection.pk,
                "microsoft_ids": list(microsoft_ids),
            },
        )
        return int(cursor.rowcount)


def forget_sightings(run: DiscoveryRun) -> None:
    """Forget what this run and earlier ones of its connection have seen (1 statement)."""
    with database.cursor() as cursor:
        cursor.execute(ALLOW_LONG)
        cursor.execute(FORGET, [run.reseller_id, run.connection_id])


def settle() -> None:
    """Take statistics and sort the search index after many tenants came, not some time later.

    A transaction of its own. Whoever holds the lock is doing the same.
    """
    try:
        with transaction.atomic(), database.cursor() as cursor:
            cursor.execute(ALLOW_LONG)
            cursor.execute("SELECT tenants_settle()")
    except OperationalError as error:
        log.info("tenants_not_settled", reason=str(error).strip())


@contextmanager
def _compared_whole() -> Iterator[None]:
    """Have two whole lists compared by hash, for a block.

    Nobody has statistics of what a run saw a second ago. Taking it for a handful, the planner would
    go through it once for every tenant: a hundred thousand times a hundred thousand.
    """
    with database.cursor() as cursor:
        cursor.execute(ALLOW_LONG)
    with set_joins():
        yield


def _absence(run: DiscoveryRun) -> dict[str, Any]:
    return {
        "reseller": run.reseller_id,
        "connection": run.connection_id,
        "run": run.pk,
        "began": run.created_at,
    }


def _execute(statement: str, values: dict[str, Any]) -> Sequence[Any]:
    with database.cursor() as cursor:
        cursor.execute(statement, values)
        row: Sequence[Any] = cursor.fetchone()
    return row
