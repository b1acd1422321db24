"""The tasks of the queue: run the job with this id, and the tick of the clock."""

from uuid import UUID

from celery import shared_task

from portal.core.jobs import schedule, worker
from portal.core.jobs.ringing import RUN_JOB


@shared_task(name=RUN_JOB)
def run_job(job_id: str) -> None:
    """Run a job by id. Anything else in the message is ignored; a bad id ends quietly."""
    try:
        parsed = UUID(job_id)
    except (ValueError, TypeError, AttributeError):
        return
    worker.run_job(parsed)


@shared_task(name="portal.tick")
def tick() -> None:
    """Do what the clock asks for, if nobody has done it. Comes once a minute, or late, or twice."""
    schedule.tick()
