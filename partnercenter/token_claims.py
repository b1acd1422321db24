"""A look into tokens before they are used or believed.

The API judges access tokens, not we; but a token endpoint that hands out one of another tenant or
for another service is refused at once instead of being presented with a partner's data behind it.
Access tokens that are not JSON Web Tokens are opaque and pass.

An id token is made for us and says who signed in. Its signature is not checked, which OpenID
Connect allows (Core 1.0, section 3.1.3.7, point 6) for one that came straight from the token
endpoint over TLS, as all of ours do; everything it says of itself is.
"""

import base64
import binascii
from typing import Any
from urllib.parse import urlsplit

from partnercenter.decoding import decode_json
from partnercenter.errors import MalformedAnswer, WrongAudience
from partnercenter.schemas.fields import as_guid
from partnercenter.secrecy import Secret

SKEW_SECONDS = 300
"""How far Microsoft's clock and ours may differ."""


def refuse_foreign_token(token: str, *, audience: str, tenant: str) -> None:
    """Check what a readable token says of itself.

    Raises: WrongAudience, or MalformedAnswer for an unsigned token or one of another tenant.
    """
    claims = read_claims(token)
    if claims is None:
        return
    issued_for, wanted = as_guid(claims.get("tid")), as_guid(tenant)
    if issued_for and wanted and issued_for != wanted:
        raise MalformedAnswer("Signing in got a token of another tenant.")
    # Newer tokens name the service by its application id, which differs between clouds.
    named = claims.get("aud")
    if isinstance(named, str) and "://" in named:
        host = urlsplit(named.lower()).hostname
        if host != urlsplit(audience.lower()).hostname:
            raise WrongAudience("Signing in got a token for another service.")


def read_claims(token: str) -> dict[str, Any] | None:
    """Return what a token says, None for an opaque one. Raises: MalformedAnswer if unsigned."""
    parts = list(map(Secret, token.split(".")))
    if len(parts) != 3:
        return None
    header, claims = _read_part(parts[0]), _read_part(parts[1])
    if header is None or claims is None:
        return None
    if str(header.get("alg", "")).lower() == "none":
        raise MalformedAnswer("Signing in got an unsigned token.")
    return claims


def read_id_token(token: str, *, client_id: str, nonce: str, now: float) -> dict[str, Any]:
    """Return the claims of an id token made for this sign-in and this application.

    ``now`` is in seconds since 1970. Raises: MalformedAnswer for one that is unreadable, unsigned,
    over, for another application, or for another sign-in.
    """
    claims = read_claims(token)
    if claims is None:
        raise MalformedAnswer("Signing in got an unreadable id token.")
    if str(claims.get("aud", "")).lower() != client_id.lower():
        raise MalformedAnswer("Signing in got an id token for another application.")
    if not nonce or claims.get("nonce") != nonce:
        raise MalformedAnswer("Signing in got the id token of another sign-in.")
    ends = claims.get("exp")
    if isinstance(ends, bool) or not isinstance(ends, int) or ends + SKEW_SECONDS < now:
        raise MalformedAnswer("Signing in got an id token that is over.")
    return claims


def _read_part(part: str) -> dict[str, Any] | None:
    try:
        value = decode_json(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError, MalformedAnswer):
        return None
    return value if isinstance(value, dict) else None
