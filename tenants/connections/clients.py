"""Partner Center clients made from connections: the one place where a secret is opened.

A call to Microsoft inside a transaction would hold rows locked for as long as Microsoft likes, and
could be undone here after it had its effect there. So a client is not handed out while a
transaction is open, and its session refuses to send while one is (gate A04).
"""

from collections.abc import Callable, Mapping
from typing import Any

import requests
from django.db import transaction
from requests.adapters import BaseAdapter

from partnercenter.client import AppCredentials, PartnerCenter, RetryPolicy
from partnercenter.observing import Exchange, listen
from partnercenter.secrecy import Secret
from partnercenter.wire import open_session
from portal.core.correlation import correlation_id
from portal.core.encryption import SealBroken, unseal
from portal.core.errors import NotReady
from portal.core.metrics import MICROSOFT, note
from tenants.connections.clouds import endpoints_of
from tenants.connections.models import Connection
from tenants.connections.pacing import SharedPace

session_factory: Callable[[], requests.Session] = open_session
"""Opens the session of every client; replaced where an application answers in this process."""

retry_policy = RetryPolicy()


class RemoteCallInTransaction(RuntimeError):
    """Partner Center was about to be called while a transaction was open: a programming error."""


def partner_center_for(connection: Connection) -> PartnerCenter:
    """Return a client that works as the connection's application; nothing is called yet.

    Raises:
        RemoteCallInTransaction: a transaction is open.
        NotReady: the stored secret does not open, or the connection's cloud is not known here.
        ConfigurationError: the cloud's addresses are not fit to send credentials to.
    """
    refuse_in_transaction()
    endpoints = endpoints_of(connection.cloud)
    try:
        secret = Secret(unseal(connection.secret_sealed, connection.secret_seal()))
    except SealBroken:
        raise NotReady(
            f"The stored secret of {connection.name} does not open with this installation's keys."
            " Enter the client secret again.",
            code="secret_lost",
        ) from None
    return PartnerCenter(
        endpoints=endpoints,
        credentials=AppCredentials(connection.partner_tenant, connection.client_id, secret),
        session=guarded(session_factory()),
        policy=retry_policy,
        correlation_id=correlation_id(),
        pace=SharedPace(connection.partner_tenant),
    )


def refuse_in_transaction() -> None:
    """Raise `RemoteCallInTransaction` if the running thread has a transaction open."""
    if transaction.get_connection().in_atomic_block:
        raise RemoteCallInTransaction(
            "Partner Center must not be called while a transaction is open; commit first."
        )


def guarded(session: requests.Session) -> requests.Session:
    """Make a session refuse to send while a transaction is open, wherever it would send to."""
    for prefix, adapter in list(session.adapters.items()):
        session.mount(prefix, _GuardedAdapter(adapter))
    return session


def note_exchange(exchange: Exchange) -> None:
    """Count a request to Microsoft for Prometheus."""
    note(MICROSOFT, (exchange.family, exchange.method, exchange.outcome), exchange.seconds)


listen(note_exchange)


class _GuardedAdapter(BaseAdapter):
    """Stands before the adapter that sends."""

    def __init__(self, inner: BaseAdapter) -> None:
        super().__init__()
        self._inner = inner

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        refuse_in_transaction()
        return self._inner.send(request, stream, timeout, verify, cert, proxies)

    def close(self) -> None:
        self._inner.close()
