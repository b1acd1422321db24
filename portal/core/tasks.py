"""The one task of the queue: run the job with this id."""

from uuid import UUID

from celery import shared_task

from portal.core.jobs import worker
from portal.core.jobs.operations import RUN_JOB


@shared_task(name=RUN_JOB)
def run_job(job_id: str) -> None:
    """Run a job by id. Anything else in the message is ignored; a bad id ends quietly."""
    try:
        parsed = UUID(job_id)
    except (ValueError, TypeError, AttributeError):
        return
    worker.run_job(parsed)
