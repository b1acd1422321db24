"""What the worker does for this capability, and when."""

from structlog import get_logger

from billing.unbilled.operations import READ_UNBILLED, request_all_unbilled
from billing.unbilled.reading import read_unbilled
from portal.core.access import acting, system_actor
from portal.core.identity.queries import active_resellers
from portal.core.jobs.kinds import register
from portal.core.jobs.schedule import Daily, register_schedule

NIGHTLY = "nightly unbilled"
log = get_logger(__name__)

register(READ_UNBILLED, read_unbilled)


def schedule_unbilled() -> None:
    """Ask it of every connection of every reseller that is not suspended."""
    for reseller in active_resellers():
        actor = system_actor(reseller.pk, NIGHTLY)
        with acting(actor):
            asked = request_all_unbilled(actor=actor)
        log.info("unbilled_scheduled", reseller=reseller.pk, jobs=len(asked))


# After the nightly discovery, so that new tenants have their figure too.
register_schedule(Daily(NIGHTLY, hour=4, minute=13, do=schedule_unbilled))
