"""Taking a whole bulk link back: exactly the links it made that still stand.

The place reached is kept in the job's payload, because an item whose link stays is gone past and
looks the same as one whose turn has not come.
"""

from django.db import transaction
from django.utils import timezone

from organizations.bulk.models import BulkItem, BulkLink
from organizations.bulk.outcomes import Done, write_outcomes
from organizations.bulk.queries import made_links
from organizations.linking.batch_undo import UndoOutcome, UndoResult, undo_links
from organizations.suggestions.asking import ask_for_suggestions
from portal.core.access import Actor
from portal.core.jobs.running import RunningJob

STEP = 2_000
PLACE = "after"


def take_back(running: RunningJob) -> None:
    """Undo the links of a bulk link; called again, it goes on where it was.

    Raises:
        LeaseLost: another worker has the job now.
    """
    with transaction.atomic():
        bulk: BulkLink = BulkLink.objects.get_visible(running.actor, pk=running.subject_id)
    if bulk.state != BulkLink.State.UNDOING:
        return
    seen = running.job.done
    total = running.job.total or bulk.succeeded
    while items := _next_items(bulk, after=_place(running), actor=running.actor):
        seen += len(items)
        payload = {PLACE: items[-1].position}
        with running.step(done=seen, total=total, note=_note(bulk), payload=payload):
            ids = [item.link_id for item in items if item.link_id]
            results = undo_links(ids, actor=running.actor, reason=_reason(bulk))
            done = [_undone(item, result) for item, result in zip(items, results, strict=True)]
            write_outcomes(bulk, done)
    with running.step(done=seen, total=total, note=_note(bulk)):
        bulk.state = BulkLink.State.UNDONE
        bulk.undone_at = timezone.now()
        bulk.save(update_fields=["state", "undone_at"])
        ask_for_suggestions(running.actor)


def _next_items(bulk: BulkLink, *, after: int, actor: Actor) -> list[BulkItem]:
    rows = made_links(bulk, actor=actor).filter(position__gt=after)
    with transaction.atomic():
        return list(rows.order_by("position")[:STEP])


def _place(running: RunningJob) -> int:
    return int(running.job.payload.get(PLACE, 0))


def _undone(item: BulkItem, result: UndoResult) -> Done:
    if result.outcome == UndoOutcome.KEPT:
        return Done(item, item.outcome, code=result.code, detail=result.detail)
    return Done(item, BulkItem.Outcome.UNDONE)


def _reason(bulk: BulkLink) -> str:
    return f"Undone with “{bulk.title}”: {bulk.undo_reason}"


def _note(bulk: BulkLink) -> str:
    return f"{bulk.undone:,} taken back"
