"""A claimed job, as the function that does it sees it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now

from portal.core.access import Actor
from portal.core.failpoints import failpoint
from portal.core.jobs.models import Job
from portal.core.jobs.stopping import stopping


class LeaseLost(Exception):
    """Somebody else runs this job now; stop at once and write nothing."""


class Interrupted(Exception):
    """The worker is asked to stop; the job goes on from its last step, elsewhere or later."""


class NotYet(Exception):
    """What the job waits for is not there; it goes on after ``seconds`` and no try is counted."""

    def __init__(self, *, seconds: float) -> None:
        super().__init__(f"Not before {seconds:.0f} seconds.")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class RunningJob:
    """The row, the actor it works for, and fenced writes.

    ``asker`` is whose rights and sight count: the actor itself, unless somebody of a sub-reseller
    asked and the actor stands in (`portal.core.access.standing_in`).
    """

    job: Job
    actor: Actor
    asked: Actor | None = None

    @property
    def asker(self) -> Actor:
        return self.asked or self.actor

    @property
    def subject_id(self) -> UUID | None:
        return self.job.subject_id

    @contextmanager
    def step(
        self,
        *,
        done: int | None = None,
        total: int | None = None,
        note: str | None = None,
        payload: Mapping[str, Any] | None = None,
        result: Mapping[str, Any] | None = None,
    ) -> Iterator[None]:
        """Open a transaction that holds the fence; what is written inside commits with progress.

        ``payload`` replaces the job's own (a place to go on from after a kill). Extends the lease.

        Raises:
            LeaseLost: another worker has taken over; the transaction is rolled back.
            Interrupted: the worker is asked to stop; the step is committed.
        """
        with transaction.atomic():
            self._advance(done=done, total=total, note=note, payload=payload, result=result)
            yield
            failpoint("step.before_commit")
        failpoint("step.committed")
        if stopping():
            raise Interrupted

    def report(self, **progress: Any) -> None:
        """Write progress alone (see `step`), outside any other transaction."""
        with self.step(**progress):
            return

    def _advance(self, **changes: Any) -> None:
        given = {name: value for name, value in changes.items() if value is not None}
        changed = Job.objects.filter(
            pk=self.job.pk, fence=self.job.fence, state=Job.State.RUNNING
        ).update(**given, lease_until=lease_end(), publish_at=lease_end())
        if changed != 1:
            raise LeaseLost(f"Job {self.job.pk} is no longer ours.")
        for name, value in given.items():
            setattr(self.job, name, value)


def lease_end() -> CombinedExpression:
    """Return when a lease taken or renewed now runs out, by the database's clock."""
    return Now() + timedelta(seconds=settings.JOB_LEASE_SECONDS)
