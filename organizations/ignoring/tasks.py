"""What the clock asks for: tenants whose ignoring is over come back."""

from django.utils import timezone
from structlog import get_logger

from organizations.ignoring.operations import end_expired_ignores
from portal.core.access import acting, system_actor
from portal.core.identity.queries import active_resellers
from portal.core.jobs.schedule import Every, register_schedule

EXPIRY = "end of ignoring"
log = get_logger(__name__)


def end_what_is_over() -> None:
    """Bring back what is over by the day of each reseller; those that are suspended wait."""
    for reseller in active_resellers():
        actor = system_actor(reseller.pk, EXPIRY)
        with timezone.override(reseller.time_zone), acting(actor):
            count = end_expired_ignores(actor=actor)
        if count:
            log.info("ignoring_ended", reseller=reseller.pk, tenants=count)


# Every hour and not every night: the day begins at another hour for each reseller.
register_schedule(Every(EXPIRY, minutes=60, do=end_what_is_over))
