"""Asking for bulk work: preview, run, retry what failed, undo the whole.

What is previewed is what runs: the draft's items are frozen, and whatever has changed until their
turn comes is told item by item. The work itself is done by jobs (`running`, `undoing`).
"""

from collections.abc import Iterable
from typing import cast

from django.db import transaction
from django.utils import timezone

from organizations.bulk.models import DRAFT_LASTS, BulkItem, BulkLink
from organizations.bulk.plans import Choice, CreateOrganizations, FileRow, Plan
from organizations.bulk.previewing import draft_of_rows, draft_of_tenants
from organizations.bulk.queries import kept_by_the_books
from organizations.linking.refusals import closed_since
from portal.core import audit
from portal.core.access import Actor
from portal.core.books import hold_books
from portal.core.errors import Conflict, InvalidInput, NotFound
from portal.core.jobs.kinds import JobKind
from portal.core.jobs.models import Job
from portal.core.jobs.operations import enqueue

BULK_LINK = JobKind("organizations.bulk_link", "sync", max_attempts=8)
BULK_UNDO = JobKind("organizations.bulk_undo", "sync", max_attempts=8)
REASON_LENGTH = 500


def preview_bulk(*, actor: Actor, choice: Choice, plan: Plan, why: str = "") -> BulkLink:
    """Write down what a plan would do with each chosen tenant, and return the draft.

    Nothing but the draft is written. Constant memory and a few statements per 2,000 tenants.

    Raises:
        InvalidInput: no tenant is chosen, one of those named does not exist (then nothing is
            written at all), or the level is none.
        Conflict: ``count_moved``; the list holds another number of tenants than ``expected``.
    """
    actor.require("tenants.link")
    if isinstance(plan, CreateOrganizations):
        actor.require("organizations.create")
    with transaction.atomic():
        return draft_of_tenants(choice, plan, actor=actor, why=_clean_why(why))


def preview_rows(
    rows: Iterable[FileRow],
    *,
    actor: Actor,
    source: str,
    allow_moves: bool = False,
    why: str = "",
) -> BulkLink:
    """Write down what the lines of a file would do, and return the draft; ``source`` names it.

    A tenant that is linked elsewhere is moved if ``allow_moves``, else skipped; a tenant on a
    second line is skipped there. ``rows`` is read once, within the transaction.

    Raises:
        InvalidInput: the file has no line.
    """
    actor.require("tenants.link")
    if allow_moves:
        actor.require("tenants.unlink")
    with transaction.atomic():
        return draft_of_rows(
            rows, actor=actor, source=source, allow_moves=allow_moves, why=_clean_why(why)
        )


def discard_bulk(bulk: BulkLink, *, actor: Actor) -> None:
    """Delete a draft that nobody is going to run.

    Raises:
        Conflict: it was run.
    """
    actor.require("tenants.link")
    with transaction.atomic():
        row = lock_bulk(bulk, actor=actor)
        if row.state != BulkLink.State.DRAFT:
            raise _not_a_draft(row)
        BulkItem.objects.visible_to(actor).filter(bulk=row).delete()
        row.delete()


def forget_drafts(*, actor: Actor) -> int:
    """Delete the drafts that can no longer be run, one after the other; return how many."""
    actor.require("tenants.link")
    old = BulkLink.objects.visible_to(actor).filter(
        state=BulkLink.State.DRAFT, created_at__lt=timezone.now() - DRAFT_LASTS
    )
    with transaction.atomic():
        found = list(old)
    for row in found:
        discard_bulk(row, actor=actor)
    return len(found)


def run_bulk(bulk: BulkLink, *, actor: Actor) -> BulkLink:
    """Ask for a draft to be carried out by a worker; the same draft runs once.

    Raises:
        Conflict: ``not_a_draft``, ``draft_expired``, or ``nothing_to_do``.
    """
    actor.require("tenants.link")
    with transaction.atomic():
        row = lock_bulk(bulk, actor=actor)
        _require_for(row, actor=actor)
        if row.state != BulkLink.State.DRAFT:
            raise _not_a_draft(row)
        if row.is_expired:
            raise Conflict(
                "This preview is older than a day, and much may have changed since. Make it again.",
                code="draft_expired",
            )
        if not row.planned:
            raise Conflict(
                "Every tenant of this preview is skipped; there is nothing to run.",
                code="nothing_to_do",
            )
        row.job = _ask(BULK_LINK, row, actor=actor, title=row.title)
        row.state = BulkLink.State.RUNNING
        row.run_at = timezone.now()
        row.save(update_fields=["job", "state", "run_at"])
        audit.record(actor, "organizations.bulk_link_run", row, after=_facts(row), reason=row.why)
    return row


