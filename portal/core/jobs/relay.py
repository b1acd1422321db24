"""The relay: wakes what is due and nobody was told of, across all resellers.

It sees header columns only, under its own database role. A job it rings is pushed forward by one
lease, so that each is rung once per lease however many relays run. Of each reseller only its share
of a queue is on its way at a time (`kinds.QUEUES`), and resellers take turns: a backlog of fifty
thousand jobs delays its own reseller and nobody else.
"""

from collections.abc import Iterator
from itertools import groupby, zip_longest
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from portal.core.database.scope import RELAY_ROLE, Scope, scope
from portal.core.failpoints import failpoint
from portal.core.jobs.broker import has_forgotten
from portal.core.jobs.kinds import QUEUES
from portal.core.jobs.operations import GRACE_SECONDS
from portal.core.jobs.ringing import ring

TAKE_DUE = """
    WITH clock AS (
        SELECT now() - make_interval(secs => %(grace)s) AS late,
               now() + make_interval(secs => %(lease)s) AS lease_end
    ), share AS (
        SELECT * FROM unnest(%(queues)s::text[], %(shares)s::int[]) AS s (queue, jobs)
    ), late AS (
        SELECT DISTINCT reseller_id, queue FROM core_job
        WHERE state IN ('waiting', 'running') AND publish_at < (SELECT late FROM clock)
          AND (%(reseller)s IS NULL OR reseller_id = %(reseller)s)
          AND (%(queue)s IS NULL OR queue = %(queue)s)
    ), room AS (
        SELECT late.*, share.jobs - (
            SELECT count(*) FROM core_job j
            WHERE j.state IN ('waiting', 'running') AND j.queue = late.queue
              AND j.reseller_id = late.reseller_id
              AND j.publish_at >= (SELECT late FROM clock) AND j.due_at <= now()) AS jobs
        FROM late JOIN share USING (queue)
    ), due AS (
        SELECT found.id FROM room CROSS JOIN LATERAL (
            SELECT id FROM core_job j
            WHERE j.state IN ('waiting', 'running') AND j.queue = room.queue
              AND j.reseller_id = room.reseller_id AND j.publish_at < (SELECT late FROM clock)
            ORDER BY publish_at LIMIT greatest(room.jobs, 0) FOR UPDATE SKIP LOCKED) AS found
    )
    UPDATE core_job SET publish_at = lease_end FROM clock WHERE id IN (SELECT id FROM due)
    RETURNING id, queue, reseller_id, due_at
"""


def relay_due(*, reseller_id: int | None = None, queue: str | None = None) -> int:
    """Ring for due jobs, of every reseller or one, and return how many were rung.

    Stops at the first that cannot be published: the broker is away and the rest would fail alike,
    so they are made due again.
    """
    due = _take_due(reseller_id, queue)
    for rung, (job_id, name) in enumerate(due):
        failpoint("relay.before_publish")
        if not ring(job_id, name):
            make_due([job_id for job_id, _ in due[rung:]])
            return rung
        failpoint("relay.after_publish")
    return len(due)


def ring_again_after_loss() -> int:
    """Make every job due whose message was in a broker that has forgotten it; return how many.

    Raises:
        RedisError, OSError: the broker cannot be asked.
    """
    return make_due(None) if has_forgotten() else 0


def make_due(jobs: list[UUID] | None) -> int:
    """Let the next round ring for some jobs, or for all that wait and may be rung for."""
    with scope(Scope(RELAY_ROLE)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE core_job SET publish_at = now() - make_interval(secs => %(late)s)
            WHERE state = 'waiting' AND due_at <= now() AND publish_at > now()
              AND (%(jobs)s::uuid[] IS NULL OR id = ANY (%(jobs)s::uuid[]))
            """,
            {"late": GRACE_SECONDS + 1, "jobs": jobs},
        )
        return cursor.rowcount


def _take_due(reseller_id: int | None, queue: str | None) -> list[tuple[UUID, str]]:
    values: dict[str, Any] = {
        "queues": list(QUEUES),
        "shares": list(QUEUES.values()),
        "grace": GRACE_SECONDS,
        "lease": settings.JOB_LEASE_SECONDS,
        "reseller": reseller_id,
        "queue": queue,
    }
    with scope(Scope(RELAY_ROLE)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TAKE_DUE, values)
        return list(_in_turns(cursor.fetchall()))


def _in_turns(rows: list[tuple[UUID, str, int, object]]) -> Iterator[tuple[UUID, str]]:
    """Yield one job of each reseller, then a second of each, oldest first within a reseller."""
    by_reseller = groupby(sorted(rows, key=itemgetter(2, 3)), key=itemgetter(2))
    for turn in zip_longest(*(list(own) for _, own in by_reseller)):
        yield from ((row[0], row[1]) for row in turn if row)
