"""Merging two organizations that turn out to be one.

Everything living goes over; what is left is a tombstone that closed months still name and whose
address leads on. Locks are taken in the order that linking takes them, tenants before
organizations, and both organizations against whoever is about to give them something. Somebody may
have linked another tenant to the source before its lock was got: then the merger lets go of
everything and begins anew, instead of waiting the wrong way round.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from organizations.directory.models import Organization
from organizations.directory.operations import organization_facts
from organizations.directory.queries import heir_of, merged_away
from organizations.fields.setting import carry_values
from organizations.linking.models import Link
from organizations.linking.queries import live_links
from organizations.merging.carrying import (
    carry_accounts,
    carry_children,
    carry_links,
    record_links,
)
from organizations.merging.queries import differences, why_not
from organizations.suggestions.asking import ask_for_suggestions
from portal.core import audit
from portal.core.access import Actor
from portal.core.books import hold_books
from portal.core.errors import Conflict, InvalidInput, NotFound
from portal.core.identity.operations import move_members
from tenants.discovery.models import Tenant

REASON_LENGTH = 500
ATTEMPTS = 5


class _LinkedMeanwhile(Exception):
    """A tenant was linked to the source before the source was locked."""


def merge_organizations(
    source: Organization,
    *,
    actor: Actor,
    into: Organization,
    reason: str,
    fill: Collection[str] = (),
) -> Organization:
    """Merge ``source`` into another organization for good, and return that one.

    Live links, accounts, members and children go over; links that ended stay with the tombstone,
    and so does what belongs to closed months.
    The fields named in ``fill`` are taken over where only the source has them, and the ids under
    which Microsoft knows a sub-reseller by themselves. Holds the books,
    locks the linked tenants, then both organizations.

    Raises:
        InvalidInput: no reason, a field that is no gap, or the two cannot be merged (``into``).
        Conflict: ``organization_merged``; one of them was merged before. Or ``busy``; tenants kept
            being linked to it.
    """
    actor.require("organizations.merge")
    reason = _clean_reason(reason)
    for _ in range(ATTEMPTS):
        try:
            with transaction.atomic():
                return _merge(source, into, actor=actor, reason=reason, fill=fill)
        except _LinkedMeanwhile:
            continue
    raise Conflict(
        f"Tenants are being linked to {source.name} right now. Wait for that to end, then try"
        " again.",
        code="busy",
    )


def _merge(
    source: Organization,
    into: Organization,
    *,
    actor: Actor,
    reason: str,
    fill: Collection[str],
) -> Organization:
    closed = hold_books(actor)
    locked = _lock_tenants(source, actor=actor)
    going, target = _lock_both(source, into, actor=actor)
    links = list(
        live_links(actor).filter(organization=going).select_related("tenant").order_by("tenant_id")
    )
    if any(link.tenant_id not in locked for link in links):
        raise _LinkedMeanwhile
    if said := why_not(going, target, actor=actor):
        raise InvalidInput(said, code="cannot_merge", fields={"into": [said]})
    before = organization_facts(target)
    filled = _fill(going, target, fill)
    children = carry_children(going, actor=actor, into=target)
    accounts = carry_accounts(going, actor=actor, into=target)
    begun = carry_links(links, actor=actor, source=going, into=target, closed=closed)
    carry_values(going, actor=actor, into=target)
    moved, doubled = move_members(actor, from_organization=going.pk, to_organization=target.pk)
    _bury(going, target)
    filled |= _carry_partner_ids(going, target)
    record_links(links, begun, actor=actor, reason=reason)
    went = {
        "tenants": len(links),
        "accounts": accounts,
        "members": len(moved) + len(doubled),
        "organizations": children,
    }
    _record(going, target, actor=actor, reason=reason, before=before, filled=filled, went=went)
    ask_for_suggestions(actor)
    return target


def _clean_reason(reason: str) -> str:
    reason = reason.replace("\x00", "").strip()
    if not reason:
        said = "Say why they are merged; the history keeps it."
        raise InvalidInput(said, fields={"reason": [said]})
    if len(reason) > REASON_LENGTH:
        raise InvalidInput(
            "The reason is too long.",
            fields={"reason": [f"Use at most {REASON_LENGTH} characters."]},
        )
    return reason


def _lock_tenants(source: Organization, *, actor: Actor) -> set[UUID]:
    linked = Link.objects.visible_to(actor).filter(organization=source, ends_at=None)
    ids = list(linked.values_list("tenant_id", flat=True))
    rows = Tenant.objects.visible_to(actor).filter(pk__in=ids)
    locked = rows.order_by("microsoft_id").select_for_update(of=("self",), no_key=True)
    return set(locked.values_list("pk", flat=True))


def _lock_both(
    source: Organization, into: Organization, *, actor: Actor
) -> tuple[Organization, Organization]:
    """Return both as they stand, locked in the order of their keys so that nothing joins them."""
    rows = Organization.objects.visible_to(actor).filter(pk__in=[source.pk, into.pk])
    found = {row.pk: row for row in rows.order_by("pk").select_for_update(of=("self",))}
    if source.pk not in found or into.pk not in found:
        raise NotFound
    for row in (found[source.pk], found[into.pk]):
        if row.is_merged:
            raise merged_away(row, heir_of(row, actor=actor))
    return found[source.pk], found[into.pk]


def _fill(source: Organization, target: Organization, fill: Collection[str]) -> dict[str, str]:
    """Take over what only the source knows, of the fields the actor chose."""
    gaps = {row.name: row.of_source for row in differences(source, target) if row.is_gap}
    if wrong := sorted(set(fill) - set(gaps)):
        said = f"{target.name} lacks nothing of this: {', '.join(wrong)}."
        raise InvalidInput(said, fields={"fill": [said]})
    filled = {name: gaps[name] for name in sorted(fill)}
    for name, text in filled.items():
        setattr(target, name, text)
    if filled:
        target.save(update_fields=[*filled, "changed_at"])
    return filled


def _bury(source: Organization, target: Organization) -> None:
    source.merged_into = target
    source.merged_at = timezone.now()
    source.save(update_fields=["merged_into", "merged_at"])


def _carry_partner_ids(source: Organization, target: Organization) -> dict[str, str]:
    """Let the heir be the partner the source was to Microsoft; once that is buried, as each id is
    one organization's."""
    carried = {
        name: getattr(source, name)
        for name in ("mpn_id", "microsoft_partner_id")
        if target.is_sub_reseller and getattr(source, name) and not getattr(target, name)
    }
    for name, value in carried.items():
        setattr(target, name, value)
    if carried:
        target.save(update_fields=[*carried, "changed_at"])
    return {name: str(value) for name, value in carried.items()}


def _record(
    source: Organization,
    target: Organization,
    *,
    actor: Actor,
    reason: str,
    before: dict[str, Any],
    filled: dict[str, str],
    went: dict[str, int],
) -> None:
    audit.record(
        actor,
        "organizations.organization_merged",
        source,
        before=organization_facts(source),
        after={"merged_into": target.name, "merged_into_number": target.number, **went},
        reason=reason,
        organization_id=source.pk,
    )
    audit.record(
        actor,
        "organizations.organization_took_over",
        target,
        before={name: before[name] for name in filled},
        after={**filled, "merged": source.name, "merged_number": source.number, **went},
        reason=reason,
        organization_id=target.pk,
    )
