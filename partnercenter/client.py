"""The way into Partner Center: one object per partner account.

It only puts the parts together. Which hosts, which application and how patiently are given from
outside and kept per object, so two accounts in one process share nothing but, on request, a
session.
"""

import ipaddress
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

import requests

from partnercenter.auth import AppCredentials, AppTokens
from partnercenter.blobs import BlobReader
from partnercenter.dialects import COMMERCE, GRAPH, Dialect
from partnercenter.errors import ConfigurationError
from partnercenter.pacing import Pace
from partnercenter.resources.addresses import Addresses
from partnercenter.resources.agreements import Agreements
from partnercenter.resources.audit import Audit
from partnercenter.resources.billing_export import BillingExport
from partnercenter.resources.carts import Carts
from partnercenter.resources.catalogue import Catalogue
from partnercenter.resources.customers import Customers
from partnercenter.resources.domains import Domains
from partnercenter.resources.graph import DelegatedAdmin, ServiceStatus
from partnercenter.resources.invoices import Invoices
from partnercenter.resources.licences import Licences
from partnercenter.resources.offers import Offers
from partnercenter.resources.orders import Orders
from partnercenter.resources.profiles import Profiles
from partnercenter.resources.promotions import Promotions
from partnercenter.resources.qualifications import Qualifications
from partnercenter.resources.relationships import Relationships
from partnercenter.resources.roles import Roles
from partnercenter.resources.security import Security
from partnercenter.resources.subscriptions import Subscriptions
from partnercenter.resources.support import ServiceRequests
from partnercenter.resources.transitions import Transitions
from partnercenter.resources.usage import Usage
from partnercenter.resources.users import Users
from partnercenter.resources.webhooks import Webhooks
from partnercenter.retrying import RetryPolicy
from partnercenter.transport import CallListener, TokenSource, Transport
from partnercenter.user_auth import UserSignIn
from partnercenter.wire import Limits, Wire, open_session

__all__ = ["AppCredentials", "Endpoints", "Limits", "PartnerCenter", "RetryPolicy"]

_COMMERCE = "https://api.partnercenter.microsoft.com"
_COMMERCE_CHINA = "https://partner.partnercenterapi.microsoftonline.cn"
_GRAPH = "https://graph.microsoft.com"
_GRAPH_US_GOVERNMENT = "https://graph.microsoft.us"
_GRAPH_CHINA = "https://microsoftgraph.chinacloudapi.cn"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where one cloud's services are.

    ``audience`` is whom tokens are made out to: the API's public name, also when ``api`` leads to
    a simulator; ``graph_audience`` is the same for ``graph``. ``storage`` is where the files of
    exports may be: the end of host names, or one address. Plain http is for a simulator only and
    must be allowed, except on this machine.
    """

    api: str
    authority: str
    graph: str
    ca_bundle: str | None = None
    audience: str = _COMMERCE
    graph_audience: str = _GRAPH
    storage: str = ".blob.core.windows.net"
    plain_http: bool = False

    @classmethod
    def global_(cls, *, ca_bundle: str | None = None) -> "Endpoints":
        """Return the addresses of the worldwide cloud."""
        return cls(
            api=_COMMERCE,
            authority="https://login.microsoftonline.com",
            graph=_GRAPH,
            ca_bundle=ca_bundle,
        )

    @classmethod
    def us_government(cls, *, ca_bundle: str | None = None) -> "Endpoints":
        """Return the addresses of the US Government cloud; its commerce host is the usual one."""
        return cls(
            api=_COMMERCE,
            authority="https://login.microsoftonline.us",
            graph=_GRAPH_US_GOVERNMENT,
            ca_bundle=ca_bundle,
            graph_audience=_GRAPH_US_GOVERNMENT,
        )

    @classmethod
    def china(cls, *, ca_bundle: str | None = None) -> "Endpoints":
        """Return the addresses of the cloud run by 21Vianet."""
        return cls(
            api=_COMMERCE_CHINA,
            authority="https://login.partner.microsoftonline.cn",
            graph=_GRAPH_CHINA,
            ca_bundle=ca_bundle,
            audience=_COMMERCE_CHINA,
            graph_audience=_GRAPH_CHINA,
            storage=".blob.core.chinacloudapi.cn",
        )

    def check(self) -> None:
        """Refuse addresses that credentials must not be sent to. Raises: ConfigurationError."""
        for name, url in (("api", self.api), ("authority", self.authority), ("graph", self.graph)):
            _check_address(name, url, plain_http=self.plain_http)


def _check_address(name: str, url: str, *, plain_http: bool) -> None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.username is not None or parts.query or parts.fragment or "\\" in url:
        raise ConfigurationError(f"The {name} address is not a plain web address.")
    if parts.scheme == "https" or (parts.scheme == "http" and (plain_http or _is_local(host))):
        return
    raise ConfigurationError(f"The {name} address must begin with https.")


def _is_local(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class UserAccess(Protocol):
    """A signed-in user's consent: a source of tokens for every service it is good for."""

    def for_audience(self, audience: str) -> TokenSource:
        """Return where access tokens for one service come from."""


