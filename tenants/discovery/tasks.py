"""What the worker does for this capability: discoveries asked for, and those of every night."""

from structlog import get_logger

from portal.core.access import acting, system_actor
from portal.core.identity.queries import active_resellers
from portal.core.jobs.kinds import register
from portal.core.jobs.schedule import Daily, register_schedule
from tenants.discovery.discovering import discover
from tenants.discovery.operations import DISCOVERY, request_discoveries

NIGHTLY = "nightly discovery"
log = get_logger(__name__)

register(DISCOVERY, discover)


def schedule_discovery() -> None:
    """Ask for a discovery of every connection of every reseller that is not suspended."""
    for reseller in active_resellers():
        actor = system_actor(reseller.pk, NIGHTLY)
        with acting(actor):
            asked = request_discoveries(actor=actor)
        log.info("discoveries_scheduled", reseller=reseller.pk, runs=len(asked))


# Every night each connection's tenants are looked up again, so that none stays undiscovered because
# nobody pressed a button.
register_schedule(Daily(NIGHTLY, hour=2, minute=17, do=schedule_discovery))
