"""Carrying out a draft: step by step, each with its items' outcomes in one fenced transaction.

What is left to do is the items that still wait, so a worker that is killed at any point loses
nothing and doubles nothing: the next one goes on with the items whose step was not committed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from django.db import DataError, IntegrityError, transaction
from django.utils import timezone
from structlog import get_logger

from organizations.bulk.creating import create_and_link, refused
from organizations.bulk.models import BulkItem, BulkLink
from organizations.bulk.outcomes import Done, write_outcomes
from organizations.bulk.verdicts import Verdict, situation_of
from organizations.directory.queries import get_organization
from organizations.linking.batch import Outcome, Pair, Result, link_tenants
from organizations.linking.models import Link
from organizations.linking.operations import move_tenant
from organizations.linking.queries import live_links
from organizations.suggestions.asking import ask_for_suggestions
from organizations.suggestions.storing import settle_linked
from portal.core import audit
from portal.core.access import Actor
from portal.core.errors import Conflict, InvalidInput, NotFound, NotReady, PortalError
from portal.core.jobs.running import RunningJob
from tenants.discovery.models import Tenant

Action = BulkItem.Action
STEPS: Mapping[str, int] = {Action.LINK: 2_000, Action.CREATE: 200, Action.MOVE: 50}
"""How many items are one transaction. What creates holds the counter of numbers meanwhile."""
READ = max(STEPS.values())
OF_THE_ITEM = (Conflict, InvalidInput, NotFound, NotReady, IntegrityError, DataError)
"""What says something about an item; everything else is the matter of the whole job."""
Work = Callable[..., list[Done]]
log = get_logger(__name__)


def carry_out(running: RunningJob) -> None:
    """Do what the items that wait say; called again, it goes on where it was.

    Raises:
        PortalError: the whole cannot go on; every step so far is kept.
        LeaseLost: another worker has the job now.
    """
    with transaction.atomic():
        bulk: BulkLink = BulkLink.objects.get_visible(running.actor, pk=running.subject_id)
    if bulk.state != BulkLink.State.RUNNING:
        return
    actor = _author(bulk, running.actor)
    for items in _steps_of(bulk, actor=actor):
        with running.step(done=bulk.finished + len(items), total=bulk.planned, note=_note(bulk)):
            work = WORK[items[0].action]
            write_outcomes(bulk, _one_by_one_if_need_be(work, items, bulk, actor=actor))
    with running.step(done=bulk.finished, total=bulk.planned, note=_note(bulk)):
        _conclude(bulk, actor=actor)


def _author(bulk: BulkLink, actor: Actor) -> Actor:
    """Return who the history is to name: of what no person asked for, the part that did."""
    return actor if bulk.membership_id else replace(actor, label=bulk.asked_by)


def _steps_of(bulk: BulkLink, *, actor: Actor) -> Iterator[list[BulkItem]]:
    """Yield the items that wait, in steps of one action each.

    They are asked for from the last place on: from the beginning, the index would be read past
    every item that is done already, as long as any other transaction might still see it wait.
    """
    rows = BulkItem.objects.visible_to(actor).filter(bulk=bulk, outcome=BulkItem.Outcome.WAITING)
    place = 0
    while True:
        with transaction.atomic():
            waiting = list(rows.filter(position__gt=place).order_by("position")[:READ])
        if not waiting:
            return
        place = waiting[-1].position
        for action, size in STEPS.items():
            alike = [item for item in waiting if item.action == action]
            for start in range(0, len(alike), size):
                yield alike[start : start + size]


def _one_by_one_if_need_be(
    work: Work, items: Sequence[BulkItem], bulk: BulkLink, *, actor: Actor
) -> list[Done]:
    """Do a set of items; what goes wrong with the set is narrowed down to the items it is about."""
    try:
        with transaction.atomic():
            return work(items, bulk, actor=actor)
    except OF_THE_ITEM as error:
        if len(items) == 1:
            return [_failed(items[0], error)]
    half = len(items) // 2
    return _one_by_one_if_need_be(work, items[:half], bulk, actor=actor) + _one_by_one_if_need_be(
        work, items[half:], bulk, actor=actor
    )


def _link(items: Sequence[BulkItem], bulk: BulkLink, *, actor: Actor) -> list[Done]:
    usual = Link.How.SUGGESTION if bulk.kind == BulkLink.Kind.SUGGESTIONS else Link.How.BULK
    groups: dict[tuple[str, str], list[BulkItem]] = {}
    for item in items:  # a line of a file may have words of its own
        said = (item.draft.get("how", usual), item.draft.get("why", bulk.why or _reason(bulk)))
        groups.setdefault(said, []).append(item)
    done: list[BulkItem] = []
    results: list[Result] = []
    for (how, why), group in groups.items():
        pairs = [item.pair for item in group]
        results += link_tenants(pairs, actor=actor, how=how, why=why)
        done += group
    codes = _codes_of([result for result in results if result.outcome == Outcome.REFUSED], actor)
    return [_linked(item, result, codes) for item, result in zip(done, results, strict=True)]


def _linked(item: BulkItem, result: Result, codes: Mapping[Pair, str]) -> Done:
    if result.outcome == Outcome.LINKED:
        return Done(item, BulkItem.Outcome.LINKED, link_id=result.link_id)
    if result.outcome == Outcome.UNCHANGED:
        # The link was there before, so it is not this job's to undo.
        return Done(item, BulkItem.Outcome.UNCHANGED)
    return refused(item, Verdict(codes[result.pair], result.detail))


def _reason(bulk: BulkLink) -> str:
    """Say in the history of a link what made it, where the person said nothing."""
    if bulk.kind == BulkLink.Kind.SUGGESTIONS:
        return f"Accepted together with all suggestions that are at least {bulk.level}"
    return f"From {bulk.source}" if bulk.source else ""


def _codes_of(results: Sequence[Result], actor: Actor) -> dict[Pair, str]:
    """Return in a word each why pairs were refused; their tenants are locked, so it still holds."""
    if not results:
        return {}
    pairs = [result.pair for result in results]
    situation = situation_of(
        {pair.tenant_id for pair in pairs}, {pair.organization_id for pair in pairs}, actor=actor
    )
    return {
        pair: situation.judge(pair.tenant_id, pair.organization_id).code or "refused"
        for pair in pairs
    }


def _move(items: Sequence[BulkItem], bulk: BulkLink, *, actor: Actor) -> list[Done]:
    """Move one tenant after the other; who set a file up to move them has the right to undo it."""
    done = []
    for item in items:
        tenant = Tenant.objects.get_visible(actor, pk=item.tenant_id)
        before = live_links(actor).filter(tenant=item.tenant_id).first()
        link = move_tenant(
            tenant,
            actor=actor,
            organization=get_organization(actor, item.pair.organization_id),
            why=item.draft.get("why", bulk.why),
            seen=item.link_id,
        )
        same = before is not None and before.pk == link.pk
        outcome = BulkItem.Outcome.UNCHANGED if same else BulkItem.Outcome.MOVED
        done.append(Done(item, outcome, link_id=None if same else link.pk))
    return done


WORK: Mapping[str, Work] = {
    Action.LINK: _link,
    Action.CREATE: create_and_link,
    Action.MOVE: _move,
}


def _failed(item: BulkItem, error: Exception) -> Done:
    if isinstance(error, PortalError):
        return refused(item, Verdict(error.code, error.detail))
    log.warning("bulk_item_failed", item=str(item.pk), reason=repr(error))
    detail = f"The database refused this ({type(error).__name__}); the log says more. Try it again."
    return Done(item, BulkItem.Outcome.FAILED, "refused_by_database", detail)


def _conclude(bulk: BulkLink, *, actor: Actor) -> None:
    bulk.state = BulkLink.State.DONE
    bulk.done_at = timezone.now()
    bulk.save(update_fields=["state", "done_at"])
    while bulk.kind == BulkLink.Kind.SUGGESTIONS and settle_linked(actor):
        continue
    names = ("linked", "created", "moved", "unchanged", "refused", "failed")
    after = {name: getattr(bulk, name) for name in names}
    audit.record(actor, "organizations.bulk_link_done", bulk, after=after, reason=bulk.why)
    if bulk.created:
        ask_for_suggestions(actor)


def _note(bulk: BulkLink) -> str:
    said = f"{bulk.succeeded:,} done"
    return f"{said}, {bulk.unsuccessful:,} not possible" if bulk.unsuccessful else said
