"""Access tokens for the partner's application, through MSAL.

MSAL decides what is sent; where it goes is decided here. It would read the token address from a
document on the authority's host and post the client secret to whatever that document names, so
the document is answered from the configuration instead: the addresses under an authority are
fixed. That also lets a simulator on this machine be used without a certificate.
"""

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msal

from partnercenter.errors import ConfigurationError
from partnercenter.held_token import HeldToken
from partnercenter.refusals import refusal
from partnercenter.retrying import RetryPolicy, call_with_retries, random_share
from partnercenter.secrecy import Secret, SecretDict
from partnercenter.token_answers import read_token, told
from partnercenter.token_claims import refuse_foreign_token
from partnercenter.wire import Wire

# It becomes part of the address the client secret is sent to.
_TENANT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
_NO_TENANT = frozenset({"common", "organizations", "consumers"})
_DISCOVERY = "/v2.0/.well-known/openid-configuration"

# What of a token answer MSAL gets to see. It would take apart an id token too, which an application
# without a user never gets, and stumble over a damaged one.
_TOLD = (
    "token_type",
    "access_token",
    "expires_in",
    "error",
    "error_description",
    "error_codes",
    "correlation_id",
)


@dataclass(frozen=True, slots=True)
class AppCredentials:
    """The partner's own application; ``tenant`` is a GUID or a verified domain."""

    tenant: str
    client_id: str
    client_secret: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "client_secret", Secret(self.client_secret))

    def check(self) -> None:
        """Refuse a tenant that may not stand in an address. Raises: ConfigurationError."""
        if not _TENANT.fullmatch(self.tenant) or self.tenant.lower() in _NO_TENANT:
            raise ConfigurationError("The partner tenant is neither an id nor a domain.")

    def __repr__(self) -> str:
        return (
            f"AppCredentials(tenant={self.tenant!r}, client_id={self.client_id!r}, "
            "client_secret='***')"
        )


class AppTokens(HeldToken):
    """App-only tokens. Raises, for one: ConfigurationError, ReconnectNeeded, ConnectionFailed."""

    def __init__(
        self,
        wire: Wire,
        *,
        authority: str,
        audience: str,
        credentials: AppCredentials,
        policy: RetryPolicy,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        share: Callable[[], float] = random_share,
    ) -> None:
        credentials.check()
        super().__init__(clock=clock)
        self._http = _AuthorityHttp(wire, authority=authority, tenant=credentials.tenant)
        self._audience = audience.rstrip("/")
        self._credentials = credentials
        self._policy = policy
        self._sleep = sleep
        self._share = share
        self._app: msal.ConfidentialClientApplication | None = None

    def _obtain(self) -> tuple[Secret, float]:
        result = call_with_retries(
            self._ask,
            policy=self._policy,
            repeatable=True,
            sleep=self._sleep,
            share=self._share,
        )
        token, lifetime = read_token(result)
        refuse_foreign_token(token, audience=self._audience, tenant=self._credentials.tenant)
        return token, lifetime

    def _ask(self) -> Mapping[str, Any]:
        """Ask MSAL for a token that is not from its own cache; ours decides how long one lives."""
        try:
            if self._app is None:
                self._app = msal.ConfidentialClientApplication(
                    self._credentials.client_id,
                    client_credential=self._credentials.client_secret,
                    authority=self._http.msal_authority,
                    instance_discovery=False,
                    http_client=self._http,
                )
            self._app.remove_tokens_for_client()
            scopes = [f"{self._audience}/.default"]
            return SecretDict(**(self._app.acquire_token_for_client(scopes) or {}))
        except (msal.exceptions.MsalError, ValueError, LookupError, RuntimeError):
            failure = ConfigurationError("Signing in failed: tenant or application is not usable.")
        # Outside the handler: MSAL's texts repeat what was sent.
        raise failure


class _AuthorityHttp:
    """MSAL's way out: nothing but the token address of one tenant at the configured authority."""

    def __init__(self, wire: Wire, *, authority: str, tenant: str) -> None:
        self._wire = wire
        base = authority.rstrip("/")
        self._token_url = f"{base}/{tenant}/oauth2/v2.0/token"
        # MSAL takes only https addresses; the real scheme comes back when something is sent.
        self.msal_authority = f"https://{urlsplit(base).netloc}/{tenant}"

    def get(self, url: str, **_: Any) -> "_AuthorityAnswer":
        """Answer MSAL's look-up of the authority's addresses without asking the network."""
        if url != self.msal_authority + _DISCOVERY:
            raise ConfigurationError("Signing in failed: an address outside the authority.")
        addresses = {
            "issuer": f"{self.msal_authority}/v2.0",
            "authorization_endpoint": f"{self.msal_authority}/oauth2/v2.0/authorize",
            "token_endpoint": f"{self.msal_authority}/oauth2/v2.0/token",
        }
        return _AuthorityAnswer(200, {}, json.dumps(addresses))

    def post(
        self,
        url: str,
        *,
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **_: Any,
    ) -> "_AuthorityAnswer":
        """Post a token request. Raises: errors for anything but a JSON object or an OAuth error."""
        if url != f"{self.msal_authority}/oauth2/v2.0/token":
            raise ConfigurationError("Signing in failed: an address outside the authority.")
        answer = self._wire.post_form(
            self._token_url, call="Signing in", form=data or {}, headers=headers or {}
        )
        if answer.status in (408, 429) or answer.status >= 500 or 300 <= answer.status < 400:
            raise refusal(
                status=answer.status, headers=answer.headers, body=answer.body, call="Signing in"
            )
        # Before MSAL sees it, because MSAL logs a body that is not JSON, and it may hold a token.
        said = told(answer)
        kept = SecretDict(
            {name: said[name] for name in _TOLD if isinstance(said.get(name), (str, int, list))}
        )
        if "access_token" in kept:
            read_token(kept)
        return _AuthorityAnswer(answer.status, answer.headers, json.dumps(kept, default=str))

    def close(self) -> None:
        """Close nothing; the session belongs to the client."""


class _AuthorityAnswer:
    """An answer in the form MSAL reads."""

    def __init__(self, status: int, headers: Mapping[str, str], text: str) -> None:
        self.status_code = status
        self.text = text
        self.headers = dict(headers)

    def raise_for_status(self) -> None:
        """Raise nothing: statuses MSAL would stumble over never reach it."""
