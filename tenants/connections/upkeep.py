"""What keeps connections from dying unnoticed: sign-ins renewed weekly, ends told in time.

A refresh token that is not used for ninety days is over (J04), and a connection that is only read
from as an application never uses it. So each is renewed by a job when it is a week old. Nothing can
renew a client secret; people are told before it ends.
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from structlog import get_logger

from partnercenter.errors import PartnerCenterError
from portal.core import audit
from portal.core.access import Actor
from portal.core.errors import NotFound
from portal.core.jobs.kinds import JobKind
from portal.core.jobs.models import Job
from portal.core.jobs.running import RunningJob
from tenants.connections.clients import partner_center_for
from tenants.connections.consent_jobs import ask_for_each
from tenants.connections.failures import as_portal_error
from tenants.connections.models import Connection, Consent, ConsentRequest
from tenants.connections.panel import credentials_of, warning_step
from tenants.connections.user_tokens import stored_token

RENEWAL = JobKind("tenants.renew_sign_in", "sync", max_attempts=5)
RENEW_AFTER = timedelta(days=7)
FORGET_AFTER = timedelta(days=1)
log = get_logger(__name__)


def request_renewals(*, actor: Actor) -> list[Job]:
    """Ask for every sign-in of a reseller that is a week old to be renewed."""
    old = timezone.now() - RENEW_AFTER
    title = "Renew the sign-in of {}"
    return ask_for_each(RENEWAL, actor=actor, title=title, renewed_at__lt=old)


def renew_sign_in(running: RunningJob) -> None:
    """Carry out a renewal: have Microsoft make a new token although the old one is still good.

    Raises:
        PortalError: Microsoft refused, which loses the sign-in, or could not be asked.
    """
    with transaction.atomic():
        rows = Connection.objects.visible_to(running.actor)
        connection: Connection | None = rows.filter(pk=running.subject_id).first()
        consent = Consent.objects.filter(connection_id=running.subject_id).first()
    if connection is None or consent is None:
        raise NotFound("The connection's sign-in is gone.")
    try:
        tokens = partner_center_for(connection, need_user=True).tokens
        audience = getattr(tokens, "audience", "")
        tokens.renewed(stored_token(consent, audience) or "")
    except PartnerCenterError as error:
        raise as_portal_error(error) from None


def forget_requests(*, actor: Actor) -> int:
    """Delete sign-ins that were begun a day ago and never came back; return how many."""
    with transaction.atomic():
        rows = ConsentRequest.objects.visible_to(actor).filter(
            outcome=ConsentRequest.Outcome.OPEN, created_at__lt=timezone.now() - FORGET_AFTER
        )
        deleted, _ = rows.delete()
    return int(deleted)


def warn_of_ends(*, actor: Actor) -> int:
    """Tell once per step (30, 14, 3 days) what of a reseller's connections ends; return how many.

    Told in the audit trail and the log; the connection's page shows it all the time.
    """
    with transaction.atomic():
        connections = list(Connection.objects.visible_to(actor).defer("secret_sealed"))
        consents = {row.connection_id: row for row in Consent.objects.visible_to(actor)}
    return sum(_warn(row, consents.get(row.pk), actor=actor) for row in connections)


def _warn(connection: Connection, consent: Consent | None, *, actor: Actor) -> int:
    told = 0
    for one in credentials_of(connection, consent, now=timezone.now()):
        step = warning_step(one.days_left)
        of_consent = one.name == "sign_in" and consent is not None
        former = consent.warned_days if consent and of_consent else connection.secret_warned_days
        if step is None or (former is not None and former <= step):
            continue
        with transaction.atomic():
            if consent and of_consent:
                Consent.objects.filter(pk=consent.pk).update(warned_days=step)
            else:
                Connection.objects.filter(pk=connection.pk).update(secret_warned_days=step)
            audit.record(
                actor,
                "tenants.credential_ends",
                connection,
                after={"credential": one.name, "ends_on": one.ends_on, "days": one.days_left},
                reason=one.sentence,
            )
        log.warning("credential_ends", connection=str(connection.pk), days=one.days_left)
        told += 1
    return told
