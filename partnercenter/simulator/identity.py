"""Access and refresh tokens: signed texts the simulator can check without remembering them.

They are JWTs signed with a secret of this simulator (HS256, where Entra signs with a published
key): clients must treat access tokens as opaque, and a stateless token keeps working over a
restart.
"""

import base64
import binascii
import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

COMMERCE = "https://api.partnercenter.microsoft.com"
GRAPH = "https://graph.microsoft.com"
RETIRED = "https://graph.windows.net"
_AUDIENCES = {
    COMMERCE: COMMERCE,
    "fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd": COMMERCE,
    "https://partner.partnercenterapi.microsoftonline.cn": COMMERCE,
    GRAPH: GRAPH,
    "00000003-0000-0000-c000-000000000000": GRAPH,
    RETIRED: RETIRED,
    "00000002-0000-0000-c000-000000000000": RETIRED,
}
_HEADER = b'{"typ":"JWT","alg":"HS256"}'


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a request comes from; `user` is None for an application acting alone."""

    tenant_id: str
    client_id: str
    audience: str
    user: str | None
    methods: tuple[str, ...]

    @property
    def app_only(self) -> bool:
        return self.user is None


def canonical_audience(resource: str) -> str | None:
    """Return the one spelling of a resource or of the resource in a v2 scope; None if unknown."""
    text = resource.strip().lower()
    for ending in ("/.default", "/user_impersonation"):
        text = text.removesuffix(ending)
    return _AUDIENCES.get(text.rstrip("/"))


class Signer:
    """Signs and reads tokens with one secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return a JWT of the claims."""
        body = json.dumps(claims, separators=(",", ":")).encode()
        signed = b".".join((_encode(_HEADER), _encode(body)))
        return b".".join((signed, _encode(self._mac(signed)))).decode()

    def read(self, token: str) -> dict[str, Any] | None:
        """Return the claims of a token signed here, expired or not; None for any other text."""
        signed, _, mac = token.encode("utf-8", "replace").rpartition(b".")
        if not signed or not hmac.compare_digest(_encode(self._mac(signed)), mac):
            return None
        try:
            claims = json.loads(_decode(signed.partition(b".")[2]))
        except (ValueError, binascii.Error):
            return None
        return claims if isinstance(claims, dict) else None

    def seal(self, text: str) -> str:
        """Return a short keyed digest of a text, in hexadecimal."""
        return self._mac(text.encode()).hex()[:32]

    def _mac(self, content: bytes) -> bytes:
        return hmac.digest(self._secret, content, hashlib.sha256)


def access_claims(
    *,
    caller: Caller,
    issuer: str,
    now: datetime,
    seconds: int,
) -> dict[str, Any]:
    """Return the claims of an access token."""
    claims: dict[str, Any] = {
        "aud": caller.audience,
        "iss": issuer,
        "iat": int(now.timestamp()),
        "nbf": int(now.timestamp()),
        "exp": int((now + timedelta(seconds=seconds)).timestamp()),
        "appid": caller.client_id,
        "tid": caller.tenant_id,
        "uti": uuid.uuid4().hex[:22],
        "ver": "1.0",
    }
    if caller.user is None:
        claims |= {"idtyp": "app", "oid": object_id(caller.client_id)}
    else:
        claims |= {
            "amr": list(caller.methods),
            "oid": object_id(caller.user),
            "scp": "user_impersonation",
            "upn": caller.user,
        }
    return claims


def caller_of(claims: Mapping[str, Any], *, now: datetime) -> Caller | None:
    """Return the caller an access token names; None for another kind of token or an expired one."""
    if "exp" not in claims or "tid" not in claims or claims.get("typ") == "refresh":
        return None
    if datetime.fromtimestamp(claims["exp"], UTC) <= now:
        return None
    return Caller(
        tenant_id=claims["tid"],
        client_id=claims.get("appid", ""),
        audience=claims.get("aud", ""),
        user=claims.get("upn"),
        methods=tuple(claims.get("amr", ())),
    )


def object_id(name: str) -> str:
    """Return the directory object id of a user or an application, the same every time."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name.lower()))


def _encode(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


def _decode(content: bytes) -> bytes:
    return base64.urlsafe_b64decode(content + b"=" * (-len(content) % 4))
