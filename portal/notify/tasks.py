"""What the worker does for this capability, and what the clock asks for."""

from portal.core.access import acting, system_actor
from portal.core.identity.queries import active_resellers
from portal.core.jobs.kinds import register
from portal.core.jobs.schedule import Every, register_schedule
from portal.notify.operations import DELIVER, wake_due
from portal.notify.sending import deliver

DUE = "due messages"

register(DELIVER, deliver)


def schedule_due() -> None:
    """Have every message sent whose time has come, of every reseller that is not suspended."""
    for reseller in active_resellers():
        actor = system_actor(reseller.pk, DUE)
        with acting(actor):
            wake_due(actor=actor)


register_schedule(Every(DUE, minutes=1, do=schedule_due))
