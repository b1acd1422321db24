"""Reading suggestions: those of a page of tenants, of one tenant, and how many there are.

Only a tenant that is not linked is shown a suggestion; what is stored for others is left over and
taken away by the next run. Customers see none.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import Exists, OuterRef

from organizations.linking.queries import visible_tenants
from organizations.suggestions.asking import SUGGEST
from organizations.suggestions.models import Level, LinkSuggestion
from portal.core.access import Actor
from portal.core.jobs.models import Job
from portal.core.jobs.queries import jobs
from portal.core.rows import ScopedQuerySet
from tenants.discovery.models import Tenant

ANY, NONE = "any", "none"
SAID_IN_A_LIST = ("tenant", "organization__name", "score", "level", "reasons")


def suggestions(actor: Actor) -> "ScopedQuerySet[LinkSuggestion]":
    """Return every suggestion the actor may see, with tenant and organization."""
    rows: ScopedQuerySet[LinkSuggestion] = LinkSuggestion.objects.visible_to(actor)
    return rows.select_related("tenant", "organization")


def shown_suggestions(actor: Actor) -> "ScopedQuerySet[LinkSuggestion]":
    """Leave out the open ones of tenants that are linked meanwhile."""
    return suggestions(actor).exclude(state=LinkSuggestion.State.OPEN, tenant__is_linked=True)


def open_suggestions(actor: Actor) -> "ScopedQuerySet[LinkSuggestion]":
    """Return what waits for somebody: open, and the tenant neither linked nor ignored."""
    return suggestions(actor).filter(
        state=LinkSuggestion.State.OPEN, tenant__is_linked=False, tenant__is_ignored=False
    )


def certain_suggestions(actor: Actor) -> "ScopedQuerySet[LinkSuggestion]":
    """Return the best open suggestion of each unlinked tenant whose best one is certain."""
    return open_suggestions(actor).filter(rank=1, level=Level.CERTAIN)


def attach_suggestions(tenants: Iterable[Tenant], *, actor: Actor) -> Sequence[Tenant]:
    """Set ``suggestion`` (the best open one, or None) on every tenant of a page.

    One query; none for customers, and none where all of them are linked.
    """
    found = list(tenants)
    waiting = [row.pk for row in found if not (row.is_linked or row.is_ignored)]
    if not actor.is_staff:
        waiting = []
    best: dict[UUID, LinkSuggestion] = {}
    if waiting:
        rows: ScopedQuerySet[LinkSuggestion] = LinkSuggestion.objects.visible_to(actor)
        best_rows = rows.filter(tenant__in=waiting, state=LinkSuggestion.State.OPEN, rank=1)
        named = best_rows.select_related("organization").only(*SAID_IN_A_LIST)
        best = {row.tenant_id: row for row in named}
    for tenant in found:
        tenant.suggestion = best.get(tenant.pk)  # type: ignore[attr-defined]
    return found


def suggestions_of(tenant: Tenant, *, actor: Actor) -> list[LinkSuggestion]:
    """Return what was suggested for a tenant, the open ones first, best first (1 query)."""
    rows = LinkSuggestion.objects.visible_to(actor).filter(tenant=tenant)
    found = rows.select_related("organization").order_by("-score", "rank", "id")
    if tenant.is_linked:
        found = found.exclude(state=LinkSuggestion.State.OPEN)
    places = list(LinkSuggestion.State)
    return sorted(found, key=lambda row: (places.index(LinkSuggestion.State(row.state)), row.rank))


def with_suggestion(
    rows: "ScopedQuerySet[Tenant]", wanted: str, *, actor: Actor
) -> "ScopedQuerySet[Tenant]":
    """Keep the unlinked tenants whose best suggestion has a level; `ANY` has one, `NONE` none."""
    best = LinkSuggestion.objects.visible_to(actor).filter(
        tenant=OuterRef("pk"), state=LinkSuggestion.State.OPEN, rank=1
    )
    if wanted == NONE:
        return rows.filter(~Exists(best), is_linked=False, is_ignored=False)
    if wanted != ANY:
        best = best.filter(level=wanted)
    return rows.filter(Exists(best), is_linked=False, is_ignored=False)


def waiting_tenants(actor: Actor) -> "ScopedQuerySet[Tenant]":
    """Return the tenants that suggestions are looked for."""
    return visible_tenants(actor).filter(is_linked=False, is_ignored=False)


def newest_run(actor: Actor) -> Job | None:
    """Return the job of the latest run, open or ended (1 query)."""
    return jobs(actor).filter(kind=SUGGEST.name).first()