def retry_bulk(bulk: BulkLink, *, actor: Actor) -> BulkLink:
    """Try again what was refused or failed, and nothing else.

    Raises:
        Conflict: ``not_done``; it is still running, was never run, or is undone;
            or ``nothing_to_do``.
    """
    actor.require("tenants.link")
    with transaction.atomic():
        row = lock_bulk(bulk, actor=actor)
        _require_for(row, actor=actor)
        if row.state != BulkLink.State.DONE:
            raise _not_done(row)
        if not row.unsuccessful:
            raise Conflict("Nothing of this was refused or failed.", code="nothing_to_do")
        again = BulkItem.objects.visible_to(actor).filter(bulk=row)
        again.filter(outcome__in=[BulkItem.Outcome.REFUSED, BulkItem.Outcome.FAILED]).update(
            outcome=BulkItem.Outcome.WAITING, code="", detail=""
        )
        tried = row.unsuccessful
        row.job = _ask(BULK_LINK, row, actor=actor, title=f"Try again: {row.title}")
        row.state = BulkLink.State.RUNNING
        row.refused = row.failed = 0
        row.done_at = None
        row.save(update_fields=["job", "state", "refused", "failed", "done_at"])
        audit.record(actor, "organizations.bulk_link_retried", row, after={"tenants": tried})
    return row


def undo_bulk(bulk: BulkLink, *, actor: Actor, reason: str) -> BulkLink:
    """Ask for every link that a bulk link made and that still stands to be taken back.

    What somebody ended or moved since stays as it is, and so does a link under which a month was
    closed; each is told item by item. Organizations that were created stay.

    Raises:
        InvalidInput: the reason is empty or too long.
        Conflict: ``not_done``, ``nothing_to_do``, or ``month_closed``; every link that stands owns
            a closed month, and it is named.
    """
    actor.require("tenants.unlink")
    reason = _clean_reason(reason)
    with transaction.atomic():
        closed = hold_books(actor)
        row = lock_bulk(bulk, actor=actor)
        if row.state != BulkLink.State.DONE:
            raise _not_done(row)
        if not row.succeeded:
            raise Conflict("This made no links, so there is nothing to undo.", code="nothing_to_do")
        if closed and (kept := kept_by_the_books(row, closed, actor=actor)):
            raise closed_since(kept.tenant, kept.link, closed)
        row.undo_job = _ask(BULK_UNDO, row, actor=actor, title=f"Undo: {row.title}")
        row.state = BulkLink.State.UNDOING
        row.undone_by = actor.label[:250]
        row.undo_reason = reason
        row.save(update_fields=["undo_job", "state", "undone_by", "undo_reason"])
        audit.record(actor, "organizations.bulk_link_undone", row, reason=reason)
    return row


def lock_bulk(bulk: BulkLink, *, actor: Actor) -> BulkLink:
    """Return a bulk link as it stands, locked until the transaction ends."""
    rows = BulkLink.objects.visible_to(actor).select_for_update(of=("self",), no_key=True)
    row = rows.filter(pk=bulk.pk).first()
    if row is None:
        raise NotFound
    return cast(BulkLink, row)


def _require_for(row: BulkLink, *, actor: Actor) -> None:
    """Ask for the rights that the items of a bulk link need beside linking."""
    if row.to_create:
        actor.require("organizations.create")
    if row.to_move:
        actor.require("tenants.unlink")


def _ask(kind: JobKind, row: BulkLink, *, actor: Actor, title: str) -> Job:
    return enqueue(
        kind,
        actor=actor,
        title=title,
        subject_id=row.pk,
        dedupe_key=str(row.pk),
    )


def _facts(row: BulkLink) -> dict[str, object]:
    names = ("tenants", "to_link", "to_create", "to_move", "to_skip")
    return {"kind": str(row.kind), **{name: getattr(row, name) for name in names}}


def _not_a_draft(row: BulkLink) -> Conflict:
    asked = f" by {row.job.asked_by}" if row.job else ""
    return Conflict(
        f"“{row.title}” is {row.get_state_display().lower()} already; it was started{asked}.",
        code="not_a_draft",
    )


def _not_done(row: BulkLink) -> Conflict:
    return Conflict(
        f"“{row.title}” is {row.get_state_display().lower()}; that is only possible once it is"
        " done.",
        code="not_done",
    )


def _clean_why(why: str) -> str:
    text = why.replace("\x00", "").strip()
    if len(text) > REASON_LENGTH:
        raise InvalidInput(
            "The note is too long.", fields={"why": [f"Use at most {REASON_LENGTH} characters."]}
        )
    return text


def _clean_reason(reason: str) -> str:
    text = reason.replace("\x00", "").strip()
    if not text:
        raise InvalidInput(
            "Say why this is undone.", fields={"reason": ["Say why; the history keeps it."]}
        )
    if len(text) > REASON_LENGTH:
        raise InvalidInput(
            "The reason is too long.",
            fields={"reason": [f"Use at most {REASON_LENGTH} characters."]},
        )
    return text
