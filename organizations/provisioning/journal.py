"""A request at work: its journal, and writes that hold the job's fence and the request's row.

Every write locks the request and finds it still running, so that somebody who cancels it meets the
worker here, and a worker whose lease is lost writes nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils import timezone

from organizations.provisioning.letters import write_about
from organizations.provisioning.models import ProvisioningRequest, ProvisioningStep
from organizations.provisioning.plan import title_of
from organizations.provisioning.queries import requests, steps_of
from organizations.provisioning.seeing import sees_tenant
from organizations.provisioning.steering import ask_about, lock_request
from partnercenter.client import PartnerCenter
from portal.core import audit
from portal.core.access import Actor, acting
from portal.core.database.clock import database_time
from portal.core.errors import NotAllowed
from portal.core.failpoints import failpoint
from portal.core.jobs.running import RunningJob
from portal.core.secrecy import without_secrets
from tenants.connections.clients import partner_center_for
from tenants.connections.models import Connection
from tenants.connections.queries import connection_with_secret
from tenants.discovery.models import Tenant

State, StepState = ProvisioningRequest.State, ProvisioningStep.State


class Stopped(Exception):
    """The request is no longer to be worked on: somebody cancelled it."""


class Asked(Exception):
    """The tenant exists, and a person has to say whether it is meant."""

    def __init__(self, tenant: Tenant) -> None:
        super().__init__(tenant.name)
        self.tenant = tenant


class Halted(Exception):
    """It cannot go on by itself: refused (``failed``), or a person has to do something first.

    ``outcome`` is what is known of the create then, where that changes. ``unknown``: the step's own
    outcome is not known.
    """

    def __init__(
        self,
        state: str,
        *,
        code: str,
        words: str,
        fields: Mapping[str, list[str]] | None = None,
        correlation: str = "",
        outcome: str = "",
        invitation: str = "",
        unknown: bool = False,
    ) -> None:
        super().__init__(words)
        self.state, self.code, self.words = state, code, without_secrets(words)
        self.fields = dict(fields or {})
        self.correlation, self.outcome, self.invitation = correlation, outcome, invitation
        self.unknown = unknown


@dataclass(frozen=True, slots=True)
class Ended:
    """How a step ended, and what is written in the same transaction."""

    reason: str = ""
    skipped: bool = False
    write: Callable[[ProvisioningRequest], None] | None = None


@dataclass(slots=True)
class Work:
    """What a step works with."""

    running: RunningJob
    request: ProvisioningRequest
    connection: Connection
    steps: dict[str, ProvisioningStep]
    _centers: dict[str, PartnerCenter] = field(default_factory=dict)

    @property
    def actor(self) -> Actor:
        return self.running.actor

    @property
    def asker(self) -> Actor:
        """Who asked: whose sight decides what may be told and taken."""
        return self.running.asker

    def may_take(self, tenant: Tenant) -> bool:
        """Tell whether a tenant that exists is the asker's to synchronize with."""
        with self.running.step(), acting(self.asker):
            return sees_tenant(tenant, actor=self.asker)

    @property
    def center(self) -> PartnerCenter:
        """The client as the application alone."""
        return self._client("app")

    @property
    def once(self) -> PartnerCenter:
        """The same, sending each call once: what becomes of a create is decided here."""
        return self._client("once", tries=1)

    @property
    def as_user(self) -> PartnerCenter:
        """The client as the user who consented. Raises: NotReady when nobody has."""
        return self._client("user", need_user=True)

    @property
    def microsoft_id(self) -> str:
        """The tenant's id, once it is known."""
        if self.request.microsoft_id is None:
            raise LookupError(f"The request {self.request.pk} has no tenant yet.")
        return str(self.request.microsoft_id)

    @contextmanager
    def written(self, *, note: str | None = None) -> Iterator[ProvisioningRequest]:
        """Open a transaction with the request locked, as it stands.

        Raises:
            LeaseLost: another worker has the job now.
            Stopped: somebody cancelled the request.
        """
        done = sum(step.has_ended for step in self.steps.values())
        with self.running.step(done=done, total=len(self.steps), note=note):
            row = lock_request(self.request, actor=self.actor)
            if row.state != State.RUNNING:
                raise Stopped
            yield row
            failpoint("provisioning.before_commit")
        self.request = row
        failpoint("provisioning.committed")

    def begin(self, step: ProvisioningStep) -> None:
        """Write down that a step is begun, once more."""
        step.state = StepState.RUNNING
        step.attempts += 1
        with self.written(note=title_of(step.name)):
            # Other workers judge by it how long Microsoft has had.
            step.started_at = step.started_at or database_time()
            step.save(update_fields=["state", "attempts", "started_at"])

    def intend(self, step: ProvisioningStep, request_id: UUID) -> None:
        """Commit the id a write is about to be sent under; the first one stays."""
        if step.request_id is None:
            step.request_id = request_id
            with self.written():
                step.save(update_fields=["request_id"])

    def end(self, step: ProvisioningStep, ended: Ended) -> None:
        """Write down how a step ended, with what came of it, at once."""
        with self.written() as row:
            if ended.write is not None:
                ended.write(row)
            step.state = StepState.SKIPPED if ended.skipped else StepState.DONE
            step.reason, step.ended_at = ended.reason, timezone.now()
            step.correlation_id = self.running.job.correlation_id[:64]
            step.save()

    def note(self, step: ProvisioningStep, words: str, *, correlation: str = "") -> None:
        """Write down why a step is tried again later."""
        with self.written():
            step.reason = without_secrets(words)
            step.correlation_id = (correlation or self.running.job.correlation_id)[:64]
            step.save(update_fields=["reason", "correlation_id"])

    def fail(self, step: ProvisioningStep, words: str, *, correlation: str = "") -> None:
        """Write down that a step failed that the others do not wait for."""
        with self.written():
            _fail(step, words, correlation or self.running.job.correlation_id)

    def ask(self, step: ProvisioningStep, tenant: Tenant) -> None:
        """Let a person decide about a tenant that exists."""
        with self.written() as row:
            ask_about(row, tenant, actor=self.actor)
            if step.name == "check":
                step.state, step.ended_at = StepState.DONE, timezone.now()
            else:
                step.state = StepState.WAITING
            step.reason = f"There is a tenant with the domain {row.domain} already."
            step.save()
            write_about(row, actor=self.actor)

    def halt(self, step: ProvisioningStep, halted: Halted) -> None:
        """Write down why nothing goes on, and that somebody is to be told."""
        correlation = halted.correlation or self.running.job.correlation_id
        with self.written() as row:
            row.state, row.error_code, row.error = halted.state, halted.code[:60], halted.words
            row.errors, row.correlation_id = halted.fields, correlation[:64]
            row.outcome = halted.outcome or row.outcome
            row.invitation = halted.invitation
            row.stopped_at = timezone.now()
            row.save()
            state = StepState.UNKNOWN if halted.unknown else StepState.FAILED
            if not step.has_ended:
                _fail(step, halted.words, correlation, state=state)
            audit.record(
                self.actor,
                "organizations.provisioning_stopped",
                row,
                after={"state": halted.state, "code": halted.code, "step": step.name},
                organization_id=row.account.organization_id,
            )
            write_about(row, actor=self.actor)

    def _client(self, name: str, **options: Any) -> PartnerCenter:
        if name not in self._centers:
            self._centers[name] = partner_center_for(self.connection, **options)
        return self._centers[name]


