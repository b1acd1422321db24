"""What the worker does for this capability: requests, and looking after those left behind."""

from structlog import get_logger

from organizations.provisioning.running import carry_out
from organizations.provisioning.steering import PROVISION
from organizations.provisioning.telling import look_after
from portal.core.access import acting, system_actor
from portal.core.identity.queries import active_resellers
from portal.core.jobs.kinds import register
from portal.core.jobs.schedule import Every, register_schedule

LOOKING_AFTER = "looking after provisioning"
log = get_logger(__name__)

register(PROVISION, carry_out, past_scope_with={"tenants.link"})


def look_after_all() -> None:
    """Hand over what no worker has any more, and have people told, of every reseller."""
    for reseller in active_resellers():
        actor = system_actor(reseller.pk, LOOKING_AFTER)
        with acting(actor):
            count = look_after(actor=actor)
        if count:
            log.info("provisioning_handed_over", reseller=reseller.pk, requests=count)


register_schedule(Every(LOOKING_AFTER, minutes=5, do=look_after_all))
