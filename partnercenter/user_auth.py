"""Tokens of a signed-in user: the secure application model.

A person with a role in Partner Center signs in once with multi-factor authentication. The code that
comes back is exchanged for a refresh token, and from then on every access token is made from that.
Every answer may hold a newer refresh token; it is handed on to be kept before anything else is done
with the answer, so that a process that dies here leaves a good one behind (the older one stays
valid, "Secure application model", refresh token).

MSAL is not asked here: it keeps refresh tokens in a cache of its own and hands none out.
"""

import base64
import hashlib
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlencode

from partnercenter.auth import AppCredentials
from partnercenter.errors import MalformedAnswer
from partnercenter.held_token import HeldToken
from partnercenter.refusals import plain_text, refusal
from partnercenter.retrying import RetryPolicy, call_with_retries, random_share
from partnercenter.schemas.fields import as_guid
from partnercenter.secrecy import Secret, SecretDict
from partnercenter.token_answers import read_token, told
from partnercenter.token_claims import read_claims, read_id_token, refuse_foreign_token
from partnercenter.wire import Wire

_OPENID = "offline_access openid profile"
_LONGEST = 16_384


@dataclass(frozen=True, slots=True)
class UserClaims:
    """What the tokens of a sign-in say of it; lower-case GUIDs, empty where they are silent.

    ``mfa``: whether multi-factor authentication was used; None where the tokens do not say.
    ``scopes`` are the permissions granted, ``roles`` the ids of directory roles.
    """

    tenant_id: str
    user: str
    object_id: str
    mfa: bool | None
    scopes: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UserGrant:
    """An answer of the token endpoint; ``refresh_token`` is empty where the old one stays."""

    access_token: Secret = field(repr=False)
    refresh_token: Secret = field(repr=False)
    seconds: float
    audience: str
    claims: UserClaims


Keep = Callable[[UserGrant], None]


class RefreshTokens(Protocol):
    """Where the newest refresh token of a user is kept."""

    def newest(self) -> Secret:
        """Return the refresh token to use now."""

    def keep(self, grant: UserGrant) -> None:
        """Store what a grant brought; nobody uses its access token before this returned."""


def new_verifier() -> Secret:
    """Return a fresh code verifier for PKCE: 43 characters (RFC 7636, section 4.1)."""
    return Secret(secrets.token_urlsafe(32))


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a verifier (RFC 7636, section 4.2)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class UserSignIn:
    """Sending a person to sign in, and trading what comes back for tokens."""

    def __init__(
        self,
        wire: Wire,
        *,
        authority: str,
        audience: str,
        credentials: AppCredentials,
        policy: RetryPolicy,
        sleep: Callable[[float], None] = time.sleep,
        share: Callable[[], float] = random_share,
    ) -> None:
        """Prepare; nothing is called. Raises: ConfigurationError for an unusable tenant."""
        credentials.check()
        self._wire = wire
        self._base = f"{authority.rstrip('/')}/{credentials.tenant}/oauth2/v2.0"
        self.audience = audience.rstrip("/")
        self._credentials = credentials
        self._policy = policy
        self._sleep = sleep
        self._share = share

    def authorize_url(
        self, *, redirect_uri: str, state: str, nonce: str, verifier: str, login_hint: str = ""
    ) -> str:
        """Return the address to send the person's browser to.

        Microsoft leads back to ``redirect_uri`` with ``code`` and ``state``, or with ``error``.
        The account is always asked for: whoever happens to be signed in to the browser is often
        not the administrator who should consent.
        """
        query = {
            "client_id": self._credentials.client_id,
            "response_type": "code",
            "response_mode": "query",
            "redirect_uri": redirect_uri,
            "scope": f"{self.audience}/user_impersonation {_OPENID}",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge_of(verifier),
            "code_challenge_method": "S256",
            "prompt": "select_account",
        }
        if login_hint:
            query["login_hint"] = login_hint
        return f"{self._base}/authorize?{urlencode(query)}"

    def redeem(self, code: str, *, redirect_uri: str, verifier: str, nonce: str) -> UserGrant:
        """Trade a code for tokens; it is good once, so the request is never sent twice.

        The claims say which tenant signed in: compare it with the one that was meant.
        Raises: ReconnectNeeded, ConfigurationError, MalformedAnswer (tokens that cannot be
        believed), ConnectionFailed, ServiceFailed.
        """
        if not code or len(code) > _LONGEST or not code.isascii() or not code.isprintable():
            raise MalformedAnswer("Signing in came back without a usable code.")
        form = {
            "grant_type": "authorization_code",
            "code": Secret(code),
            "redirect_uri": redirect_uri,
            "code_verifier": Secret(verifier),
            "scope": f"{self.audience}/user_impersonation {_OPENID}",
        }
        result = self._ask(form, repeatable=False)
        grant = self._grant(result, audience=self.audience)
        said = read_id_token(
            str(result.get("id_token") or ""),
            client_id=self._credentials.client_id,
            nonce=nonce,
            now=time.time(),
        )
        if not grant.refresh_token:
            raise MalformedAnswer("Signing in got no refresh token.")
        return _identified(grant, said)

    def refresh(self, refresh_token: str, *, audience: str, keep: Keep) -> UserGrant:
        """Make an access token for ``audience`` and have ``keep`` store what came with it.

        What ``keep`` raises comes through, and the answer is used by nobody.
        Raises: ReconnectNeeded (the consent is over), ConfigurationError, WrongAudience,
        MalformedAnswer, ConnectionFailed, ServiceFailed, Throttled.
        """
        audience = audience.rstrip("/")
        form = {
            "grant_type": "refresh_token",
            "refresh_token": Secret(refresh_token),
            "scope": f"{audience}/.default {_OPENID}",
        }
        # Repeatable: an older refresh token stays good, so an answer that was lost costs nothing.
        grant = self._grant(self._ask(form, repeatable=True), audience=audience)
        refuse_foreign_token(grant.access_token, audience=audience, tenant=self._credentials.tenant)
        keep(grant)
        return grant

    def _ask(self, form: Mapping[str, str], *, repeatable: bool) -> SecretDict:
        sent = SecretDict(
            **form,
            client_id=self._credentials.client_id,
            client_secret=self._credentials.client_secret,
        )
        return call_with_retries(
            lambda: self._exchange(sent),
            policy=self._policy,
            repeatable=repeatable,
            sleep=self._sleep,
            share=self._share,
        )

    def _exchange(self, form: Mapping[str, str]) -> SecretDict:
        answer = self._wire.post_form(
            f"{self._base}/token", call="Signing in", form=form, headers={}
        )
        if answer.status in (408, 429) or answer.status >= 500 or 300 <= answer.status < 400:
            raise refusal(
                status=answer.status, headers=answer.headers, body=answer.body, call="Signing in"
            )
        return told(answer)

    def _grant(self, result: Mapping[str, Any], *, audience: str) -> UserGrant:
        token, seconds = read_token(result)
        # The tenant is compared by whoever knows which one was meant; here it is audience and
        # signature. An empty one is a tenant no token is compared with.
        refuse_foreign_token(token, audience=audience, tenant="")
        renewed = result.get("refresh_token") or ""
        if not isinstance(renewed, str) or not renewed.isascii() or len(renewed) > _LONGEST:
            raise MalformedAnswer("Signing in got an unusable refresh token.")
        claims = _claims(read_claims(token) or {}, scope=result.get("scope"))
        return UserGrant(token, Secret(renewed), seconds, audience, claims)