def open_work(running: RunningJob) -> Work | None:
    """Return the request a job is about, running; None where nothing is to be done.

    Raises:
        NotAllowed: it is not the asker's to see any more.
    """
    actor = running.actor
    with running.step():
        rows = ProvisioningRequest.objects.visible_to(actor)
        found = rows.filter(pk=running.subject_id).first()
        row = lock_request(found, actor=actor) if found else None
        if row is None or not row.is_moving:
            return None
        _refuse_given_away(row, running.asker)
        if row.state == State.WAITING:
            row.state = State.RUNNING
            row.save(update_fields=["state"])
        steps = {step.name: step for step in steps_of(row, actor=actor)}
        connection = connection_with_secret(row.connection, actor=actor)
    return Work(running, row, connection, steps)


def _refuse_given_away(row: ProvisioningRequest, asker: Actor) -> None:
    """Refuse to go on for somebody whose customer it was when they asked, and is no more."""
    with acting(asker):
        if not requests(asker).filter(pk=row.pk).exists():
            raise NotAllowed(f"{row.account.name} is no longer a customer of who asked for this.")


def _fail(
    step: ProvisioningStep, words: str, correlation: str, *, state: str = StepState.FAILED
) -> None:
    step.state, step.reason = state, without_secrets(words)
    step.correlation_id, step.ended_at = correlation[:64], timezone.now()
    step.save()
