"""Partner Center clients made from connections: the one place where their secret is opened.

A call to Microsoft inside a transaction would hold rows locked for as long as Microsoft likes, and
could be undone here after it had its effect there. So a client is not handed out while a
transaction is open, and its session refuses to send while one is (gate A04).
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import requests
from django.db import transaction
from requests.adapters import BaseAdapter

from partnercenter.client import (
    AppCredentials,
    PartnerCenter,
    RetryPolicy,
    UserAccess,
    user_sign_in,
)
from partnercenter.errors import PartnerCenterError, ReconnectNeeded
from partnercenter.observing import Exchange, listen
from partnercenter.secrecy import Secret
from partnercenter.transport import SIGN_IN
from partnercenter.user_auth import UserSignIn
from partnercenter.wire import open_session
from portal.core.correlation import correlation_id
from portal.core.encryption import SealBroken, unseal
from portal.core.errors import NotReady
from portal.core.metrics import MICROSOFT, note
from tenants.connections.clouds import endpoints_of
from tenants.connections.health import CallNotes
from tenants.connections.losing import consent_needed, consent_paused, lose_consent
from tenants.connections.models import Connection, Consent
from tenants.connections.pacing import SharedPace
from tenants.connections.user_tokens import SharedTokens

session_factory: Callable[[], requests.Session] = open_session
"""Opens the session of every client; replaced where an application answers in this process."""

retry_policy = RetryPolicy()


class RemoteCallInTransaction(RuntimeError):
    """Partner Center was about to be called while a transaction was open: a programming error."""


def partner_center_for(
    connection: Connection, *, need_user: bool = False, tries: int = 0
) -> PartnerCenter:
    """Return a client for a connection; nothing is called yet.

    ``tries``: how often it tries a call, where the usual policy would repeat what a caller has to
    decide about; 0 is as usual.

    It works as the connection's application alone, or with ``need_user`` as the user who consented
    too, which some families of the API ask for. What does not ask for it goes on when the consent
    is lost, and the health panel says so.

    Raises:
        RemoteCallInTransaction: a transaction is open.
        NotReady: the stored secret does not open, or the connection's cloud is not known here;
            with ``need_user``, nobody consented (``consent_needed``) or the consent is lost
            (``consent_lost``): the work waits until somebody signs in.
        ConfigurationError: the cloud's addresses are not fit to send credentials to.
    """
    refuse_in_transaction()
    if not need_user:
        notes = _notes_of(connection, app_only=True)
        return _client(connection, user=None, listener=notes, tries=tries)
    consent = _consent_of(connection)
    notes = _notes_of(connection, app_only=False)

    def listener(path: str, error: PartnerCenterError | None) -> None:
        # A refused renewal has marked the consent already; this is the API refusing its tokens.
        if isinstance(error, ReconnectNeeded) and path != SIGN_IN:
            lose_consent(consent, error)
        notes(path, error)

    user = SharedTokens(consent, user_sign_in_for(connection))
    return _client(connection, user=user, listener=listener, tries=tries)


def client_as(connection: Connection, user: UserAccess) -> PartnerCenter:
    """Return a client that works as somebody who has just signed in, before that is stored."""
    refuse_in_transaction()
    return _client(connection, user=user, listener=_notes_of(connection, app_only=False))


def user_sign_in_for(connection: Connection) -> UserSignIn:
    """Return what sends people to sign in for a connection, and renews their tokens.

    Raises: as `partner_center_for`, but for a consent.
    """
    return user_sign_in(
        endpoints=endpoints_of(connection.cloud),
        credentials=_credentials(connection),
        session=guarded(session_factory()),
        policy=retry_policy,
    )


def _client(
    connection: Connection,
    *,
    user: UserAccess | None,
    listener: Callable[[str, PartnerCenterError | None], None],
    tries: int = 0,
) -> PartnerCenter:
    return PartnerCenter(
        endpoints=endpoints_of(connection.cloud),
        credentials=_credentials(connection),
        session=guarded(session_factory()),
        policy=replace(retry_policy, tries=tries) if tries else retry_policy,
        correlation_id=correlation_id(),
        pace=SharedPace(connection.partner_tenant),
        user=user,
        listener=listener,
    )


def _credentials(connection: Connection) -> AppCredentials:
    try:
        secret = Secret(unseal(connection.secret_sealed, connection.secret_seal()))
    except SealBroken:
        raise NotReady(
            f"The stored secret of {connection.name} does not open with this installation's keys."
            " Enter the client secret again.",
            code="secret_lost",
        ) from None
    return AppCredentials(connection.partner_tenant, connection.client_id, secret)


def _consent_of(connection: Connection) -> Consent:
    with transaction.atomic():
        rows = Consent.objects.filter(
            reseller_id=connection.reseller_id, connection_id=connection.pk
        )
        consent: Consent | None = rows.select_related("connection").first()
    if consent is None:
        raise consent_needed(connection)
    if consent.state != Consent.State.ACTIVE:
        raise consent_paused(consent)
    return consent


def _notes_of(connection: Connection, *, app_only: bool) -> CallNotes:
    return CallNotes(
        reseller_id=connection.reseller_id, connection_id=connection.pk, app_only=app_only
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
