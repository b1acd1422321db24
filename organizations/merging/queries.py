"""What merging two organizations would do: read before anybody decides, in a handful of queries."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Sum

from organizations.directory.details import LABELS, ORGANIZATION_FIELDS
from organizations.directory.models import Account, Organization
from organizations.directory.queries import children_of
from organizations.linking.models import Link
from organizations.linking.queries import live_links
from portal.core.access import SUB_RESELLER_ROLES, Actor
from portal.core.books import closed_until
from portal.core.identity.models import Membership
from portal.core.money import Money
from portal.core.rows import ScopedQuerySet

FILLABLE = tuple(name for name in ORGANIZATION_FIELDS if name != "name")
DEEPEST_TREE = 20


@dataclass(frozen=True, slots=True)
class Difference:
    """A field in which the two differ. ``is_gap``: only the one that goes knows it."""

    name: str
    label: str
    of_source: str
    of_target: str

    @property
    def is_gap(self) -> bool:
        return bool(self.of_source) and not self.of_target and self.name in FILLABLE


@dataclass(frozen=True, slots=True)
class MergePreview:
    """What would happen. ``refusal`` says why it cannot; the rest is what there is now.

    ``links``: tenants linked now, which move. ``ended_links`` stay with the tombstone, and so does
    what they own of months. ``money``: per currency, what Microsoft last billed for the tenants
    that move, as far as that month is open; ``closed_until`` is the first open day. ``members``
    move; ``doubled`` of them have a role at the other one already and keep that one. ``children``:
    organizations that belong to it.
    """

    source: Organization
    target: Organization
    refusal: str = ""
    links: int = 0
    ended_links: int = 0
    accounts: int = 0
    members: int = 0
    doubled: int = 0
    children: int = 0
    money: tuple[Money, ...] = ()
    differences: tuple[Difference, ...] = ()
    closed_until: date | None = None

    @property
    def gaps(self) -> tuple[Difference, ...]:
        return tuple(row for row in self.differences if row.is_gap)


def preview_merge(source: Organization, *, actor: Actor, into: Organization) -> MergePreview:
    """Return what merging would do, of two organizations the actor may see (9 queries at most)."""
    actor.require("organizations.merge")
    refusal = why_not(source, into, actor=actor)
    closed = closed_until(actor)
    links = live_links(actor).filter(organization=source).select_related(None)
    members = Membership.objects.visible_to(actor)
    leaving = members.filter(organization_id=source.pk)
    there = members.filter(organization_id=into.pk).values("user_id")
    return MergePreview(
        source=source,
        target=into,
        refusal=refusal,
        links=links.count(),
        ended_links=Link.objects.visible_to(actor)
        .filter(organization=source, ends_at__isnull=False)
        .count(),
        accounts=Account.objects.visible_to(actor).filter(organization=source).count(),
        members=leaving.count(),
        doubled=leaving.filter(user_id__in=there).count(),
        children=children_of(source, actor).count(),
        money=_money_of(links, closed),
        closed_until=closed,
        differences=differences(source, into),
    )


def differences(source: Organization, into: Organization) -> tuple[Difference, ...]:
    """Return the fields in which two organizations differ (no query)."""
    return tuple(
        Difference(name, LABELS[name], getattr(source, name), getattr(into, name))
        for name in ("number", *ORGANIZATION_FIELDS)
        if getattr(source, name) != getattr(into, name)
    )


def why_not(source: Organization, into: Organization, *, actor: Actor) -> str:
    """Return why two living organizations cannot be merged; nothing if they can (few queries)."""
    if source.pk == into.pk:
        return "An organization cannot be merged into itself. Choose another one."
    above, steps = into, 0
    while above.parent_id and steps < DEEPEST_TREE:
        if above.parent_id == source.pk:
            return (
                f"{into.name} belongs to {source.name}. Merge the other way round: {into.name} into"
                f" {source.name}."
            )
        above, steps = Organization.objects.get_visible(actor, pk=above.parent_id), steps + 1
    if into.is_sub_reseller:
        return _why_not_partners(source, into)
    if children_of(source, actor).exists():
        return (
            f"Organizations belong to {source.name}, and {into.name} is not a sub-reseller. Make it"
            " one first, or move them elsewhere."
        )
    if not source.is_sub_reseller:
        return ""
    people = Membership.objects.visible_to(actor).filter(organization_id=source.pk)
    if people.filter(role__in=SUB_RESELLER_ROLES).exists():
        return (
            f"People work for {source.name} as a sub-reseller, and {into.name} is not one, so they"
            " would see nothing any more. Make it one first, or remove them."
        )
    if source.mpn_id or source.microsoft_partner_id:
        return (
            f"Microsoft knows {source.name} as a partner, and {into.name} is not a sub-reseller."
            " Make it one first, or empty the partner ids."
        )
    return ""


def _why_not_partners(source: Organization, into: Organization) -> str:
    """Refuse to lose one of two partner ids: what was sold under it would be nobody's."""
    for name, label in (("mpn_id", "Partner id (MPN)"), ("microsoft_partner_id", "Partner tenant")):
        one, other = getattr(source, name), getattr(into, name)
        if one and other and one != other:
            return (
                f"{source.name} and {into.name} are two partners to Microsoft: the {label} of one"
                f" is {one}, of the other {other}. Empty the one that is no longer used first."
            )
    return ""


def _money_of(links: "ScopedQuerySet[Link]", closed: date | None) -> tuple[Money, ...]:
    if closed is not None:
        links = links.filter(tenant__billed_month__gte=closed)
    rows = (
        links.filter(tenant__billed_amount__isnull=False)
        .order_by("tenant__billed_currency")
        .values_list("tenant__billed_currency")
        .annotate(Sum("tenant__billed_amount"))
    )
    return tuple(Money(amount, currency) for currency, amount in rows if amount)
