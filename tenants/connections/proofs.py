"""Proving a connection: the one call that decides, and one cheap call for each family beside it.

Reading customers decides whether the connection works, because tenants are what it is for. The
others are told on the health panel and nowhere else: an account may work well without, say, a right
to invoices. Nothing here changes anything at Microsoft.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime

from partnercenter.client import PartnerCenter
from partnercenter.errors import PartnerCenterError
from portal.core.errors import NotReady, PortalError
from tenants.connections.claims import prove_partner
from tenants.connections.clients import partner_center_for
from tenants.connections.failures import as_portal_error
from tenants.connections.models import Connection

Probe = Callable[[PartnerCenter], object]


def _first_customer(center: PartnerCenter) -> str | None:
    items = next(center.customers.pages(size=1)).items
    return items[0].id if items else None


def _of_first_customer(ask: Callable[[PartnerCenter, str], object]) -> Probe:
    """Ask something about the first customer there is; of a partner without any, nothing."""

    def probe(center: PartnerCenter) -> object:
        customer = _first_customer(center)
        return None if customer is None else ask(center, customer)

    return probe


def _today() -> date:
    return datetime.now(UTC).date()


AS_APPLICATION: tuple[Probe, ...] = (
    _of_first_customer(lambda center, customer: center.subscriptions.list(customer)),
    _of_first_customer(lambda center, customer: center.orders.list(customer)),
    _of_first_customer(
        lambda center, customer: center.catalogue.for_customer(customer).products("OnlineServices")
    ),
    lambda center: next(center.invoices.list(size=1), None),
    lambda center: next(center.audit.pages(_today(), size=1)),
    lambda center: center.webhooks.registration(),
    lambda center: next(iter(center.service_status.list(issues=False)), None),
)
AS_USER: tuple[Probe, ...] = (lambda center: center.profiles.organization(),)


def first_failure(connection: Connection) -> PortalError | None:
    """Sign in, ask for customers, then for one thing of each other family; None if that works.

    The failure returned is that of signing in, of customers, or of a partner tenant that is
    connected elsewhere. Call outside any transaction.
    """
    try:
        center = partner_center_for(connection)
        center.check_access()
        prove_partner(connection, center)
    except (PartnerCenterError, PortalError) as error:
        return as_portal_error(error)
    _try_each(center, AS_APPLICATION)
    try:
        user = partner_center_for(connection, need_user=True)
    except NotReady:
        return None
    _try_each(user, AS_USER)
    return None


def _try_each(center: PartnerCenter, probes: tuple[Probe, ...]) -> None:
    """Make the calls; how each ended is noted by the client's listener."""
    for probe in probes:
        try:
            probe(center)
        except (PartnerCenterError, PortalError):
            continue
