"""The job that reads a connection's audit by the clock and looks at what it names."""

from partnercenter.errors import PartnerCenterError
from portal.core.errors import PortalError
from portal.core.jobs.running import RunningJob
from tenants.connections.clients import partner_center_for
from tenants.discovery.models import Source
from tenants.notifications.auditing import read_audit
from tenants.notifications.looking import look_at_all, open_looking, write_failure


def poll(running: RunningJob) -> None:
    """Carry out a job that reads what is new in a connection's audit, and look at it.

    Raises:
        PortalError: the connection does not work.
        LeaseLost: another worker has the job now.
    """
    looking = open_looking(running)
    try:
        read_audit(running, looking.connection, partner_center_for(looking.connection))
    except (PartnerCenterError, PortalError) as error:
        with running.step():
            looking.run_for(Source.AUDIT)
        raise write_failure(looking, error) from None
    look_at_all(looking)
