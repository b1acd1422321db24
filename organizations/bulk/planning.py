"""What a plan makes of tenants, and of the lines of a file: an item each, a step at a time."""

from dataclasses import asdict
from uuid import UUID

from organizations.bulk.drafting import draft_details
from organizations.bulk.models import ENDS_IGNORING, BulkItem
from organizations.bulk.plans import AcceptSuggestions, FileRow, LinkTo, Plan
from organizations.bulk.suggested import best_suggestions
from organizations.bulk.verdicts import IGNORED, Situation, Verdict, situation_of
from organizations.directory.resembling import resemblances
from organizations.linking.refusals import say_left_out
from portal.core.access import Actor

Action = BulkItem.Action
FOLLOWED = "organization_merged"
"""What an item says whose organization was merged, so that it is linked to that one's heir."""


def plan_step(ids: list[UUID], plan: Plan, *, actor: Actor) -> list[BulkItem]:
    """Return what a plan would do with each of some tenants, all of which exist, in their order."""
    if isinstance(plan, LinkTo):
        target = plan.organization.pk
        situation = situation_of(ids, [target], actor=actor)
        return [_linking(tenant_id, target, situation) for tenant_id in ids]
    if isinstance(plan, AcceptSuggestions):
        return _plan_suggestions(ids, plan.level, actor=actor)
    return _plan_creations(ids, actor=actor)


def _linking(tenant_id: UUID, organization_id: UUID, situation: Situation) -> BulkItem:
    """Return the item that links a tenant, or says why not."""
    item = BulkItem(
        tenant_id=tenant_id,
        tenant_name=_name_of(tenant_id, situation),
        organization_id=organization_id,
        action=Action.LINK,
    )
    return _judged(item, situation.judge(tenant_id, organization_id), situation)


def plan_row(row: FileRow, situation: Situation, *, allow_moves: bool) -> BulkItem:
    """Return what a line of a file would do, of a step whose situation was read (no query)."""
    item = BulkItem(
        line=row.line,
        tenant_id=row.tenant_id,
        tenant_name=(_name_of(row.tenant_id, situation) or row.tenant_name)[:400],
        organization_id=row.organization_id,
        action=Action.LINK,
        draft=_own_words(row),
        code=FOLLOWED if row.followed else "",
        detail=row.followed,
    )
    if row.code:
        return _skip(item, Verdict(row.code, row.detail))
    verdict = situation.judge(row.tenant_id, row.organization_id)
    if verdict.code == "linked_elsewhere" and allow_moves:
        # What the mover decided on: whoever is quicker with another link is not overruled unseen.
        item.link_id = situation.live[item.tenant_key].pk
        item.action = Action.MOVE
        return _add(item, verdict.detail)
    return _judged(item, verdict, situation)


def _plan_suggestions(ids: list[UUID], level: str, *, actor: Actor) -> list[BulkItem]:
    best = best_suggestions(ids, actor=actor)
    situation = situation_of(ids, {one.organization_id for one in best.values()}, actor=actor)
    items = []
    for tenant_id in ids:
        item = BulkItem(
            tenant_id=tenant_id, tenant_name=_name_of(tenant_id, situation), action=Action.LINK
        )
        items.append(item)
        if verdict := situation.judge_free(situation.tenants[tenant_id]):
            _skip(item, verdict)
        elif (one := best.get(tenant_id)) is None:
            _skip(item, Verdict("no_suggestion", "No organization is suggested for this tenant."))
        else:
            item.organization_id = one.organization_id
            item.detail = one.words
            if verdict := one.judge(level) or situation.judge(tenant_id, one.organization_id):
                _skip(item, verdict)
    return items


def _plan_creations(ids: list[UUID], *, actor: Actor) -> list[BulkItem]:
    situation = situation_of(ids, [], actor=actor, whole=True)
    items, drafted = [], []
    for tenant_id in ids:
        tenant = situation.tenants[tenant_id]
        item = BulkItem(tenant_id=tenant_id, tenant_name=tenant.name, action=Action.CREATE)
        items.append(item)
        if verdict := situation.judge_free(tenant):
            _skip(item, verdict)
            continue
        draft = draft_details(tenant)
        if draft.details is None:
            _skip(item, Verdict("name_not_valid", draft.detail))
            continue
        item.draft, item.detail = asdict(draft.details), draft.detail
        drafted.append((item, draft.details))
    alike = resemblances([details for _, details in drafted], actor=actor)
    for place, found in alike.items():
        item = drafted[place][0]
        item.organization_id = found.organization.pk
        _skip(item, Verdict("possible_duplicate", f"Like {found.label}: {found.reason}."))
    return items


def _judged(item: BulkItem, verdict: Verdict, situation: Situation) -> BulkItem:
    """Skip an item that something speaks against; that its tenant is ignored is told, and ends."""
    if verdict.code == IGNORED:
        ignore = situation.ignored[item.tenant_key]
        item.draft = {**item.draft, ENDS_IGNORING: True}
        item.code = verdict.code
        return _add(item, f"{say_left_out(item.tenant_name, ignore)} Linking it ends that.")
    return _skip(item, verdict) if verdict else item


def _add(item: BulkItem, text: str) -> BulkItem:
    """Let an item say one thing more."""
    item.detail = f"{item.detail} {text}".strip()
    return item


def _skip(item: BulkItem, verdict: Verdict) -> BulkItem:
    item.action, item.code, item.detail = Action.SKIP, verdict.code, verdict.detail
    return item


def _name_of(tenant_id: UUID | None, situation: Situation) -> str:
    tenant = situation.tenants.get(tenant_id) if tenant_id else None
    return tenant.name if tenant else ""


def _own_words(row: FileRow) -> dict[str, str]:
    """Return what a line itself says of how and why, for its link."""
    said = {"how": row.how, "why": row.why}
    return {name: text for name, text in said.items() if text is not None}
