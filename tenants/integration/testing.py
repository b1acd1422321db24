"""One integration test: every step of the plan, each with its end written down.

A step that fails stops those that need it and no other. A step that waits for Microsoft does not
hold a worker: the others go on, and then the job is put back until it is time to look again. Every
write holds the job's fence, so a run that was killed goes on with the step it was in.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone
from structlog import get_logger

from partnercenter.errors import (
    ConnectionFailed,
    ConnectionTimedOut,
    GatewayPage,
    PartnerCenterError,
)
from portal.core import audit
from portal.core.correlation import correlation_id
from portal.core.errors import PortalError
from portal.core.jobs.operations import put_back
from portal.core.jobs.running import RunningJob
from portal.core.secrecy import without_secrets
from tenants.connections.failures import OF_THE_CONNECTION, as_portal_error, code_of
from tenants.connections.models import Connection
from tenants.connections.operations import note_failure
from tenants.connections.queries import connection_with_secret
from tenants.integration import reading
from tenants.integration.models import IntegrationStep, IntegrationTest
from tenants.integration.plan import PLAN, PLANNED, title_of
from tenants.integration.queries import steps_of
from tenants.integration.sandbox import create_and_delete
from tenants.integration.steps import Bench, Do, Later, Seen, Skipped, Wrong
from tenants.integration.totals import add_up_invoice
from tenants.integration.webhook import receive_test_event

CARRIED_OUT: Final[Mapping[str, Do]] = {
    "application": reading.sign_in_as_application,
    "person": reading.work_as_person,
    "customers": reading.read_customers,
    "subscriptions": reading.read_subscriptions,
    "invoices": reading.read_invoices,
    "totals": add_up_invoice,
    "webhook": receive_test_event,
    "sandbox": create_and_delete,
}
DECIDES: Final = ("application", "customers")
"""Steps whose failure says that the whole connection fails."""
WORTH_A_LOOK: Final = (ConnectionFailed, GatewayPage)
"""Passing failures whose cause may be on our side of the line; their own advice says where."""
State = IntegrationStep.State
log = get_logger(__name__)


def run_test(running: RunningJob) -> None:
    """Carry out the run a job is about; called again, it goes on with the steps not yet ended.

    Raises:
        LeaseLost: another worker has the job now.
    """
    running.actor.require("connections.manage")
    test, connection, steps = _load(running)
    if test.completed_at is not None:
        return
    bench = Bench(running, test, connection, steps, steps[PLAN[0].name])
    waits = [wait for name in steps if (wait := _take(bench, name)) is not None]
    if waits:
        put_back(running.job, seconds=min(waits), counted=False)
        return
    _conclude(running, test, steps)


def _load(
    running: RunningJob,
) -> tuple[IntegrationTest, Connection, dict[str, IntegrationStep]]:
    with transaction.atomic():
        test: IntegrationTest = IntegrationTest.objects.get_visible(
            running.actor, pk=running.subject_id
        )
        connection = connection_with_secret(test.connection, actor=running.actor)
        # A step of a release that had others is left as it was.
        steps = {step.name: step for step in steps_of(test) if step.name in PLANNED}
    test.connection = connection
    return test, connection, steps


def _take(bench: Bench, name: str) -> float | None:
    """Carry a step out unless it has ended; return the seconds it has to wait, if it has to."""
    step = bench.steps[name]
    if step.has_ended:
        return None
    needed = [bench.steps[need] for need in PLANNED[name].needs if need in bench.steps]
    if not all(need.has_ended for need in needed):
        return 1.0
    stopped_by = next((need for need in needed if need.state != State.PASSED), None)
    if stopped_by is not None:
        word = stopped_by.get_state_display().lower()
        reason = f"It needs “{title_of(stopped_by.name)}”, which {_was(word)}."
        _end(bench, step, State.SKIPPED, reason=reason)
        return None
    bench.step = step
    _begin(bench, step)
    try:
        seen = CARRIED_OUT[name](bench)
    except Later as later:
        bench.running.report(note=f"Waiting for {later.waiting_for}")
        return later.seconds
    except Skipped as skipped:
        _end(
            bench,
            step,
            State.SKIPPED,
            seen=skipped.seen,
            reason=skipped.reason,
            advice=skipped.advice,
        )
    except Wrong as wrong:
        _end(
            bench,
            step,
            State.FAILED,
            seen=wrong.seen,
            reason=without_secrets(wrong.reason),
            advice=wrong.advice,
            code=wrong.code,
        )
    except (PartnerCenterError, PortalError) as error:
        _fail(bench, step, error)
    else:
        _end(bench, step, State.PASSED, seen=seen)
    return None


def _was(word: str) -> str:
    return f"was {word}" if word == "skipped" else word


def _begin(bench: Bench, step: IntegrationStep) -> None:
    step.state = State.RUNNING
    step.started_at = step.started_at or timezone.now()
    with bench.running.step(
        done=_ended(bench.steps), total=len(bench.steps), note=title_of(step.name)
    ):
        step.save(update_fields=["state", "started_at"])


def _end(
    bench: Bench,
    step: IntegrationStep,
    state: str,
    *,
    seen: Seen | None = None,
    reason: str = "",
    advice: str = "",
    code: str = "",
    correlation: str = "",
    failure: PortalError | None = None,
) -> None:
    now = timezone.now()
    step.state, step.ended_at = state, now
    step.started_at = step.started_at or now
    step.seen = [{"name": name, "value": value} for name, value in (seen or {}).items()]
    step.reason, step.advice, step.code = reason, advice, code[:60]
    step.correlation_id = (correlation or correlation_id())[:64]
    with bench.running.step(done=_ended(bench.steps), total=len(bench.steps)):
        step.save()
        if failure is not None and step.name in DECIDES:
            note_failure(bench.connection, failure)


def _fail(bench: Bench, step: IntegrationStep, error: PartnerCenterError | PortalError) -> None:
    """Write down a refusal: what happened, what to do, and where Microsoft can look it up."""
    failure = as_portal_error(error)
    if isinstance(error, PortalError):
        _end(
            bench,
            step,
            State.FAILED,
            reason=without_secrets(error.detail),
            code=error.code,
            failure=failure,
        )
        return
    said = f" Microsoft says: {error.detail}" if error.detail else ""
    _end(
        bench,
        step,
        State.FAILED,
        reason=without_secrets(error.message + said),
        advice=_advice(error),
        code=code_of(error),
        correlation=error.correlation_id,
        failure=failure if isinstance(error, OF_THE_CONNECTION) else None,
    )


def _advice(error: PartnerCenterError) -> str:
    """Return what to do. The client's advice says of what passes that it is tried again by itself,
    which a test does not do.
    """
    if error.retry_after:
        until = timezone.now() + timedelta(seconds=error.retry_after)
        return (
            f"Microsoft asks to wait for {_in_words(error.retry_after)}. Run the test again after"
            f" {until:%Y-%m-%d %H:%M} UTC."
        )
    local = isinstance(error, WORTH_A_LOOK) and not isinstance(error, ConnectionTimedOut)
    if error.transient and not local:
        return (
            "Run the test again in a few minutes. If it fails in the same way, give Microsoft's"
            " support the correlation id."
        )
    return error.advice


def _in_words(seconds: float) -> str:
    for unit, word in ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")):
        count = round(seconds / unit)
        if count and seconds >= unit:
            return f"{count} {word}" if count == 1 else f"{count} {word}s"
    return "a moment"


def _ended(steps: Mapping[str, IntegrationStep]) -> int:
    return sum(step.has_ended for step in steps.values())


def _conclude(
    running: RunningJob, test: IntegrationTest, steps: Mapping[str, IntegrationStep]
) -> None:
    states = [step.state for step in steps.values()]
    test.passed = states.count(State.PASSED)
    test.failed = states.count(State.FAILED)
    test.skipped = states.count(State.SKIPPED)
    test.completed_at = timezone.now()
    with running.step(done=len(steps), total=len(steps), note=""):
        test.save(update_fields=["passed", "failed", "skipped", "completed_at"])
        after = {
            "passed": test.passed,
            "failed": test.failed,
            "skipped": test.skipped,
            "failed_steps": [name for name, step in steps.items() if step.state == State.FAILED],
        }
        audit.record(
            running.actor, "tenants.integration_test_completed", test.connection, after=after
        )
    log.info("integration_test_completed", passed=test.passed, failed=test.failed)
