"""Running one job from its id: find the reseller, claim, do, write the outcome.

This is the one place that catches every exception, also those that would end the worker: it records
what happened on the row and raises `JobBroke`, for the worker's log.
"""

import random
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from structlog import get_logger
from structlog.contextvars import bound_contextvars

from portal.core.access import Actor, acting, member_actor, standing_in, system_actor
from portal.core.correlation import bind_correlation
from portal.core.database.scope import RELAY_ROLE, Scope, scope
from portal.core.errors import PortalError
from portal.core.failpoints import failpoint
from portal.core.identity.queries import is_held, membership_by_id
from portal.core.jobs import operations
from portal.core.jobs.keeping import lease_kept
from portal.core.jobs.kinds import rights_besides, runner_of
from portal.core.jobs.models import Job
from portal.core.jobs.relay import make_due, relay_due
from portal.core.jobs.running import Interrupted, LeaseLost, NotYet, RunningJob
from portal.core.jobs.stopping import stopping

UNKNOWN_KIND_SECONDS = 5
log = get_logger(__name__)


class JobBroke(Exception):
    """Something nobody foresaw ended a job; the row and the log say what."""


def run_job(job_id: UUID) -> bool:
    """Run a job if it is due and free. Returns whether it was ours to run.

    An id that is unknown, done, or held by another worker ends quietly: any message may come twice,
    late, or from a stranger.

    Raises:
        JobBroke: the job ended in an unforeseen way; its outcome is written.
    """
    failpoint("task.received")
    if stopping():
        make_due([job_id])
        return False
    reseller_id = _reseller_of(job_id)
    if reseller_id is None:
        log.info("job_unknown", job=str(job_id))
        return False
    if is_held(reseller_id):
        log.info("job_held", job=str(job_id), reseller=reseller_id)
        return False
    with acting(system_actor(reseller_id, "jobs")):
        job = operations.claim(job_id)
        if job is None:
            return False
        if is_held(reseller_id):  # suspended between the look and the claim
            operations.put_back(job, seconds=0, counted=False)
            return False
        bind_correlation(job.correlation_id)
        with bound_contextvars(job=str(job.pk), kind=job.kind, reseller=reseller_id):
            actor = _actor_of(job)
            if actor is None:
                operations.finish(
                    job,
                    state=Job.State.FAILED,
                    error_code="asker_removed",
                    error=f"{job.asked_by} no longer has the right to this.",
                )
                return True
            try:
                besides = rights_besides(job.kind)
                doer = actor if besides is None else standing_in(actor, besides)
                with acting(doer):
                    _carry_out(RunningJob(job, doer, actor))
            finally:
                # There is room for one more of this reseller's; a full backlog needs no relay.
                relay_due(reseller_id=reseller_id, queue=job.queue)
    return True


def _carry_out(running: RunningJob) -> None:
    job = running.job
    runner = runner_of(job.kind)
    if runner is None:
        operations.put_back(
            job,
            seconds=UNKNOWN_KIND_SECONDS,
            error_code="unknown_kind",
            error=f"This worker does not know jobs of kind {job.kind}.",
            counted=False,
        )
        return
    try:
        with lease_kept(job):
            runner(running)
    except LeaseLost:
        log.warning("job_lease_lost")
    except Interrupted:
        operations.put_back(job, seconds=0, counted=False)
        log.info("job_interrupted", done=job.done)
    except NotYet as later:
        operations.put_back(job, seconds=later.seconds, counted=False)
        log.info("job_waits", seconds=later.seconds)
    except PortalError as error:
        _write_failure(job, error.code, error.detail, transient=error.transient)
    except (Exception, SystemExit) as error:
        _write_failure(
            job,
            "internal",
            f"{type(error).__name__}: see the log for {job.correlation_id}.",
            transient=True,
        )
        # MemoryError and SystemExit would take the whole worker along, and every job behind it.
        raise JobBroke(f"Job {job.pk} of kind {job.kind} broke.") from error
    else:
        operations.finish(job, state=Job.State.DONE)
        log.info("job_done", done=job.done)


def _write_failure(job: Job, code: str, detail: str, *, transient: bool) -> None:
    log.warning("job_failed", code=code, detail=detail, transient=transient, attempt=job.attempts)
    if not transient:
        operations.finish(job, state=Job.State.FAILED, error_code=code, error=detail)
    elif job.attempts >= job.max_attempts:
        operations.finish(job, state=Job.State.NEEDS_PERSON, error_code=code, error=detail)
    else:
        waits = settings.JOB_BACKOFF_SECONDS
        seconds = waits[min(job.attempts, len(waits)) - 1]
        operations.put_back(
            job,
            seconds=seconds * random.uniform(0.8, 1.2),  # noqa: S311  (jitter)
            error_code=code,
            error=detail,
        )


def _actor_of(job: Job) -> Actor | None:
    """Return the asker with today's rights; None once the membership is gone."""
    if job.membership_id is None:
        return system_actor(job.reseller_id, job.kind)
    membership = membership_by_id(job.membership_id)
    return member_actor(membership) if membership else None


def _reseller_of(job_id: UUID) -> int | None:
    with scope(Scope(RELAY_ROLE)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT reseller_id FROM core_job WHERE id = %s", [job_id])
        row = cursor.fetchone()
    return row[0] if row else None
