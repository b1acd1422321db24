"""How much work waits, over all resellers: for health and for Prometheus.

Read under the relay's role, which sees the headers of jobs and no more. Jobs of resellers that are
suspended wait on purpose, so they make nothing late.
"""

from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction

from portal.core.database.scope import RELAY_ROLE, Scope, scope
from portal.core.identity.queries import held_resellers

OLDEST_DUE = """
    SELECT queue, extract(epoch FROM now() - min(due_at)) FROM core_job
    WHERE state = 'waiting' AND due_at <= now() AND reseller_id <> ALL (%s) GROUP BY queue
"""
COUNTS = "SELECT queue, kind, state, count(*) FROM core_job GROUP BY queue, kind, state"


@dataclass(frozen=True, slots=True)
class JobCount:
    """How many jobs of one kind there are in one state, those of long ago included."""

    queue: str
    kind: str
    state: str
    count: int


def oldest_due() -> dict[str, float]:
    """Return, per queue, for how many seconds its oldest due job has waited for a worker."""
    if settings.READ_ONLY:
        return {}
    held = held_resellers()
    with scope(Scope(RELAY_ROLE)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(OLDEST_DUE, [held])
        return {queue: float(seconds) for queue, seconds in cursor.fetchall()}


def job_counts() -> list[JobCount]:
    """Return the jobs there are by queue, kind and state (1 query, over all of them)."""
    with scope(Scope(RELAY_ROLE)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(COUNTS)
        return [JobCount(*row) for row in cursor.fetchall()]
