"""What the pages of organizations show beside the organizations themselves: links and history.

Only views import this: links know organizations and not the other way round, so what the directory
decides never depends on them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Sum

from organizations.directory.models import Organization
from organizations.linking.models import Link
from organizations.linking.queries import live_links
from portal.core.access import Actor
from portal.core.audit.models import AuditEvent
from portal.core.audit.queries import sentence
from portal.core.money import Money

LINKS_SHOWN = 50
EVENTS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class LinkedTenants:
    """The live links of an organization, newest first, and how many there are in all.

    ``billed``: per currency, what Microsoft billed for all of them in the month each was last
    billed; customers are told none of it.
    """

    links: tuple[Link, ...]
    count: int
    billed: tuple[Money, ...] = ()

    @property
    def left_out(self) -> int:
        return self.count - len(self.links)


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One event in words."""

    event: AuditEvent
    sentence: str


def count_tenants(rows: Iterable[Organization], *, actor: Actor) -> None:
    """Set ``tenant_count`` on every organization of a page (1 query, 0 for none)."""
    found = list(rows)
    counts: dict[UUID, int] = {}
    if found:
        live = live_links(actor).filter(organization__in=[row.pk for row in found])
        per_organization = live.select_related(None).order_by("organization_id")
        counts = dict(per_organization.values_list("organization_id").annotate(Count("pk")))
    for row in found:
        row.tenant_count = counts.get(row.pk, 0)  # type: ignore[attr-defined]


def linked_tenants(organization: Organization, *, actor: Actor) -> LinkedTenants:
    """Return the tenants of an organization with since when and by whom (3 queries at most)."""
    rows = live_links(actor).filter(organization=organization).select_related("tenant", "account")
    links = tuple(rows.order_by("-begins_at", "-id")[: LINKS_SHOWN + 1])
    count = len(links) if len(links) <= LINKS_SHOWN else rows.count()
    billed = () if not actor.is_staff or not links else _billed(organization, actor=actor)
    return LinkedTenants(links[:LINKS_SHOWN], count, billed)


def _billed(organization: Organization, *, actor: Actor) -> tuple[Money, ...]:
    rows = live_links(actor).filter(organization=organization).select_related(None)
    sums = (
        rows.filter(tenant__billed_amount__isnull=False)
        .order_by("tenant__billed_currency")
        .values_list("tenant__billed_currency")
        .annotate(Sum("tenant__billed_amount"))
    )
    return tuple(Money(amount, currency) for currency, amount in sums)


def history(organization: Organization, *, actor: Actor) -> list[HistoryLine]:
    """Return what happened to an organization, its accounts and links; nothing for customers."""
    if not actor.is_staff:
        return []
    rows = AuditEvent.objects.visible_to(actor).filter(organization_id=organization.pk)
    return [
        HistoryLine(event, sentence(event)) for event in rows.order_by("-sequence")[:EVENTS_SHOWN]
    ]
