"""Linking by itself what is certain, where the reseller wants that.

What a run finds certain becomes one bulk link: it stands in the list of bulk links with what came
of each tenant, and is taken back as a whole as any other. A tenant that was ever linked is left to
people: whoever ended or took back its link had a reason, and what links by itself must not undo
that decision again and again.
"""

from django.db.models import Exists, OuterRef

from organizations.bulk.models import BulkLink
from organizations.bulk.operations import discard_bulk, preview_bulk, run_bulk
from organizations.bulk.plans import AcceptSuggestions, AllTenants
from organizations.linking.models import Link
from organizations.suggestions.asking import SYSTEM
from organizations.suggestions.models import Level, LinkSuggestion
from organizations.suggestions.queries import certain_suggestions
from portal.core.access import Actor, system_actor
from portal.core.jobs.models import Job
from portal.core.rows import ScopedQuerySet
from tenants.discovery.models import Tenant

WHY = "Linked by itself: the suggestion is certain, and no other fits as well"


def link_certain(actor: Actor) -> BulkLink | None:
    """Ask for every tenant that has one certain suggestion to be linked; in the caller's step.

    Returns the bulk link that does it, None where there is nothing to link. While an earlier one is
    at work nothing is asked for; what it leaves is seen by the next run.
    """
    actor = system_actor(actor.reseller_id, SYSTEM)
    earlier = BulkLink.objects.visible_to(actor).filter(
        kind=BulkLink.Kind.SUGGESTIONS,
        state=BulkLink.State.RUNNING,
        asked_by=actor.label,
        job__state__in=Job.OPEN,
    )
    rows = _certain_tenants(actor)
    if earlier.exists() or not rows.exists():
        return None
    plan, choice = AcceptSuggestions(Level.CERTAIN), AllTenants(rows, expected=None)
    draft = preview_bulk(actor=actor, choice=choice, plan=plan, why=WHY)
    if not draft.planned:
        discard_bulk(draft, actor=actor)
        return None
    return run_bulk(draft, actor=actor)


def _certain_tenants(actor: Actor) -> "ScopedQuerySet[Tenant]":
    """Return the tenants whose one certain suggestion nobody has decided about before."""
    earlier = Link.objects.visible_to(actor).filter(tenant=OuterRef("tenant"))
    second = LinkSuggestion.objects.visible_to(actor).filter(
        tenant=OuterRef("tenant"),
        state=LinkSuggestion.State.OPEN,
        level=OuterRef("level"),
        rank__gt=1,
    )
    certain = certain_suggestions(actor).filter(~Exists(earlier), ~Exists(second))
    rows: ScopedQuerySet[Tenant] = Tenant.objects.visible_to(actor)
    return rows.filter(pk__in=certain.values("tenant")).order_by("microsoft_id")
