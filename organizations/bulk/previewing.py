"""Building a draft: every chosen tenant with what would be done with it, 2,000 at a time."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any
from uuid import UUID

from organizations.bulk.drafts import Draft
from organizations.bulk.models import BulkLink
from organizations.bulk.planning import plan_row, plan_step
from organizations.bulk.plans import (
    AcceptSuggestions,
    AllTenants,
    Choice,
    FileRow,
    LinkTo,
    Plan,
)
from organizations.bulk.suggested import at_least
from organizations.bulk.verdicts import situation_of
from portal.core.access import Actor
from portal.core.errors import Conflict, InvalidInput
from portal.web.wording import write_count
from tenants.discovery.models import Tenant

STEP = 2_000


def draft_of_tenants(choice: Choice, plan: Plan, *, actor: Actor, why: str) -> BulkLink:
    """Write the draft of a plan for chosen tenants; see `operations.preview_bulk`."""
    if isinstance(plan, AcceptSuggestions):
        at_least(plan.level)
    draft = Draft(
        actor,
        kind=_kind_of(plan),
        chosen=BulkLink.Chosen.QUERY if isinstance(choice, AllTenants) else BulkLink.Chosen.IDS,
        why=why,
        query=choice.query if isinstance(choice, AllTenants) else "",
        organization=plan.organization if isinstance(plan, LinkTo) else None,
        level=plan.level if isinstance(plan, AcceptSuggestions) else "",
    )
    for ids in _steps(_chosen_ids(choice, actor=actor)):
        draft.add(plan_step(ids, plan, actor=actor))
    expected = choice.expected if isinstance(choice, AllTenants) else None
    if expected is not None and draft.length != expected:
        raise count_moved(expected, draft.length)
    return draft.finish()


def draft_of_rows(
    rows: Iterable[FileRow], *, actor: Actor, source: str, allow_moves: bool, why: str
) -> BulkLink:
    """Write the draft of a file; see `operations.preview_rows`."""
    draft = Draft(
        actor, kind=BulkLink.Kind.FILE, chosen=BulkLink.Chosen.FILE, why=why, source=source[:255]
    )
    for step in _steps(rows):
        tenants = {row.tenant_id for row in step if row.tenant_id}
        targets = {row.organization_id for row in step if row.organization_id}
        situation = situation_of(tenants, targets, actor=actor)
        draft.add(plan_row(row, situation, allow_moves=allow_moves) for row in step)
    return draft.finish()


def count_moved(expected: int, found: int) -> Conflict:
    """Refuse a list that holds another number of tenants than the person was told."""
    return Conflict(
        f"The list held {write_count(expected, 'tenant')} when you chose them and holds {found:,}"
        " now. Nothing was done. Look at the list again, then choose.",
        code="count_moved",
        data={"expected_count": expected, "count": found},
    )


def _chosen_ids(choice: Choice, *, actor: Actor) -> Iterator[UUID]:
    """Yield the tenants' keys; those named one by one all exist, or nothing is done with any."""
    if isinstance(choice, AllTenants):
        yield from choice.rows.values_list("pk", flat=True).iterator(chunk_size=STEP)
        return
    ids = list(dict.fromkeys(choice.ids))
    known = 0
    for step in _steps(ids):
        known += Tenant.objects.visible_to(actor).filter(pk__in=step).count()
    if known != len(ids):
        text = (
            f"{write_count(len(ids) - known, 'tenant')} of the {len(ids):,} chosen do not exist"
            " here. Nothing was done; load the list again and choose anew."
        )
        raise InvalidInput(text, code="unknown_tenants", fields={"tenants": [text]})
    yield from ids


def _kind_of(plan: Plan) -> str:
    if isinstance(plan, LinkTo):
        return BulkLink.Kind.LINK
    if isinstance(plan, AcceptSuggestions):
        return BulkLink.Kind.SUGGESTIONS
    return BulkLink.Kind.CREATE


def _steps(values: Iterable[Any]) -> Iterator[list[Any]]:
    waiting = iter(values)
    while step := list(islice(waiting, STEP)):
        yield step
