"""The statements that bring the table of tenants in line with Partner Center's list.

One statement per page does what an ORM loop did in a thousand. Rows that did not change are not
touched, so a nightly look at a hundred thousand tenants writes only the few that did. Rows are
taken in the order of their Microsoft ids, so two connections that list the same tenants do not wait
for each other in a circle.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection as database

from tenants.discovery.listing import Listed
from tenants.discovery.models import DiscoveryRun

# The lateral sub-select pins one index look-up per row: joined freely, the planner may decide by
# old statistics to read the whole table for every page of a first discovery.
#
# A tenant that a second connection lists too stays with the first until that one has lost it.
STORE = """
    WITH given AS MATERIALIZED (
        SELECT * FROM unnest(%(microsoft_ids)s::uuid[], %(names)s::text[], %(domains)s::text[],
            %(relationships)s::text[]) AS g (microsoft_id, name, domain, relationship)
    ), differing AS MATERIALIZED (
        SELECT given.*, kept.status AS former_status FROM given LEFT JOIN LATERAL (
            SELECT t.status, t.connection_id, t.name, t.domain, t.relationship
            FROM tenants_tenant t
            WHERE t.reseller_id = %(reseller)s AND t.microsoft_id = given.microsoft_id LIMIT 1
        ) kept ON true
        WHERE kept.status IS NULL OR kept.status = 'missing'
           OR (kept.connection_id = %(connection)s
               AND (kept.name, kept.domain, kept.relationship)
                   IS DISTINCT FROM (given.name, given.domain, given.relationship))
    ), written AS (
        INSERT INTO tenants_tenant AS kept (id, reseller_id, connection_id, microsoft_id, name,
            domain, relationship, status, is_linked, first_seen_at, changed_at, former_name,
            email, phone, country, registration_number, address, billed_currency)
        SELECT gen_random_uuid(), %(reseller)s, %(connection)s, microsoft_id, name,
            domain, relationship, 'active', false, now(), now(), '', '', '', '', '', '{}', ''
        FROM differing ORDER BY microsoft_id
        ON CONFLICT (reseller_id, microsoft_id) DO UPDATE SET
            connection_id = EXCLUDED.connection_id,
            former_name = CASE WHEN kept.name <> EXCLUDED.name THEN kept.name
                               ELSE kept.former_name END,
            name = EXCLUDED.name, domain = EXCLUDED.domain, relationship = EXCLUDED.relationship,
            status = 'active', missing_since = NULL, changed_at = now()
        WHERE kept.status = 'missing' OR kept.connection_id = EXCLUDED.connection_id
        RETURNING microsoft_id
    )
    SELECT count(*) FILTER (WHERE former_status IS NULL),
           count(*) FILTER (WHERE former_status = 'active'),
           count(*) FILTER (WHERE former_status = 'missing')
    FROM written JOIN differing USING (microsoft_id)
"""

SIGHT = """
    INSERT INTO tenants_sightedtenant (reseller_id, run_id, microsoft_id)
    SELECT %s, %s, unnest(%s::uuid[]) ON CONFLICT DO NOTHING
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
    WITH gone AS (SELECT t.id {ABSENT} ORDER BY t.id FOR NO KEY UPDATE)
    UPDATE tenants_tenant t
    SET status = 'missing', missing_since = now(), changed_at = now()
    FROM gone WHERE t.id = gone.id
"""  # noqa: S608  (constants alone)

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


def store_page(run: DiscoveryRun, page: Listed) -> Stored:
    """Write a page's customers to the tenants (1 statement)."""
    if not len(page):
        return Stored(0, 0, 0)
    row = _execute(
        STORE,
        {
            "reseller": run.reseller_id,
            "connection": run.connection_id,
            "microsoft_ids": page.microsoft_ids,
            "names": page.names,
            "domains": page.domains,
            "relationships": page.relationships,
        },
    )
    return Stored(*row)


def sight_page(run: DiscoveryRun, page: Listed) -> int:
    """Remember a page's customers as seen; returns how many were new to this run (1 statement)."""
    if not len(page):
        return 0
    with database.cursor() as cursor:
        cursor.execute(SIGHT, [run.reseller_id, run.pk, page.microsoft_ids])
        return int(cursor.rowcount)


def count_absent(run: DiscoveryRun) -> int:
    """Count the connection's active tenants that a whole list did not hold (1 query)."""
    return int(_execute(COUNT_ABSENT, _absence(run))[0])


def mark_absent(run: DiscoveryRun) -> int:
    """Mark those tenants missing and return how many they were (1 statement)."""
    with database.cursor() as cursor:
        cursor.execute(MARK_MISSING, _absence(run))
        return int(cursor.rowcount)


def forget_sightings(run: DiscoveryRun) -> None:
    """Forget what this run and earlier ones of its connection have seen (1 statement)."""
    with database.cursor() as cursor:
        cursor.execute(FORGET, [run.reseller_id, run.connection_id])


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
