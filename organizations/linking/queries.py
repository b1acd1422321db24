"""Reading tenants together with the organization they belong to, and the history of links.

The organization of a page's tenants is fetched by one query for the whole page and not by a join:
the page itself then comes straight from an index of the tenants floor, whatever it is sorted by.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import cast
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, Q, Value
from django.db.models.functions import Coalesce

from organizations.directory.queries import (
    Resemblance,
    similar_organizations,
    sub_resellers,
)
from organizations.linking.models import Link
from portal.core.access import Actor
from portal.core.errors import NotFound
from portal.core.money import AmountField
from portal.core.rows import ScopedQuerySet
from tenants.discovery.models import Tenant

SAID_OF_A_LINK = (
    "tenant",
    "organization__number",
    "organization__name",
    "begins_at",
    "linked_by",
)
"""What a list needs of a link: half its columns cost half its time."""


def visible_tenants(actor: Actor) -> "ScopedQuerySet[Tenant]":
    """Return the tenants the actor may see: staff all of the reseller's, customers their linked.

    Sub-resellers see, beside those of their customers, which of the tenants that Partner Center
    says were sold through them wait for the provider to link them.
    """
    rows: ScopedQuerySet[Tenant] = Tenant.objects.filter(reseller_id=actor.reseller_id)
    if actor.is_staff:
        return rows
    own = live_links(actor).filter(tenant=OuterRef("pk"))
    if not actor.is_sub_reseller:
        return rows.filter(Exists(own))
    partners = sub_resellers(actor).exclude(mpn_id="").values("mpn_id")
    waiting = Q(is_linked=False, is_ignored=False, associated_partner__in=partners)
    return rows.filter(Exists(own) | waiting)


def unlinked_of_tree(actor: Actor) -> int:
    """Return how many tenants sold through a sub-reseller wait for a link (1 query)."""
    return visible_tenants(actor).filter(is_linked=False).count()


def get_tenant(actor: Actor, tenant_id: UUID) -> Tenant:
    """Return one visible tenant, or raise `NotFound` alike for foreign and unknown ones."""
    tenant = visible_tenants(actor).filter(pk=tenant_id).first()
    if tenant is None:
        raise NotFound
    return tenant


def tenants_for_lists(actor: Actor) -> "ScopedQuerySet[Tenant]":
    """Return the visible tenants with ``billed``, by which lists are ordered.

    Never billed counts as nothing, since a missing amount would stand above the largest. Customers
    may not even see the order of what their tenants cost the reseller.
    """
    nothing = Value(Decimal(0), AmountField())
    rows = visible_tenants(actor)
    if not actor.is_staff:
        return rows.annotate(billed=nothing)
    return rows.annotate(billed=Coalesce("billed_amount", nothing))


def live_links(actor: Actor) -> "ScopedQuerySet[Link]":
    """Return the links that hold now, each with its organization."""
    rows: ScopedQuerySet[Link] = Link.objects.visible_to(actor).filter(ends_at=None)
    return rows.select_related("organization")


def owning_links(actor: Actor, month: date) -> "ScopedQuerySet[Link]":
    """Return the links that own a month (its first day is said), at most one for each tenant."""
    rows: ScopedQuerySet[Link] = Link.objects.visible_to(actor).filter(period__contains=month)
    return rows.select_related("organization")


def ownerless_tenants(actor: Actor, month: date) -> "ScopedQuerySet[Tenant]":
    """Return the tenants whose month belongs to nobody.

    They are few where tenants are many: a tenant that is linked owns every month, unless one of its
    links began on a day.
    """
    links = Link.objects.visible_to(actor).filter(tenant=OuterRef("pk"))
    dated = links.filter(begins_on_a_day=True)
    rows: ScopedQuerySet[Tenant] = Tenant.objects.visible_to(actor)
    return rows.filter(Q(is_linked=False) | Exists(dated)).exclude(
        Exists(links.filter(period__contains=month))
    )


def first_free_day(tenant: Tenant, *, actor: Actor, closed: date | None) -> date | None:
    """Return the day from which nobody owns a tenant that is not linked; None: it never was.

    No day before ``closed`` is free (1 query).
    """
    rows = Link.objects.visible_to(actor).filter(tenant=tenant, period__isempty=False)
    last: date | None = rows.aggregate(last=Max("period__endswith"))["last"]
    return max(filter(None, (last, closed)), default=None)


def tenants_of_organization(
    rows: "ScopedQuerySet[Tenant]", *, actor: Actor, organization_id: UUID
) -> "ScopedQuerySet[Tenant]":
    """Keep the tenants that are linked to one organization now."""
    own = live_links(actor).filter(organization_id=organization_id, tenant=OuterRef("pk"))
    return rows.filter(Exists(own))


def attach_links(tenants: Iterable[Tenant], *, actor: Actor) -> Sequence[Tenant]:
    """Set ``live_link`` (None: not linked) on every tenant of a page (1 query, 0 for none).

    The link comes with what a list says of it: its organization's name and number, since when, and
    by whom.
    """
    found = list(tenants)
    links: dict[UUID, Link] = {}
    if found:
        rows = live_links(actor).filter(tenant__in=[tenant.pk for tenant in found])
        links = {link.tenant_id: link for link in rows.only(*SAID_OF_A_LINK)}
    for tenant in found:
        tenant.live_link = links.get(tenant.pk)  # type: ignore[attr-defined]
    return found


def link_history(tenant: Tenant, *, actor: Actor) -> list[Link]:
    """Return every link a tenant ever had, newest first (1 query)."""
    rows = Link.objects.visible_to(actor).filter(tenant=tenant).select_related("organization")
    return cast(list[Link], list(rows.order_by("-begins_at", "-id")))


def similar_to(tenant: Tenant, *, actor: Actor) -> Sequence[Resemblance]:
    """Return organizations with the tenant's domain, registration number or name (1 query)."""
    return similar_organizations(
        actor,
        name=tenant.name,
        primary_domain=tenant.domain.lower(),
        registration_number=tenant.registration_number,
    )
