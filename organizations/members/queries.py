"""Reading who may do what: staff of the reseller, and people of its customers."""

from collections.abc import Iterable
from uuid import UUID

from organizations.directory.models import Organization
from organizations.directory.queries import organizations
from portal.core.access import Actor
from portal.core.identity.models import Membership
from portal.core.rows import ScopedQuerySet


def members(actor: Actor) -> "ScopedQuerySet[Membership]":
    """Return the memberships the actor may see; customers see those of their organization."""
    rows: ScopedQuerySet[Membership] = Membership.objects.visible_to(actor)
    return rows


def get_member(actor: Actor, membership_id: UUID) -> Membership:
    """Return one membership, or raise `NotFound` alike for foreign and unknown ones."""
    row: Membership = Membership.objects.get_visible(actor, pk=membership_id)
    return row


def attach_organizations(rows: Iterable[Membership], *, actor: Actor) -> None:
    """Set ``organization`` (None for staff) on every membership of a page (1 query, 0 for none).

    A membership belongs to a lower floor and knows only the id.
    """
    found = list(rows)
    wanted = {row.organization_id for row in found if row.organization_id}
    named: dict[UUID, Organization] = organizations(actor).in_bulk(list(wanted)) if wanted else {}
    for row in found:
        row.organization = (  # type: ignore[attr-defined]
            named.get(row.organization_id) if row.organization_id else None
        )
