"""The job row.

    waiting ──claim──▶ running ──▶ done
       ▲                 │ ├─────▶ failed         a definite refusal
       └──transient──────┘ └─────▶ needs_person   out of attempts, or the outcome is unknown

The row is its own outbox entry: it is written in the transaction that asks for the work, published
on commit where the broker answers, and otherwise found by the relay through ``publish_at``. A
message lost is found again, a message doubled loses the claim. Losing the broker loses nothing.
"""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from portal.core.rows import ResellerOwned


class Job(ResellerOwned):
    """One piece of long work, with lease and fence, progress, attempts and error."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        NEEDS_PERSON = "needs_person", "Needs a person"

    OPEN = (State.WAITING, State.RUNNING)

    kind = models.CharField(max_length=60)
    queue = models.CharField(max_length=20)
    title = models.CharField(max_length=300)
    subject_id = models.UUIDField(null=True)
    dedupe_key = models.CharField(max_length=100, null=True)  # noqa: DJ001  (NULLs stay distinct)
    payload = models.JSONField(default=dict)
    result = models.JSONField(default=dict)

    state = models.CharField(max_length=15, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=3)
    due_at = models.DateTimeField(db_default=Now())
    publish_at = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField(null=True)
    fence = models.BigIntegerField(default=0)

    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True)
    note = models.CharField(max_length=300, blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    error = models.TextField(blank=True)

    asked_by = models.CharField(max_length=250)
    membership_id = models.UUIDField(null=True)
    correlation_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "kind", "dedupe_key"],
                condition=Q(state__in=["waiting", "running"]),
                name="core_job_one_open",
            ),
            models.CheckConstraint(
                name="core_job_finished_has_time",
                condition=Q(state__in=["waiting", "running"], finished_at=None)
                | (~Q(state__in=["waiting", "running"]) & Q(finished_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(fields=["reseller", "created_at", "id"], name="core_job_newest"),
            models.Index(fields=["reseller", "subject_id", "-created_at"], name="core_job_subject"),
            models.Index(
                fields=["reseller", "queue", "publish_at"],
                condition=Q(state__in=["waiting", "running"]),
                name="core_job_due",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def next_try(self) -> datetime | None:
        """When a job that waits after a failure is tried again; None where it waits for no time."""
        later = self.state == self.State.WAITING and self.due_at > timezone.now()
        return self.due_at if later else None

    @property
    def is_silent(self) -> bool:
        """Whether its worker has given no sign of life for a lease, so that another takes it."""
        return self.state == self.State.RUNNING and bool(
            self.lease_until and self.lease_until < timezone.now()
        )

    @property
    def percent(self) -> int | None:
        """How far, or None while the size of the work is not known."""
        return min(100, 100 * self.done // self.total) if self.total else None


class Slot(models.Model):
    """When something done by the clock was last taken on, and finished (`schedule`)."""

    name = models.CharField(max_length=60, primary_key=True)
    slot = models.DateTimeField()
    taken_until = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name} {self.slot:%Y-%m-%d %H:%M}"
