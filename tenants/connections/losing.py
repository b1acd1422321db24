"""What happens when Microsoft no longer takes a consent: marked once, told once, work paused.

Nothing is tried with a lost consent, so Microsoft is not asked again and again, and what needs it
waits with the reason. A new consent lets all of it go on.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from structlog import get_logger

from partnercenter.errors import PartnerCenterError
from portal.core import audit
from portal.core.access import system_actor
from portal.core.errors import Conflict, NotReady
from portal.core.jobs.models import Job
from portal.core.jobs.operations import retry_job
from tenants.connections.failures import code_of, sentence_of
from tenants.connections.models import Connection, Consent

NOTICE = timedelta(days=1)
"""However often a consent is lost, people are told once in this time."""
PAUSED = (
    "consent_lost",
    "consent_needed",
    "consent_missing",
    "mfa_required",
    "reconnect_needed",
    "sign_in_expired",
    "token_refused",
)
"""What jobs that wait for a consent have failed with; none of them was carried out."""
log = get_logger(__name__)


def consent_needed(connection: Connection) -> NotReady:
    """Refuse what needs a signed-in user where nobody has signed in."""
    address = consent_address(connection)
    return NotReady(
        f"This needs a signed-in Partner Center user, and {connection.name} has none. Sign in at"
        f" {address}; then it goes on by itself.",
        code="consent_needed",
        data={"connection": str(connection.pk), "address": address},
    )


def consent_paused(consent: Consent) -> NotReady:
    """Refuse what needs the user whose consent is lost, with the reason it was lost for."""
    address = consent_address(consent.connection)
    return NotReady(
        f"Paused: the sign-in of {consent.user_name} for {consent.connection.name} is lost."
        f" {consent.lost_because} Sign in again at {address}; then it goes on by itself.",
        code="consent_lost",
        data={"connection": str(consent.connection_id), "address": address},
    )


def consent_address(connection: Connection) -> str:
    """Return the page on which somebody signs in for a connection."""
    return reverse("connections:consent", args=[connection.pk])


def lose_consent(consent: Consent, error: PartnerCenterError | None) -> NotReady:
    """Mark a consent as lost, tell people at most once a day, and return what work is told.

    ``error`` is Microsoft's refusal; None: the stored token does not open. A consent that was given
    anew meanwhile stays as it is. Call outside any transaction.
    """
    why = (
        sentence_of(error)
        if error
        else "The stored sign-in does not open with this installation's keys."
    )
    code = code_of(error) if error else "secret_lost"
    now = timezone.now()
    with transaction.atomic():
        rows = Consent.objects.select_related("connection").select_for_update(of=("self",))
        row: Consent = rows.get(pk=consent.pk)
        unchanged = row.obtained_at == consent.obtained_at
        if unchanged and row.state == Consent.State.ACTIVE:
            told = row.noticed_at is not None and row.noticed_at > now - NOTICE
            row.state = Consent.State.LOST
            row.lost_at, row.lost_code, row.lost_because = now, code[:60], why
            row.noticed_at = row.noticed_at if told else now
            row.save(update_fields=["state", "lost_at", "lost_code", "lost_because", "noticed_at"])
            if not told:
                actor = system_actor(row.reseller_id, "connections")
                audit.record(
                    actor,
                    "tenants.consent_lost",
                    row.connection,
                    after={"user": row.user_name, "code": row.lost_code},
                    reason=why[:500],
                )
    log.warning("consent_lost", connection=str(row.connection_id), code=code)
    return consent_paused(row)


def resume_paused(connection: Connection, *, since_loss: Consent | None) -> int:
    """Try again what waited for a consent; return how many jobs that were.

    ``since_loss`` is the consent as it was before: jobs that failed for other codes than our own
    refusals count only from when it was lost.
    """
    actor = system_actor(connection.reseller_id, "connections")
    waits = Q(error_code__in=PAUSED[:2])
    if since_loss is not None and since_loss.lost_at is not None:
        begun = since_loss.lost_at - timedelta(minutes=1)
        waits |= Q(error_code__in=PAUSED[2:], finished_at__gte=begun)
    with transaction.atomic():
        ended = (Job.State.FAILED, Job.State.NEEDS_PERSON)
        jobs = list(Job.objects.visible_to(actor).filter(waits, state__in=ended).order_by("pk"))
    resumed = 0
    for job in jobs:
        try:
            retry_job(job, actor=actor, reason=f"{connection.name} was signed in to again.")
        except Conflict:
            continue
        resumed += 1
    return resumed
