"""What the worker does for this capability: runs asked for, and those the clock asks for."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from structlog import get_logger

from organizations.suggestions.asking import SUGGEST, ask_for_suggestions, state_of
from organizations.suggestions.queries import waiting_tenants
from organizations.suggestions.suggesting import suggest
from portal.core.access import Actor, acting, system_actor
from portal.core.identity.queries import active_resellers
from portal.core.jobs.kinds import register
from portal.core.jobs.schedule import Daily, Every, register_schedule
from tenants.discovery.following import follow_discoveries

CHANGES = "suggestions after changes"
NIGHTLY = "nightly suggestions"
OVERLAP = timedelta(minutes=1)
"""A page of tenants bears the time its transaction began; it may have been committed later."""
log = get_logger(__name__)


def look_for_changes() -> None:
    """Ask for a run wherever something changed since the latest round began."""
    for reseller in active_resellers():
        actor = system_actor(reseller.pk, CHANGES)
        with acting(actor), transaction.atomic():
            if _is_behind(actor):
                job = ask_for_suggestions(actor)
                log.info("suggestions_asked", reseller=reseller.pk, job=str(job.pk))


def ask_every_night() -> None:
    """Ask for a run for every reseller that has tenants to link."""
    for reseller in active_resellers():
        actor = system_actor(reseller.pk, NIGHTLY)
        with acting(actor), transaction.atomic():
            if waiting_tenants(actor).exists():
                ask_for_suggestions(actor)


def _is_behind(actor: Actor) -> bool:
    """Tell whether a mark was left, or an unlinked tenant changed; discovery leaves no marks."""
    state = state_of(actor)
    if state.is_due:
        return True
    rows = waiting_tenants(actor)
    if state.looked_at is not None:
        since = state.looked_at - OVERLAP
        rows = rows.filter(Q(changed_at__gt=since) | Q(details_at__gt=since))
    return rows.exists()


def ask_after_discovery(actor: Actor) -> None:
    """Ask for a run in the transaction that ends a discovery."""
    ask_for_suggestions(actor)


register(SUGGEST, suggest)
follow_discoveries(ask_after_discovery)

# Events, audits and invoices change single tenants between two discoveries; and what people changed
# without end is looked at again here.
register_schedule(Every(CHANGES, minutes=5, do=look_for_changes))

# After the discovery of the night. Whatever changed in a way nobody thought of is seen by then.
register_schedule(Daily(NIGHTLY, hour=3, minute=29, do=ask_every_night))
