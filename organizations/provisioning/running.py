"""Carrying out a request: every step that has not ended, each with its end written down.

A worker that is killed leaves the request where it was, and the next one goes on with that step. A
passing failure puts the job back, which tries again after longer and longer pauses; a refusal of
Microsoft's ends at once, with its words beside the field.
"""

from collections.abc import Callable, Mapping
from typing import Final

from django.utils import timezone
from structlog import get_logger

from organizations.provisioning import creating, following
from organizations.provisioning.journal import (
    Asked,
    Ended,
    Halted,
    State,
    StepState,
    Stopped,
    Work,
    open_work,
)
from organizations.provisioning.letters import write_about
from organizations.provisioning.models import ProvisioningStep
from organizations.provisioning.plan import PLAN, Planned, title_of
from organizations.provisioning.refusing import fields_of, words_of
from organizations.provisioning.steering import NEEDS
from partnercenter.errors import PartnerCenterError
from portal.core import audit
from portal.core.errors import PortalError, Unavailable
from portal.core.jobs.running import RunningJob
from tenants.connections.failures import as_portal_error, code_of

Do = Callable[[Work, ProvisioningStep], Ended]
CARRIED_OUT: Final[Mapping[str, Do]] = {
    "check": creating.check,
    "create": creating.create,
    "password": following.password,
    "profile": following.profile,
    "agreement": following.agreement,
    "tenant": following.tenant,
    "link": following.link,
    "notify": following.notify,
}
log = get_logger(__name__)


def carry_out(running: RunningJob) -> None:
    """Do what is left of the request a job is about; called again, it goes on where it was.

    Raises:
        NotAllowed: who asked may not do this any more.
        Unavailable: a passing failure; the job is tried again.
        NotYet: Microsoft needs time; no try is counted.
        LeaseLost: another worker has the job now.
    """
    running.actor.require(NEEDS)
    work = open_work(running)
    if work is None:
        return
    try:
        for planned in PLAN:
            _take(work, planned)
        _conclude(work)
    except Stopped:
        log.info("provisioning_cancelled", request=str(work.request.pk))
    except _Ended:
        return


class _Ended(Exception):
    """The request waits for a person, or is refused; it is written down."""


def _take(work: Work, planned: Planned) -> None:
    step = work.steps[planned.name]
    if step.has_ended:
        return
    work.begin(step)
    try:
        work.end(step, CARRIED_OUT[planned.name](work, step))
    except Asked as asked:
        work.ask(step, asked.tenant)
        raise _Ended from None
    except Halted as halted:
        work.halt(step, halted)
        raise _Ended from None
    except (PartnerCenterError, PortalError) as error:
        _failed(work, planned, step, error)


def _failed(
    work: Work, planned: Planned, step: ProvisioningStep, error: PartnerCenterError | PortalError
) -> None:
    """Try again later, go on without the step, or leave it to a person."""
    is_call = isinstance(error, PartnerCenterError)
    words = words_of(error) if isinstance(error, PartnerCenterError) else error.detail
    correlation = error.correlation_id if isinstance(error, PartnerCenterError) else ""
    job = work.running.job
    if error.transient and job.attempts < job.max_attempts:
        work.note(step, words, correlation=correlation)
        raise as_portal_error(error) if is_call else Unavailable(words)
    if planned.may_fail:
        work.fail(step, words, correlation=correlation)
        return
    work.halt(
        step,
        Halted(
            State.PERSON,
            code=code_of(error) if isinstance(error, PartnerCenterError) else error.code,
            words=words,
            fields=fields_of(error) if isinstance(error, PartnerCenterError) else error.fields,
            correlation=correlation,
        ),
    )
    raise _Ended from None


def _conclude(work: Work) -> None:
    """Finish, or say what a person has to mend of a tenant that is made and linked."""
    failed = [step for step in work.steps.values() if step.state == StepState.FAILED]
    if failed:
        first = min(failed, key=lambda step: step.position)
        words = " ".join(f"{title_of(step.name)}: {step.reason}" for step in failed)
        work.halt(first, Halted(State.PERSON, code="steps_failed", words=words))
        return
    with work.written(note="") as row:
        row.state, row.ended_at = State.DONE, timezone.now()
        row.stopped_at = None
        row.save()
        audit.record(
            work.actor,
            "organizations.provisioning_done",
            row,
            after={"tenant": str(row.microsoft_id), "link": str(row.link_id)},
            organization_id=row.account.organization_id,
        )
        write_about(row, actor=work.actor)
    log.info("provisioning_done", request=str(work.request.pk))