class PartnerCenter:
    """Partner Center as one partner account sees it."""

    def __init__(
        self,
        *,
        endpoints: Endpoints,
        credentials: AppCredentials,
        session: requests.Session | None = None,
        policy: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen, so it can be shared
        limits: Limits = Limits(),  # noqa: B008 - likewise
        correlation_id: str | None = None,
        pace: Pace | None = None,
        user: UserAccess | None = None,
        listener: CallListener | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare the client without calling anything.

        ``correlation_id`` is sent with every call, so that Microsoft's support can find all calls
        of one of our jobs; without it each call gets its own. ``pace`` says when each may go. With
        ``user`` every call is made as the application and that user, otherwise as the application
        alone.
        Raises: ConfigurationError.
        """
        endpoints.check()
        wire = Wire(
            session if session is not None else open_session(),
            ca_bundle=endpoints.ca_bundle,
            limits=limits,
            clock=clock,
        )

        def tokens_for(audience: str) -> TokenSource:
            # A token is good for one service only, so each has tokens of its own.
            if user is not None:
                return user.for_audience(audience)
            return AppTokens(
                wire,
                authority=endpoints.authority,
                audience=audience,
                credentials=credentials,
                policy=policy,
                sleep=sleep,
                clock=clock,
            )

        def transport(
            base: str, tokens: TokenSource, dialect: Dialect, pace: Pace | None
        ) -> Transport:
            return Transport(
                wire,
                base=base,
                tokens=tokens,
                policy=policy,
                dialect=dialect,
                correlation_id=correlation_id,
                pace=pace,
                sleep=sleep,
                listener=listener,
            )

        self.tokens_for = tokens_for
        self.tokens = tokens_for(endpoints.audience)
        self.transport = transport(endpoints.api, self.tokens, COMMERCE, pace)
        # Graph counts for itself: it must not be held up by what Partner Center refused.
        graph_tokens = tokens_for(endpoints.graph_audience)
        self.graph_transport = transport(endpoints.graph, graph_tokens, GRAPH, None)
        self.customers = Customers(self.transport)
        self.domains = Domains(self.transport)
        self.profiles = Profiles(self.transport)
        self.invoices = Invoices(self.transport)
        blobs = BlobReader(wire, storage=endpoints.storage)
        self.billing_export = BillingExport(self.graph_transport, blobs)
        self.catalogue = Catalogue(self.transport)
        self.promotions = Promotions(self.transport)
        self.offers = Offers(self.transport)
        self.carts = Carts(self.transport)
        self.orders = Orders(self.transport)
        self.subscriptions = Subscriptions(self.transport)
        self.transitions = Transitions(self.transport)
        self.users = Users(self.transport)
        self.roles = Roles(self.transport)
        self.licences = Licences(self.transport)
        self.usage = Usage(self.transport)
        self.qualifications = Qualifications(self.transport)
        self.addresses = Addresses(self.transport)
        self.agreements = Agreements(self.transport)
        self.relationships = Relationships(self.transport)
        self.audit = Audit(self.transport)
        self.webhooks = Webhooks(self.transport)
        self.security = Security(self.transport)
        self.service_requests = ServiceRequests(self.transport)
        self.delegated_admin = DelegatedAdmin(self.graph_transport)
        self.service_status = ServiceStatus(self.graph_transport)

    def check_access(self) -> None:
        """Prove that sign-in and the API work, with one cheap call. Raises: the narrowest error."""
        next(self.customers.pages(size=1))


def user_sign_in(
    *,
    endpoints: Endpoints,
    credentials: AppCredentials,
    session: requests.Session | None = None,
    policy: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen, so it can be shared
    limits: Limits = Limits(),  # noqa: B008 - likewise
    sleep: Callable[[float], None] = time.sleep,
) -> UserSignIn:
    """Return what sends people to sign in for an application, and renews their tokens.

    Raises: ConfigurationError.
    """
    endpoints.check()
    wire = Wire(
        session if session is not None else open_session(),
        ca_bundle=endpoints.ca_bundle,
        limits=limits,
        clock=time.monotonic,
    )
    return UserSignIn(
        wire,
        authority=endpoints.authority,
        audience=endpoints.audience,
        credentials=credentials,
        policy=policy,
        sleep=sleep,
    )
