"""What the worker does for country rules, and what the clock asks for."""

from portal.core.access import acting, system_actor
from portal.core.identity.queries import active_resellers
from portal.core.jobs.kinds import register
from portal.core.jobs.schedule import Daily, register_schedule
from tenants.countries.operations import READ_RULES, read_rules, request_old_rules

UPKEEP = "country rules"

register(READ_RULES, read_rules)


def keep_rules_fresh() -> None:
    """Have what is a week old read again, for all but suspended resellers."""
    for reseller in active_resellers():
        actor = system_actor(reseller.pk, UPKEEP)
        with acting(actor):
            request_old_rules(actor=actor)


register_schedule(Daily(UPKEEP, hour=4, minute=7, do=keep_rules_fresh))
