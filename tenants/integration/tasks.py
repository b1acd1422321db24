"""What the worker does for this capability: tests asked for, and those of every night."""

from structlog import get_logger

from portal.core.access import acting, system_actor
from portal.core.identity.queries import active_resellers
from portal.core.jobs.kinds import register
from portal.core.jobs.schedule import Daily, register_schedule
from tenants.integration.operations import INTEGRATION_TEST, request_tests
from tenants.integration.testing import run_test

NIGHTLY = "nightly integration test"
log = get_logger(__name__)

register(INTEGRATION_TEST, run_test)


def schedule_tests() -> None:
    """Ask for a test of every connection of every reseller that is not suspended."""
    for reseller in active_resellers():
        actor = system_actor(reseller.pk, NIGHTLY)
        with acting(actor):
            asked = request_tests(actor=actor)
        log.info("integration_tests_scheduled", reseller=reseller.pk, runs=len(asked))


# Every night, after the discovery of that night, each connection is tested again: what stops
# working is known in the morning, and not when somebody needs it.
register_schedule(Daily(NIGHTLY, hour=4, minute=41, do=schedule_tests))
