"""Suspending a reseller, and ending that.

A suspended reseller keeps its data and its sign-in. Its people read and change nothing, programs
with its tokens likewise, and its jobs wait (`portal.core.access.READING`). Only the operator of the
installation does this, from the command line, so no capability is asked for.
"""

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Greatest, Now

from portal.core import audit
from portal.core.access import acting, system_actor
from portal.core.database.scope import IDENTITY, scope
from portal.core.errors import Conflict, InvalidInput
from portal.core.identity.models import Reseller
from portal.core.jobs.models import Job

OPERATOR = "operator of the installation"


def suspend_reseller(reseller: Reseller, *, reason: str) -> Reseller:
    """Let nothing of a reseller be changed from now on; jobs that run are put back to wait.

    A job that runs loses its fence, so it stops at its next step and writes nothing more.

    Raises:
        InvalidInput: no reason was given, or one of more than 300 characters.
        Conflict: it is suspended already.
    """
    with scope(IDENTITY), transaction.atomic():
        row = _locked(reseller)
        if row.suspended_at is not None:
            raise Conflict(f"{row.name} has been suspended since {row.suspended_at:%Y-%m-%d}.")
        Reseller.objects.filter(pk=row.pk).update(
            suspended_at=Now(), suspended_because=_reason(reason)
        )
        row.refresh_from_db()
        actor = system_actor(row.pk, OPERATOR)
        with acting(actor):
            put_back_untried(Job.objects.visible_to(actor))
            audit.record(actor, "core.reseller_suspended", row, reason=row.suspended_because)
    return row


def resume_reseller(reseller: Reseller, *, reason: str) -> Reseller:
    """Let a suspended reseller work again; what has waited is due at once.

    Raises:
        InvalidInput: no reason was given, or one of more than 300 characters.
        Conflict: it is not suspended.
    """
    with scope(IDENTITY), transaction.atomic():
        row = _locked(reseller)
        if row.suspended_at is None:
            raise Conflict(f"{row.name} is not suspended.")
        before = {"since": row.suspended_at, "because": row.suspended_because}
        Reseller.objects.filter(pk=row.pk).update(suspended_at=None, suspended_because="")
        row.refresh_from_db()
        actor = system_actor(row.pk, OPERATOR)
        with acting(actor):
            # The relay tried each of them in vain and would come back to it after one lease.
            waiting = Job.objects.visible_to(actor).filter(state=Job.State.WAITING)
            waiting.update(publish_at=F("due_at"))
            audit.record(actor, "core.reseller_resumed", row, before=before, reason=_reason(reason))
    return row


def put_back_untried(jobs: QuerySet[Job]) -> int:
    """Let running jobs among ``jobs`` wait again as if never begun; returns how many."""
    with transaction.atomic():
        return jobs.filter(state=Job.State.RUNNING).update(
            state=Job.State.WAITING,
            attempts=Greatest(F("attempts") - 1, 0),
            fence=F("fence") + 1,
            lease_until=None,
        )


def _locked(reseller: Reseller) -> Reseller:
    return Reseller.objects.select_for_update().get(pk=reseller.pk)


def _reason(text: str) -> str:
    """Return a reason as one sentence."""
    text = " ".join(text.replace("\x00", "").split())
    if not text or len(text) > 300:
        raise InvalidInput("Say why, in at most 300 characters; people read it on every page.")
    return text if text.endswith((".", "!", "?")) else f"{text}."
