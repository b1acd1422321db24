"""What the worker does for indirect resellers, and what the clock asks for."""

from portal.core.access import acting, system_actor
from portal.core.identity.queries import active_resellers
from portal.core.jobs.kinds import register
from portal.core.jobs.schedule import Daily, register_schedule
from tenants.indirect.operations import READ_RESELLERS, read_resellers, request_all_resellers

UPKEEP = "indirect resellers"

register(READ_RESELLERS, read_resellers)


def keep_resellers_fresh() -> None:
    """Have every list read again each night, for all but suspended resellers."""
    for reseller in active_resellers():
        actor = system_actor(reseller.pk, UPKEEP)
        with acting(actor):
            request_all_resellers(actor=actor)


register_schedule(Daily(UPKEEP, hour=4, minute=19, do=keep_resellers_fresh))
