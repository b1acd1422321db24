"""What the worker does for this capability: the upkeep of every day."""

from structlog import get_logger

from portal.core.access import acting, system_actor
from portal.core.identity.queries import active_resellers
from portal.core.jobs.kinds import register
from portal.core.jobs.schedule import Daily, register_schedule
from tenants.connections.mfa import MFA_CHECK, check_mfa, request_mfa_checks
from tenants.connections.upkeep import (
    RENEWAL,
    forget_requests,
    renew_sign_in,
    request_renewals,
    warn_of_ends,
)

UPKEEP = "connection upkeep"
log = get_logger(__name__)

register(RENEWAL, renew_sign_in)
register(MFA_CHECK, check_mfa)


def keep_up() -> None:
    """Renew old sign-ins, look at latest calls, warn of ends: for all but suspended resellers."""
    for reseller in active_resellers():
        actor = system_actor(reseller.pk, UPKEEP)
        with acting(actor):
            asked, told = request_renewals(actor=actor), warn_of_ends(actor=actor)
            request_mfa_checks(actor=actor)
            forget_requests(actor=actor)
        log.info("connections_kept_up", reseller=reseller.pk, renewals=len(asked), warnings=told)


# A sign-in that nobody uses dies after ninety days; a week old, it is renewed by itself.
register_schedule(Daily(UPKEEP, hour=3, minute=41, do=keep_up))
