"""What the clock asks for: links and passwords that are too old end."""

from structlog import get_logger

from organizations.passwords.keeping import expire
from portal.core.access import acting, system_actor
from portal.core.identity.queries import active_resellers
from portal.core.jobs.schedule import Every, register_schedule

EXPIRY = "end of first passwords"
log = get_logger(__name__)


def expire_all() -> None:
    """End what is too old, of every reseller that is not suspended."""
    for reseller in active_resellers():
        actor = system_actor(reseller.pk, EXPIRY)
        with acting(actor):
            count = expire(actor=actor)
        if count:
            log.info("first_passwords_wiped", reseller=reseller.pk, count=count)


register_schedule(Every(EXPIRY, minutes=10, do=expire_all))
