"""What people do with conditions, and what linking does to them.

Nobody opens or resolves a condition by hand: it follows the facts. People give it to somebody, or
say until when and why it may wait. Work on many is all or nothing: a list with one foreign id
touches none.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from organizations.alert import reconciling
from organizations.alert.facts import KINDS, UNLINKED
from organizations.alert.models import Condition, ConditionEvent
from portal.core import audit
from portal.core.access import CAPABILITIES, Actor, system_actor
from portal.core.audit.entries import Entry
from portal.core.errors import Conflict, InvalidInput, NotFound
from portal.core.identity.models import Membership
from portal.core.jobs.kinds import JobKind
from portal.core.jobs.models import Job
from portal.core.jobs.operations import enqueue

RECONCILE = JobKind("organizations.reconcile_conditions", "default")
LONGEST = timedelta(days=90)
REASON_LENGTH = 500
MOST = 1_000
"""Conditions that can be changed by one request."""

State, What = Condition.State, ConditionEvent.What


def assign_conditions(
    ids: Collection[UUID], *, actor: Actor, assignee: Membership | None, why: str = ""
) -> list[Condition]:
    """Give conditions to a member of staff, or to nobody; those that are theirs stay as they are.

    Raises:
        InvalidInput: the assignee may do nothing about alerts, or too many are given.
        NotFound: one of them is not the actor's to see; none is changed then.
        Conflict: one of them is resolved.
    """
    actor.require("alerts.manage")
    if assignee is not None and not may_be_given(assignee, actor=actor):
        text = "Choose somebody of your own people who may manage alerts."
        raise InvalidInput(text, fields={"assignee": [text]})
    with transaction.atomic():
        rows = _locked(ids, actor=actor)
        _refuse_resolved(rows)
        changed = [row for row in rows if row.assignee_id != (assignee.pk if assignee else None)]
        for row in changed:
            row.assignee = assignee
        Condition.objects.bulk_update(changed, ["assignee"])
        name = assignee.label if assignee else "Nobody"
        _remember(changed, What.ASSIGNED, actor=actor, why=why.strip(), detail=name)
        _record(
            changed,
            "organizations.condition_assigned",
            actor=actor,
            reason=why.strip(),
            after=lambda _row: {"owner": name},
        )
    return rows


def acknowledge_conditions(
    ids: Collection[UUID], *, actor: Actor, until: date, reason: str
) -> list[Condition]:
    """Let conditions wait until a day, at most 90 days ahead; they come back by themselves.

    They count in no badge and no mail meanwhile. One that costs a fifth more before comes back
    early.

    Raises:
        InvalidInput: no reason, or a day that is not within the next 90.
        NotFound, Conflict: as `assign_conditions`.
    """
    actor.require("alerts.manage")
    reason = reason.replace("\x00", "").strip()
    today = timezone.now().date()
    wrong: dict[str, list[str]] = {}
    if not today < until <= today + LONGEST:
        wrong["until"] = [
            f"Choose a day from {today + timedelta(days=1):%Y-%m-%d} to"
            f" {today + LONGEST:%Y-%m-%d}; whatever waits has to come back."
        ]
    if not reason:
        wrong["reason"] = ["Say why it may wait; the history keeps it."]
    elif len(reason) > REASON_LENGTH:
        wrong["reason"] = [f"Use at most {REASON_LENGTH} characters."]
    if wrong:
        raise InvalidInput("The acknowledgement is not complete.", fields=wrong)
    with transaction.atomic():
        rows = _locked(ids, actor=actor)
        _refuse_resolved(rows)
        for row in rows:
            row.state = State.ACKNOWLEDGED
            row.acknowledged_until = until
            row.acknowledged_because = reason
            row.acknowledged_by = actor.label[:250]
            row.acknowledged_worth = row.worth
        Condition.objects.bulk_update(rows, ["state", *_ACKNOWLEDGEMENT])
        _remember(
            rows, What.ACKNOWLEDGED, actor=actor, why=reason, detail=f"Until {until:%Y-%m-%d}"
        )
        _record(
            rows,
            "organizations.condition_acknowledged",
            actor=actor,
            reason=reason,
            after=lambda _row: {"until": until},
        )
    return rows


def reopen_conditions(ids: Collection[UUID], *, actor: Actor, why: str = "") -> list[Condition]:
    """End acknowledgements before their day; what is open already stays open.

    Raises:
        NotFound, Conflict: as `assign_conditions`.
    """
    actor.require("alerts.manage")
    with transaction.atomic():
        rows = _locked(ids, actor=actor)
        _refuse_resolved(rows)
        waiting = [row for row in rows if row.state == State.ACKNOWLEDGED]
        for row in waiting:
            row.state = State.OPEN
            row.acknowledged_until = None
            row.acknowledged_because = row.acknowledged_by = ""
            row.reopened += 1
        Condition.objects.bulk_update(waiting, ["state", "reopened", *_ACKNOWLEDGEMENT])
        _remember(waiting, What.REOPENED, actor=actor, why=why.strip())
        _record(waiting, "organizations.condition_reopened", actor=actor, reason=why.strip())
    return rows


def resolve_tenants(tenant_ids: Collection[UUID], *, actor: Actor, why: str) -> int:
    """Resolve at once what was open about tenants that were linked or ignored (1 statement).

    For linking and ignoring, in their transaction; whoever may do that may do this. ``why`` stands
    in the history.
    """
    values = {"tenants": list(tenant_ids)}
    return reconciling.run_for_tenants(
        reconciling.RESOLVE_TENANTS, KINDS[UNLINKED], values, actor=actor, why=why
    )


def reopen_tenants(tenant_ids: Collection[UUID], *, actor: Actor, why: str) -> int:
    """Open, or reopen, what is to be said about tenants that belong to nobody (any more).

    For unlinking, and for tenants that were ignored and are billed again. ``why`` stands in the
    history. Tenants that are linked are passed over. Returns how many conditions came up.
    """
    kind, ids = KINDS[UNLINKED], list(tenant_ids)
    return sum(
        reconciling.run_statement(statement, kind, actor=actor, why=why, tenants=ids)
        for statement in (reconciling.OPEN, reconciling.REOPEN)
    )


def bring_in_line(*, actor: Actor, step: reconciling.Open) -> dict[str, int]:
    """Bring every condition in line with the facts, as the system; returns what became of how many.

    ``step`` opens the transaction of each statement: for jobs that have just changed the facts.
    """
    system = system_actor(actor.reseller_id, "alert")
    counts: Counter[str] = Counter()
    for kind in KINDS.values():
        counts.update(reconciling.reconcile_kind(kind, actor=system, step=step))
    return dict(counts)


def request_reconciliation(*, actor: Actor) -> Job | None:
    """Have conditions brought in line if any is out of it; None if not, or if that is under way."""
    with transaction.atomic():
        if not reconciling.out_of_line(actor):
            return None
        try:
            return enqueue(
                RECONCILE,
                actor=actor,
                title="Bring the alert in line with tenants and connections",
                dedupe_key="all",
            )
        except Conflict:
            return None


def may_be_given(member: Membership, *, actor: Actor) -> bool:
    """Tell whether a member can be given conditions: own staff who may manage them."""
    return (
        member.reseller_id == actor.reseller_id
        and member.organization_id is None
        and "alerts.manage" in CAPABILITIES[member.role]
    )


_ACKNOWLEDGEMENT = (
    "acknowledged_until",
    "acknowledged_because",
    "acknowledged_by",
    "acknowledged_worth",
)


def _locked(ids: Iterable[UUID], *, actor: Actor) -> list[Condition]:
    wanted = set(ids)
    if not wanted or len(wanted) > MOST:
        text = f"Choose from 1 to {MOST:,} alerts."
        raise InvalidInput(text, fields={"conditions": [text]})
    rows = Condition.objects.visible_to(actor).filter(pk__in=wanted).order_by("pk")
    found = list(rows.select_for_update(of=("self",), no_key=True))
    if len(found) != len(wanted):
        raise NotFound("One of these alerts does not exist.")
    return found


def _refuse_resolved(rows: Iterable[Condition]) -> None:
    done = [row.label for row in rows if row.state == State.RESOLVED]
    if done:
        more = f" and {len(done) - 1} more" if len(done) > 1 else ""
        raise Conflict(
            f"{done[0]}{more} is resolved already; there is nothing left to do about it.",
            code="resolved",
        )


def _remember(
    rows: Iterable[Condition], what: str, *, actor: Actor, why: str = "", detail: str = ""
) -> None:
    now = timezone.now()
    ConditionEvent.objects.bulk_create(
        ConditionEvent(
            reseller_id=actor.reseller_id,
            condition=row,
            at=now,
            what=what,
            who=actor.label[:250],
            membership_id=actor.membership_id,
            why=why,
            detail=detail[:300],
        )
        for row in rows
    )


def _record(
    rows: Iterable[Condition],
    action: str,
    *,
    actor: Actor,
    reason: str,
    after: Callable[[Condition], dict[str, object]] = lambda _row: {},
) -> None:
    entries = [Entry.of(row, after=after(row)) for row in rows]
    audit.record_many(actor, action, entries, reason=reason)
