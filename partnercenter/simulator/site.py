"""What every room stands on: the world, the stores over it, and one call as a room receives it.

Rooms are plain functions from a Call to a Response. They find everything through the call, so a new
room needs no wiring beyond its entry in the list of routes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.identity import Caller, Signer
from partnercenter.simulator.ledger import Effect, Ledger
from partnercenter.simulator.paging import Bookmarks, ContinuationTokens
from partnercenter.simulator.request_log import RequestLog
from partnercenter.simulator.signing import EventSigner
from partnercenter.simulator.stores.agreements import AgreementStore
from partnercenter.simulator.stores.answers import AnswerStore
from partnercenter.simulator.stores.carts import CartStore
from partnercenter.simulator.stores.catalogue import CatalogueStore
from partnercenter.simulator.stores.customers import CustomerStore
from partnercenter.simulator.stores.directories import DirectoryStore
from partnercenter.simulator.stores.exports import ExportStore
from partnercenter.simulator.stores.grants import GrantStore
from partnercenter.simulator.stores.invoices import InvoiceStore
from partnercenter.simulator.stores.orders import OrderStore
from partnercenter.simulator.stores.papers import PaperStore
from partnercenter.simulator.stores.profiles import ProfileStore
from partnercenter.simulator.stores.resellers import ResellerStore
from partnercenter.simulator.stores.subscriptions import SubscriptionStore
from partnercenter.simulator.stores.usage import UsageStore
from partnercenter.simulator.stores.vetting import VettingStore
from partnercenter.simulator.stores.webhooks import WebhookStore
from partnercenter.simulator.switches import Switches
from partnercenter.simulator.throttle import Throttle
from partnercenter.simulator.wire import Request
from partnercenter.simulator.worlds import World


@dataclass(slots=True)
class Site:
    """One simulated Partner Center: a world, the effects since, and its switches."""

    world: World
    clock: Callable[[], datetime]
    switches: Switches
    ledger: Ledger
    signer: Signer
    continuation: ContinuationTokens
    bookmarks: Bookmarks
    customers: CustomerStore
    subscriptions: SubscriptionStore
    papers: PaperStore
    profiles: ProfileStore
    grants: GrantStore
    answers: AnswerStore
    invoices: InvoiceStore
    exports: ExportStore
    usage: UsageStore
    webhooks: WebhookStore
    throttle: Throttle
    requests: RequestLog
    event_signer: EventSigner
    agreements: AgreementStore
    vetting: VettingStore
    resellers: ResellerStore
    directories: DirectoryStore
    catalogue: CatalogueStore
    carts: CartStore
    orders: OrderStore
    begun: datetime
    """When this simulated Partner Center was first opened; it survives a restart."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request that reached a room; `caller` is None on routes open to everybody."""

    site: Site
    request: Request
    params: Mapping[str, str]
    caller: Caller | None = None

    def record(self, kind: str, subject: str, **data: object) -> Effect:
        """Record an effect of this request."""
        return self.site.ledger.record(
            kind,
            subject,
            request_id=self.request.request_id,
            correlation_id=self.request.correlation_id,
            actor_user=(self.caller.user or "") if self.caller else "",
            actor_application=self.caller.client_id if self.caller else "",
            **data,
        )

    def link(self, uri: str, *, method: str = "GET", token: str | None = None) -> dict[str, object]:
        """Return a link; `uri` is relative and without a version."""
        prefix = "/v1" if self.site.switches.links_with_version else ""
        headers = [{"key": "MS-ContinuationToken", "value": token}] if token else []
        return {"uri": prefix + uri, "method": method, "headers": headers}

    def user(self) -> str:
        """Return the signed-in user or, for an application alone, the application's id.

        Raises Problem 401 when the route let in somebody without a token.
        """
        if self.caller is None:
            raise Problem(401, 400, "A bearer token is required.")
        return self.caller.user or self.caller.client_id
