"""What the worker does for this capability, and what the clock asks for."""

from structlog import get_logger

from organizations.alert.operations import RECONCILE, bring_in_line, request_reconciliation
from organizations.alert.telling import tell_at_once, tell_digests
from portal.core.access import acting, system_actor
from portal.core.identity.queries import active_resellers
from portal.core.jobs.kinds import register
from portal.core.jobs.running import RunningJob
from portal.core.jobs.schedule import Every, register_schedule

RECONCILIATION = "alert reconciliation"
DIGESTS = "alert digests"
log = get_logger(__name__)


def reconcile(running: RunningJob) -> None:
    """Bring every condition in line with the facts, then tell people what cannot wait."""
    counts = bring_in_line(actor=running.actor, step=running.step)
    running.report(done=sum(counts.values()), result=counts)
    log.info("conditions_reconciled", **counts)
    tell_at_once(actor=running.actor)


def schedule_reconciliation() -> None:
    """Look at every reseller whether its alert is in line, and tell what nobody was told yet."""
    for reseller in active_resellers():
        actor = system_actor(reseller.pk, RECONCILIATION)
        with acting(actor):
            request_reconciliation(actor=actor)
            tell_at_once(actor=actor)


def schedule_digests() -> None:
    """Have the digests written that somebody has waited for since the last look."""
    for reseller in active_resellers():
        actor = system_actor(reseller.pk, DIGESTS)
        with acting(actor):
            tell_digests(actor=actor)


register(RECONCILE, reconcile)

# Discovery and imports work below and know of no alert; what they changed is seen within minutes.
register_schedule(Every(RECONCILIATION, minutes=2, do=schedule_reconciliation))
# Everybody has a day and an hour of their own, in time zones of which some differ by a quarter.
register_schedule(Every(DIGESTS, minutes=15, do=schedule_digests))
