"""What the worker does for this capability: bulk links, undoing them, and old drafts."""

from structlog import get_logger

from organizations.bulk.operations import BULK_LINK, BULK_UNDO, forget_drafts
from organizations.bulk.running import carry_out
from organizations.bulk.undoing import take_back
from portal.core.access import acting, system_actor
from portal.core.identity.queries import active_resellers
from portal.core.jobs.kinds import register
from portal.core.jobs.schedule import Daily, register_schedule

FORGETTING = "forgetting of bulk drafts"
log = get_logger(__name__)

register(BULK_LINK, carry_out)
register(BULK_UNDO, take_back)


def forget_all() -> None:
    """Delete the drafts of every reseller that can no longer be run."""
    for reseller in active_resellers():
        actor = system_actor(reseller.pk, FORGETTING)
        with acting(actor):
            gone = forget_drafts(actor=actor)
        if gone:
            log.info("bulk_drafts_forgotten", reseller=reseller.pk, drafts=gone)


register_schedule(Daily(FORGETTING, hour=3, minute=41, do=forget_all))
