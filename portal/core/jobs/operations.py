"""Asking for work, claiming it, and writing down how it ended.

Time is the database's: leases are judged by ``now()`` there, never by a worker's clock. Every write
of a running job carries its fence, so a worker that stalled past its lease cannot overwrite what
its successor did.
"""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from portal.core import audit
from portal.core.access import Actor
from portal.core.correlation import correlation_id
from portal.core.errors import Conflict, NotFound
from portal.core.failpoints import failpoint
from portal.core.jobs.kinds import QUEUES, JobKind
from portal.core.jobs.models import Job
from portal.core.jobs.ringing import ring

GRACE_SECONDS = 2
"""A job just written counts as rung for this long; then the relay steps in."""


def enqueue(
    kind: JobKind,
    *,
    actor: Actor,
    title: str,
    subject_id: UUID | None = None,
    dedupe_key: str | None = None,
    payload: Mapping[str, Any] | None = None,
) -> Job:
    """Write a job in the caller's transaction and wake a worker when that commits.

    ``dedupe_key``: while a job of this kind with the same key is open, asking again is refused.

    Raises:
        Conflict: such a job is open; ``data["job"]`` is its id.
    """
    job = Job(
        reseller_id=actor.reseller_id,
        kind=kind.name,
        queue=kind.queue,
        title=title[:300],
        subject_id=subject_id,
        dedupe_key=dedupe_key,
        payload=dict(payload or {}),
        max_attempts=kind.max_attempts,
        asked_by=actor.label[:250],
        membership_id=actor.membership_id,
        correlation_id=correlation_id(),
    )
    try:
        with transaction.atomic():
            job.save(force_insert=True)
    except IntegrityError:
        open_job = (
            Job.objects.visible_to(actor)
            .filter(kind=kind.name, dedupe_key=dedupe_key, state__in=Job.OPEN)
            .first()
        )
        if open_job is None:
            raise
        raise Conflict(
            f"“{open_job.title}” is {open_job.get_state_display().lower()} already,"
            f" asked for by {open_job.asked_by}.",
            code="job_open",
            data={"job": str(open_job.pk)},
        ) from None
    failpoint("job.before_commit")
    if _on_their_way(actor.reseller_id, kind.queue) <= QUEUES[kind.queue]:
        transaction.on_commit(partial(_ring_at_once, job.pk, job.queue))
    return job


def _ring_at_once(job_id: UUID, queue: str) -> None:
    failpoint("job.after_commit")
    ring(job_id, queue)


def _on_their_way(reseller_id: int, queue: str) -> int:
    """Count a reseller's jobs that are rung or running in a queue, up to one past its share."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*) FROM (
                SELECT FROM core_job
                WHERE state IN ('waiting', 'running') AND queue = %s AND reseller_id = %s
                  AND publish_at >= clock_timestamp() - make_interval(secs => %s)
                  AND due_at <= clock_timestamp()
                LIMIT %s) AS few
            """,
            [queue, reseller_id, GRACE_SECONDS, QUEUES[queue] + 1],
        )
        (count,) = cursor.fetchone()
    return int(count)


def claim(job_id: UUID) -> Job | None:
    """Take a job that is due, or whose worker's lease ran out; None if somebody else has it.

    A job out of attempts is handed to a person instead. Call in the reseller's scope.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE core_job SET
                state = CASE WHEN attempts >= max_attempts THEN 'needs_person' ELSE 'running' END,
                error_code = CASE WHEN attempts >= max_attempts AND error_code = ''
                                  THEN 'worker_lost' ELSE error_code END,
                error = CASE WHEN attempts >= max_attempts AND error = ''
                             THEN 'The worker stopped without an answer, each time it was tried.'
                             ELSE error END,
                finished_at = CASE WHEN attempts >= max_attempts THEN now() END,
                attempts = attempts + CASE WHEN attempts >= max_attempts THEN 0 ELSE 1 END,
                fence = fence + 1,
                started_at = coalesce(started_at, now()),
                lease_until = now() + make_interval(secs => %s),
                publish_at = now() + make_interval(secs => %s)
            WHERE id = %s AND ((state = 'waiting' AND due_at <= now())
                            OR (state = 'running' AND lease_until < now()))
            RETURNING state
            """,
            [settings.JOB_LEASE_SECONDS, settings.JOB_LEASE_SECONDS, job_id],
        )
        row = cursor.fetchone()
        job = Job.objects.get(pk=job_id) if row and row[0] == Job.State.RUNNING else None
    failpoint("lease.taken")
    return job


def finish(job: Job, *, state: Job.State, error_code: str = "", error: str = "") -> bool:
    """Write the outcome, if the fence still is ours. Returns whether it was."""
    failpoint("outcome.before_commit")
    with transaction.atomic():
        changed = Job.objects.filter(pk=job.pk, fence=job.fence, state=Job.State.RUNNING).update(
            state=state,
            error_code=error_code,
            error=error,
            lease_until=None,
            finished_at=Now(),
        )
    failpoint("outcome.committed")
    return changed == 1


def put_back(
    job: Job, *, seconds: float, error_code: str = "", error: str = "", counted: bool = True
) -> bool:
    """Let a job wait for ``seconds``, if the fence still is ours. Returns whether it was.

    ``counted``: it was tried and failed for the time being. A job that only had to make room, for
    a worker that stops or one that does not know its kind, gets its attempt back.
    """
    with transaction.atomic():
        due = Now() + timedelta(seconds=seconds)
        changed = Job.objects.filter(pk=job.pk, fence=job.fence, state=Job.State.RUNNING).update(
            state=Job.State.WAITING,
            attempts=F("attempts") - (0 if counted else 1),
            error_code=error_code,
            error=error,
            lease_until=None,
            due_at=due,
            publish_at=due,
        )
    return changed == 1


def retry_job(job: Job, *, actor: Actor, reason: str = "") -> Job:
    """Start a failed job over, with fresh attempts and what it had reached.

    Raises:
        Conflict: it is not in a state that can be tried again, or a newer one is open.
    """
    actor.require("jobs.retry")
    with transaction.atomic():
        row = (
            Job.objects.visible_to(actor).select_for_update(of=("self",)).filter(pk=job.pk).first()
        )
        if row is None:
            raise NotFound
        if row.state not in (Job.State.FAILED, Job.State.NEEDS_PERSON):
            raise Conflict(
                f"“{row.title}” is {row.get_state_display().lower()}; only failed work is retried."
            )
        before = {"state": row.state, "error": row.error}
        try:
            with transaction.atomic():
                Job.objects.filter(pk=row.pk).update(
                    state=Job.State.WAITING,
                    attempts=0,
                    due_at=Now(),
                    publish_at=Now(),
                    finished_at=None,
                    error="",
                    error_code="",
                    fence=F("fence") + 1,
                )
        except IntegrityError:
            raise Conflict(
                f"“{row.title}” was asked for again meanwhile.", code="job_open"
            ) from None
        audit.record(actor, "core.job_retried", row, before=before, reason=reason)
        transaction.on_commit(partial(ring, row.pk, row.queue))
        row.refresh_from_db()
        return row
