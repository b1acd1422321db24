"""Whether the portal's own calls count as made with multi-factor authentication (CON-08).

Microsoft judges every call made in a user's name and refuses more and more of those whose sign-in
had no second factor. Which calls those are it tells afterwards, in its list of the partner's
requests. Once a day that list is read for each connection with a sign-in; what concerns the
connection's own application is kept on the consent, where the health panel shows it.
"""

from collections import Counter
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from partnercenter.errors import PartnerCenterError
from partnercenter.schemas.security import ApiRequest
from portal.core import audit
from portal.core.access import Actor
from portal.core.errors import NotFound
from portal.core.jobs.kinds import JobKind
from portal.core.jobs.models import Job
from portal.core.jobs.running import RunningJob
from tenants.connections.clients import partner_center_for
from tenants.connections.consent_jobs import ask_for_each
from tenants.connections.failures import as_portal_error
from tenants.connections.models import Connection, Consent

MFA_CHECK = JobKind("tenants.check_mfa", "sync", max_attempts=3)
CALLERS_KEPT = 5


def request_mfa_checks(*, actor: Actor) -> list[Job]:
    """Ask for the calls of every connection of a reseller that has a sign-in to be looked at."""
    return ask_for_each(MFA_CHECK, actor=actor, title="Look at the calls of {}")


def check_mfa(running: RunningJob) -> None:
    """Read which of a connection's latest calls lacked multi-factor authentication, and keep it.

    Raises:
        PortalError: the sign-in is gone, or Microsoft could not be asked.
    """
    with transaction.atomic():
        rows = Connection.objects.visible_to(running.actor)
        connection: Connection | None = rows.filter(pk=running.subject_id).first()
    if connection is None:
        raise NotFound("The connection is gone.")
    try:
        calls = partner_center_for(connection, need_user=True).security.api_requests()
    except PartnerCenterError as error:
        raise as_portal_error(error) from None
    own = [call for call in calls if call.application_id == connection.client_id.lower()]
    with running.step(done=len(own), total=len(own)):
        _keep(connection, own, actor=running.actor)


def _keep(connection: Connection, own: Iterable[ApiRequest], *, actor: Actor) -> None:
    judged = [call for call in own if call.mfa_compliant is not None]
    without = Counter(call.user for call in judged if not call.mfa_compliant)
    rows = Consent.objects.visible_to(actor).select_for_update(of=("self",), no_key=True)
    consent: Consent | None = rows.filter(connection_id=connection.pk).first()
    if consent is None:
        raise NotFound("The connection's sign-in is gone.")
    known = consent.calls_without_mfa
    consent.calls_checked_at = timezone.now()
    consent.calls_judged, consent.calls_without_mfa = len(judged), without.total()
    consent.callers_without_mfa = [name for name, _ in without.most_common(CALLERS_KEPT)]
    consent.save(
        update_fields=[
            "calls_checked_at",
            "calls_judged",
            "calls_without_mfa",
            "callers_without_mfa",
        ]
    )
    if consent.calls_without_mfa and not known:
        audit.record(
            actor,
            "tenants.calls_without_mfa",
            connection,
            after={"calls": consent.calls_without_mfa, "callers": consent.callers_without_mfa},
            reason="Microsoft counts calls of its application without a second factor.",
        )
