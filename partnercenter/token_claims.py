"""A look into an access token before it is used.

The API judges tokens, not we; but a token endpoint that hands out a token of another tenant or for
another service is refused at once instead of being presented with a partner's data behind it.
Tokens that are not JSON Web Tokens are opaque and pass.
"""

import base64
import binascii
from typing import Any
from urllib.parse import urlsplit

from partnercenter.decoding import decode_json
from partnercenter.errors import MalformedAnswer, WrongAudience
from partnercenter.schemas.fields import as_guid
from partnercenter.secrecy import Secret


def refuse_foreign_token(token: str, *, audience: str, tenant: str) -> None:
    """Check what a readable token says of itself.

    Raises: WrongAudience, or MalformedAnswer for an unsigned token or one of another tenant.
    """
    parts = list(map(Secret, token.split(".")))
    if len(parts) != 3:
        return
    header, claims = _read_part(parts[0]), _read_part(parts[1])
    if header is None or claims is None:
        return
    if str(header.get("alg", "")).lower() == "none":
        raise MalformedAnswer("Signing in got an unsigned token.")
    issued_for, wanted = as_guid(claims.get("tid")), as_guid(tenant)
    if issued_for and wanted and issued_for != wanted:
        raise MalformedAnswer("Signing in got a token of another tenant.")
    # Newer tokens name the service by its application id, which differs between clouds.
    named = claims.get("aud")
    if isinstance(named, str) and "://" in named:
        host = urlsplit(named.lower()).hostname
        if host != urlsplit(audience.lower()).hostname:
            raise WrongAudience("Signing in got a token for another service.")


def _read_part(part: str) -> dict[str, Any] | None:
    try:
        value = decode_json(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError, MalformedAnswer):
        return None
    return value if isinstance(value, dict) else None
