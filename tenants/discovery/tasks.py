"""What the worker does for this capability: discoveries asked for, and those of every night."""

from celery import shared_task
from structlog import get_logger

from portal.core.access import acting, system_actor
from portal.core.identity.queries import active_resellers
from portal.core.jobs.kinds import register
from tenants.discovery.discovering import discover
from tenants.discovery.operations import DISCOVERY, request_discoveries

NIGHTLY = "nightly discovery"
log = get_logger(__name__)

register(DISCOVERY, discover)


@shared_task(name="portal.schedule_discovery")
def schedule_discovery() -> None:
    """Ask for a discovery of every connection of every reseller that is not suspended."""
    for reseller in active_resellers():
        actor = system_actor(reseller.pk, NIGHTLY)
        with acting(actor):
            asked = request_discoveries(actor=actor)
        log.info("discoveries_scheduled", reseller=reseller.pk, runs=len(asked))
