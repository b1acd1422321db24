"""Telling Microsoft that a customer agreed; called again, it goes on where it was."""

from datetime import UTC, datetime, time

from django.utils import timezone

from organizations.agreements.models import AgreementConfirmation
from organizations.agreements.operations import NEEDS, State, facts_of
from partnercenter.errors import AgreementExists, PartnerCenterError
from partnercenter.schemas.agreements import AgreementContact
from portal.core import audit
from portal.core.errors import NotReady, PortalError, Unavailable
from portal.core.failpoints import failpoint
from portal.core.jobs.running import RunningJob
from portal.core.secrecy import without_secrets
from tenants.connections.clients import partner_center_for
from tenants.connections.failures import as_portal_error, sentence_of
from tenants.connections.models import Connection
from tenants.connections.queries import connection_with_secret


def carry_out(running: RunningJob) -> None:
    """Confirm what a job is about; once it has ended, nothing more is done.

    Raises:
        NotAllowed: who asked may not do this any more.
        Unavailable: a passing failure; the job is tried again.
        LeaseLost: another worker has the job now.
    """
    running.actor.require(NEEDS)
    with running.step():
        row = _row(running)
        if row is None or row.state != State.WAITING:
            return
        connection = connection_with_secret(row.tenant.connection, actor=running.actor)
    try:
        said = _tell(row, connection)
    except (PartnerCenterError, PortalError) as error:
        _failed(running, error)
        return
    failpoint("agreement.answered")
    _end(running, State.DONE, said, action="organizations.agreement_confirmed")


def _tell(row: AgreementConfirmation, connection: Connection) -> str:
    """Send it under the id that is committed; returns what came of it."""
    agreements = partner_center_for(connection, need_user=True).agreements
    templates = agreements.templates()
    if not templates:
        raise NotReady("Microsoft offers no customer agreement to confirm.", code="no_agreement")
    newest = max(templates, key=lambda one: one.version_rank)
    contact = AgreementContact(
        first_name=row.first_name,
        last_name=row.last_name,
        email=row.email,
        phone_number=row.phone_number,
    )
    failpoint("agreement.before_call")
    try:
        agreements.confirm(
            str(row.tenant.microsoft_id),
            newest.id,
            contact,
            agreed=datetime.combine(row.agreed_on, time(), UTC),
            request_id=str(row.request_id),
        )
    except AgreementExists:
        return "It was confirmed before."
    return f"{row.first_name} {row.last_name} agreed on {row.agreed_on}."


def _failed(running: RunningJob, error: PartnerCenterError | PortalError) -> None:
    """Try again later, or end it with what Microsoft said."""
    is_call = isinstance(error, PartnerCenterError)
    words = sentence_of(error) if isinstance(error, PartnerCenterError) else error.detail
    correlation = error.correlation_id if isinstance(error, PartnerCenterError) else ""
    if error.transient and running.job.attempts < running.job.max_attempts:
        with running.step():
            row = _row(running)
            if row is not None:
                row.reason = without_secrets(words)
                row.correlation_id = (correlation or running.job.correlation_id)[:64]
                row.save(update_fields=["reason", "correlation_id"])
        raise as_portal_error(error) if is_call else Unavailable(words)
    action = "organizations.agreement_refused"
    _end(running, State.FAILED, words, action=action, correlation=correlation)


def _end(running: RunningJob, state: str, said: str, *, action: str, correlation: str = "") -> None:
    with running.step(note=""):
        row = _row(running)
        if row is None or row.state != State.WAITING:
            return
        row.state, row.ended_at, row.reason = state, timezone.now(), without_secrets(said)
        row.correlation_id = (correlation or running.job.correlation_id)[:64]
        row.save(update_fields=["state", "ended_at", "reason", "correlation_id"])
        audit.record(
            running.actor,
            action,
            row.tenant,
            after={**facts_of(row), "said": row.reason},
            organization_id=row.link.organization_id,
        )


def _row(running: RunningJob) -> AgreementConfirmation | None:
    rows = AgreementConfirmation.objects.visible_to(running.actor)
    found: AgreementConfirmation | None = (
        rows.select_related("tenant__connection", "link")
        .select_for_update(of=("self",), no_key=True)
        .filter(pk=running.subject_id)
        .first()
    )
    return found
