"""The relay: wakes what is due and nobody was told of, across all resellers.

It sees header columns only, under its own database role. A job it rings is pushed forward by one
lease, so that each is rung once per lease however many relays run.
"""

from uuid import UUID

from django.db import connection, transaction

from portal.core.database.scope import RELAY_ROLE, Scope, scope
from portal.core.jobs.operations import LEASE_SECONDS, ring

GRACE_SECONDS = 2
"""The publish on commit gets this long before the relay steps in."""


def relay_due(*, limit: int = 500) -> int:
    """Ring for up to ``limit`` due jobs and return how many were rung.

    Stops at the first that cannot be published: the broker is away, the rest would fail alike, and
    rows already pushed forward are due again after one lease.
    """
    rung = 0
    for job_id, queue in _take_due(limit):
        if not ring(job_id, queue):
            break
        rung += 1
    return rung


def _take_due(limit: int) -> list[tuple[UUID, str]]:
    with scope(Scope(RELAY_ROLE)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE core_job SET publish_at = now() + make_interval(secs => %s)
            WHERE id IN (
                SELECT id FROM core_job
                WHERE state IN ('waiting', 'running')
                  AND publish_at < now() - make_interval(secs => %s)
                ORDER BY publish_at LIMIT %s FOR UPDATE SKIP LOCKED)
            RETURNING id, queue
            """,
            [LEASE_SECONDS, GRACE_SECONDS, limit],
        )
        return cursor.fetchall()
