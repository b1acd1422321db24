"""Ignoring tenants, and bringing them back.

The tenant's row is locked first, as linking does, so that whoever links and whoever ignores the
same tenant meet there. What the tenants floor must know, whether a tenant is left out, is written
down to it in the same transaction; the database refuses a tenant that is both.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from organizations.alert.operations import reopen_tenants, resolve_tenants
from organizations.ignoring.models import IgnoredTenant
from organizations.ignoring.queries import live_ignores
from organizations.suggestions.asking import ask_for_suggestions
from portal.core import audit
from portal.core.access import Actor
from portal.core.audit.entries import Entry
from portal.core.errors import Conflict, InvalidInput, NotFound
from portal.web.wording import write_exact, write_money, write_month
from tenants.discovery.models import Tenant
from tenants.discovery.operations import mark_ignored

REASON_LENGTH = 500
AT_ONCE = 1_000
LONGEST = timedelta(days=366)
"""How long a lost customer is left out at most: what costs money again a year later is news."""
NEED_AN_END = frozenset({IgnoredTenant.Kind.LOST, IgnoredTenant.Kind.OTHER})


@dataclass(frozen=True, slots=True)
class Decision:
    """What is decided about one tenant or many, checked."""

    kind: str
    reason: str
    until: date | None


@dataclass(slots=True)
class Batch:
    """What became of many: the decisions made, and the others with a sentence each."""

    ignored: list[IgnoredTenant] = field(default_factory=list)
    skipped: list[tuple[Tenant, str]] = field(default_factory=list)


def ignore_tenant(
    tenant: Tenant, *, actor: Actor, kind: str, reason: str, until: date | None = None
) -> IgnoredTenant:
    """Leave a tenant out of the alert; its money stays in Unassigned.

    The same decision again changes nothing. Another one about a tenant that is ignored already
    takes the place of the first. Locks the tenant's row.

    Raises:
        InvalidInput: the kind is none, the reason is empty or too long, or ``until`` is not after
            today, is missing for a lost customer or another reason, or more than a year off there.
        Conflict: ``linked``; the tenant belongs to an organization.
    """
    actor.require("tenants.ignore")
    decision = check_decision(kind=kind, reason=reason, until=until)
    with transaction.atomic():
        (locked,) = _lock([tenant.pk], actor=actor)
        if locked.is_linked:
            raise Conflict(_linked(locked), code="linked")
        live = live_ignores(actor).filter(tenant=locked).first()
        if live is not None:
            if Decision(live.kind, live.reason, live.until) == decision:
                return live
            _end([live], actor=actor, how=IgnoredTenant.Ended.CHANGED)
        (row,) = _begin([locked], decision, actor=actor)
        return row


def ignore_tenants(
    tenant_ids: Collection[UUID],
    *,
    actor: Actor,
    kind: str,
    reason: str,
    until: date | None = None,
) -> Batch:
    """Leave many tenants out at once, in one transaction; at most 1,000.

    Linked ones and those ignored already stay as they are and are named with the reason.

    Raises:
        NotFound: one of them is not the actor's to see; then nothing changes.
        InvalidInput: as `ignore_tenant`, or none or too many are named.
    """
    actor.require("tenants.ignore")
    decision = check_decision(kind=kind, reason=reason, until=until)
    wanted = set(tenant_ids)
    if not wanted or len(wanted) > AT_ONCE:
        text = f"Choose between 1 and {AT_ONCE} tenants."
        raise InvalidInput(text, fields={"tenants": [text]})
    with transaction.atomic():
        rows = _lock(wanted, actor=actor)
        batch = Batch(skipped=[(row, said) for row in rows if (said := why_left(row))])
        free = [row for row in rows if not why_left(row)]
        batch.ignored = _begin(free, decision, actor=actor)
        return batch


def unignore_tenant(tenant: Tenant, *, actor: Actor, reason: str = "") -> IgnoredTenant:
    """End the ignoring of a tenant: it waits for a link again.

    Raises:
        Conflict: ``not_ignored``.
        InvalidInput: the reason is too long.
    """
    actor.require("tenants.ignore")
    reason = reason.strip()
    if len(reason) > REASON_LENGTH:
        raise _wrong("reason", f"Use at most {REASON_LENGTH} characters.")
    with transaction.atomic():
        (locked,) = _lock([tenant.pk], actor=actor)
        live = live_ignores(actor).filter(tenant=locked).select_related("tenant").first()
        if live is None:
            raise Conflict(f"{locked.name} is not ignored.", code="not_ignored")
        mark_ignored([locked.pk], actor=actor, ignored=False)
        reopen_tenants([locked.pk], actor=actor, why=reason or "No longer ignored")
        _end([live], actor=actor, how=IgnoredTenant.Ended.BY_HAND, reason=reason)
        ask_for_suggestions(actor)
        return live


def end_linked_ignores(tenant_ids: Collection[UUID], *, actor: Actor) -> int:
    """End the ignoring of tenants that are linked in this transaction; returns how many ended.

    For linking, which holds the tenants' locks and marks them linked itself. What is linked cannot
    be ignored, so a right of its own is not asked for.
    """
    actor.require("tenants.link")
    rows = list(live_ignores(actor).filter(tenant__in=list(tenant_ids)).select_related("tenant"))
    _end(rows, actor=actor, how=IgnoredTenant.Ended.LINKED)
    return len(rows)


def end_billed_ignores(microsoft_ids: Collection[UUID], *, actor: Actor) -> int:
    """Bring back the ignored among these tenants that a later month has billed; returns how many.

    For the import of invoices, in the transaction that noted what the tenants were billed. A month
    later than the last one known when the ignoring began counts, with any amount but nothing.
    """
    actor.require("invoices.import")
    rows = live_ignores(actor).filter(tenant__microsoft_id__in=list(microsoft_ids))
    with transaction.atomic():
        waiting = rows.select_related("tenant").order_by("tenant_id")
        back = [row for row in waiting if _billed_anew(row)]
        _bring_back(back, actor=actor, how=IgnoredTenant.Ended.BILLED)
    return len(back)


def end_expired_ignores(*, actor: Actor) -> int:
    """Bring back the tenants whose time is over by today; returns how many. The clock asks."""
    actor.require("tenants.ignore")
    with transaction.atomic():
        rows = live_ignores(actor).filter(until__lte=timezone.localdate())
        over = list(rows.select_related("tenant").order_by("tenant_id"))
        _bring_back(over, actor=actor, how=IgnoredTenant.Ended.EXPIRED)
    return len(over)


def check_decision(*, kind: str, reason: str, until: date | None) -> Decision:
    """Return a decision that may be made; raises `InvalidInput` with every field that is wrong."""
    wrong: dict[str, list[str]] = {}
    if kind not in IgnoredTenant.Kind.values:
        wrong["kind"] = [f"Use one of: {', '.join(IgnoredTenant.Kind.values)}."]
    reason = reason.replace("\x00", "").strip()
    if not reason:
        wrong["reason"] = ["Say why; the history keeps it."]
    elif len(reason) > REASON_LENGTH:
        wrong["reason"] = [f"Use at most {REASON_LENGTH} characters."]
    if said := _wrong_end(kind, until):
        wrong["until"] = [said]
    if wrong:
        raise InvalidInput("Some fields are not valid.", fields=wrong)
    return Decision(kind, reason, until)


def why_left(tenant: Tenant) -> str:
    """Return why a tenant among many stays as it is; nothing if it can be ignored."""
    if tenant.is_linked:
        return _linked(tenant)
    return f"{tenant.name} is ignored already." if tenant.is_ignored else ""


def _wrong_end(kind: str, until: date | None) -> str:
    today = timezone.localdate()
    if until is None:
        if kind in NEED_AN_END:
            return "Say when to look at it again, within a year: for this reason it must end."
        return ""
    if until <= today:
        return "Use a day after today."
    if kind in NEED_AN_END and until > today + LONGEST:
        return f"Use a day within a year, up to {write_exact(today + LONGEST)}."
    return ""


def _wrong(name: str, text: str) -> InvalidInput:
    return InvalidInput("Some fields are not valid.", fields={name: [text]})


def _linked(tenant: Tenant) -> str:
    return (
        f"{tenant.name} is linked to an organization, so it is nothing to ignore."
        " Unlink it first if it really belongs to nobody."
    )


def _lock(tenant_ids: Collection[UUID], *, actor: Actor) -> list[Tenant]:
    """Return tenants as they stand, locked in the order of all who lock; all, or `NotFound`."""
    rows = Tenant.objects.visible_to(actor).filter(pk__in=list(tenant_ids)).order_by("microsoft_id")
    locked = list(rows.select_for_update(of=("self",), no_key=True))
    if len(locked) != len(set(tenant_ids)):
        raise NotFound
    return locked


def _begin(tenants: Iterable[Tenant], decision: Decision, *, actor: Actor) -> list[IgnoredTenant]:
    now = timezone.now()
    rows = [
        IgnoredTenant(
            reseller_id=actor.reseller_id,
            tenant=tenant,
            kind=decision.kind,
            reason=decision.reason,
            until=decision.until,
            billed_month=tenant.billed_month,
            begins_at=now,
            ignored_by=actor.label[:250],
        )
        for tenant in tenants
    ]
    ids = [row.tenant_id for row in rows]
    mark_ignored(ids, actor=actor, ignored=True)
    resolve_tenants(ids, actor=actor, why=f"Ignored: {decision.reason}")
    IgnoredTenant.objects.bulk_create(rows)
    entries = [Entry.of(row.tenant, after=_facts(row)) for row in rows]
    audit.record_many(actor, "organizations.tenant_ignored", entries, reason=decision.reason)
    return rows


def _bring_back(rows: list[IgnoredTenant], *, actor: Actor, how: str) -> None:
    """End what ended by itself; only those that nobody ended before their tenants were locked."""
    if not rows:
        return
    _lock([row.tenant_id for row in rows], actor=actor)
    still = set(
        live_ignores(actor).filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True)
    )
    ending = [row for row in rows if row.pk in still]
    mark_ignored([row.tenant_id for row in ending], actor=actor, ignored=False)
    for row in ending:
        why = _why_back(row, how)
        reopen_tenants([row.tenant_id], actor=actor, why=why)
        _end([row], actor=actor, how=how, reason=why)


def _end(rows: list[IgnoredTenant], *, actor: Actor, how: str, reason: str = "") -> None:
    """Write the end of decisions whose tenants are locked, and tell the audit."""
    now = timezone.now()
    for row in rows:
        # Two hosts' clocks differ a little; nothing may end before it began.
        row.ended_at = max(now, row.begins_at)
        row.ended_by = actor.label[:250]
        row.ended_how = how
        row.end_reason = reason
    IgnoredTenant.objects.bulk_update(
        rows, ["ended_at", "ended_by", "ended_how", "end_reason"], batch_size=AT_ONCE
    )
    entries = [
        Entry.of(row.tenant, before=_facts(row), after={"ended": str(row.get_ended_how_display())})
        for row in rows
    ]
    audit.record_many(actor, "organizations.tenant_unignored", entries, reason=reason)


def _billed_anew(row: IgnoredTenant) -> bool:
    month, amount = row.tenant.billed_month, row.tenant.billed_amount
    if month is None or not amount:
        return False
    return row.billed_month is None or month > row.billed_month


def _why_back(row: IgnoredTenant, how: str) -> str:
    tenant = row.tenant
    if how == IgnoredTenant.Ended.EXPIRED or tenant.billed_month is None:
        return "Its time was over"
    amount = write_money(tenant.billed_amount, tenant.billed_currency)
    return f"Billed again: {amount} for {write_month(tenant.billed_month)}"


def _facts(row: IgnoredTenant) -> dict[str, Any]:
    return {
        "kind": str(row.kind),
        "reason": row.reason,
        "until": row.until.isoformat() if row.until else None,
    }
