"""Integration tests of connections: each run with the steps it took and what each of them saw."""

from typing import Any

from django.db import models
from django.db.models import Q

from portal.core.jobs.models import Job
from portal.core.rows import OwnedForeignKey, ResellerOwned
from tenants.connections.models import Connection


class IntegrationTest(ResellerOwned):
    """One run of the whole script through a connection. The job row carries its state.

    ``is_sandbox`` is what the person who asked declared. Without it nothing is ever written at
    Microsoft but the registration for events.
    """

    connection = OwnedForeignKey(Connection)
    job = OwnedForeignKey(Job)
    is_sandbox = models.BooleanField(default=False)
    passed = models.PositiveSmallIntegerField(default=0)
    failed = models.PositiveSmallIntegerField(default=0)
    skipped = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    completed_at = models.DateTimeField(null=True)

    class Meta(ResellerOwned.Meta):
        indexes = [
            models.Index(
                fields=["reseller", "connection", "-created_at"], name="tenants_inttest_newest"
            )
        ]

    def __str__(self) -> str:
        return f"Integration test of {self.created_at:%Y-%m-%d %H:%M} UTC"


class IntegrationStep(ResellerOwned):
    """One step of a run: how it went, what was seen, and what to do where it failed.

    ``seen`` is a list of ``{"name", "value"}`` in the order they are shown; amounts are text with
    their currency. ``kept`` is what later steps, or the same step after a pause, need to know; it
    holds no secret. ``request_id`` is the MS-RequestId of the step's write, stored before it is
    sent, so that a repeated one is recognised. ``correlation_id`` is that of the failed call, or of
    all calls of the run.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        PASSED = "passed", "Passed"
        FAILED = "failed", "Failed"
        SKIPPED = "skipped", "Skipped"

    ENDED = (State.PASSED, State.FAILED, State.SKIPPED)

    test = OwnedForeignKey(IntegrationTest, on_delete=models.CASCADE)
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=30)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    seen: Any = models.JSONField(default=list)
    code = models.CharField(max_length=60, blank=True)
    reason = models.TextField(blank=True)
    advice = models.TextField(blank=True)
    correlation_id = models.CharField(max_length=64, blank=True)
    request_id = models.UUIDField(null=True)
    kept: Any = models.JSONField(default=dict)

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "test", "name"], name="tenants_intstep_one"
            ),
            models.CheckConstraint(
                name="tenants_intstep_ended_has_time",
                condition=Q(state__in=["waiting", "running"], ended_at=None)
                | (~Q(state__in=["waiting", "running"]) & Q(ended_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def has_ended(self) -> bool:
        return self.state in self.ENDED

    @property
    def seconds(self) -> float | None:
        """How long it took in seconds, waiting for Microsoft included; None until it has ended."""
        if self.started_at is None or self.ended_at is None:
            return None
        return round((self.ended_at - self.started_at).total_seconds(), 3)
