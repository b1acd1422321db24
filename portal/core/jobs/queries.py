"""Reading jobs."""

from uuid import UUID

from portal.core.access import Actor
from portal.core.jobs.models import Job
from portal.core.rows import ScopedQuerySet


def jobs(actor: Actor) -> "ScopedQuerySet[Job]":
    """Return the jobs the actor may see, newest first."""
    rows: ScopedQuerySet[Job] = Job.objects.visible_to(actor).order_by("-created_at", "-id")
    return rows


def newest_job(actor: Actor, *, kind: str, subject_id: UUID) -> Job | None:
    """Return the latest job of a kind about one row (1 query)."""
    return jobs(actor).filter(kind=kind, subject_id=subject_id).first()