class UserTokens(HeldToken):
    """Access tokens of one user for one audience. Raises, for one: as `UserSignIn.refresh`."""

    def __init__(
        self,
        sign_in: UserSignIn,
        store: RefreshTokens,
        *,
        audience: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(clock=clock)
        self._sign_in = sign_in
        self._store = store
        self._audience = audience or sign_in.audience

    def _obtain(self) -> tuple[Secret, float]:
        grant = self._sign_in.refresh(
            self._store.newest(), audience=self._audience, keep=self._store.keep
        )
        return grant.access_token, grant.seconds


def _claims(claims: Mapping[str, Any], *, scope: Any) -> UserClaims:
    methods, roles = claims.get("amr"), claims.get("wids")
    granted = str(claims.get("scp") or scope or "")
    return UserClaims(
        tenant_id=as_guid(claims.get("tid")) or "",
        user=plain_text(claims.get("upn") or claims.get("unique_name") or "")[:250],
        object_id=as_guid(claims.get("oid")) or "",
        mfa="mfa" in methods if isinstance(methods, list) else None,
        scopes=tuple(plain_text(part)[:120] for part in granted.split()[:30]),
        roles=tuple(str(one)[:64] for one in roles[:30]) if isinstance(roles, list) else (),
    )


def _identified(grant: UserGrant, said: Mapping[str, Any]) -> UserGrant:
    """Return the grant with what the id token adds. Raises: MalformedAnswer if the two differ."""
    claims = grant.claims
    tenant, person = as_guid(said.get("tid")) or "", as_guid(said.get("oid")) or ""
    if not tenant or (claims.tenant_id and claims.tenant_id != tenant):
        raise MalformedAnswer("Signing in got tokens of two tenants.")
    if claims.object_id and person and claims.object_id != person:
        raise MalformedAnswer("Signing in got tokens of two people.")
    methods = said.get("amr")
    mfa = claims.mfa
    if mfa is None and isinstance(methods, list):
        mfa = "mfa" in methods
    user = claims.user or plain_text(said.get("preferred_username") or said.get("upn") or "")[:250]
    known = UserClaims(tenant, user, claims.object_id or person, mfa, claims.scopes, claims.roles)
    return UserGrant(grant.access_token, grant.refresh_token, grant.seconds, grant.audience, known)
