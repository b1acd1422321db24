"""The refusals of the token endpoint: OAuth error, AADSTS number, status."""

import uuid
from datetime import UTC, datetime
from typing import Any

from partnercenter.simulator.wire import Request, Response

_KINDS: dict[int, tuple[int, str, str]] = {
    50034: (400, "invalid_grant", "The user account does not exist in the tenant."),
    50076: (400, "interaction_required", "Multi-factor authentication is required."),
    50078: (400, "interaction_required", "The multi-factor authentication is too old."),
    50126: (400, "invalid_grant", "Invalid username or password."),
    50173: (400, "invalid_grant", "The grant was revoked; the user must sign in again."),
    54005: (400, "invalid_grant", "The authorization code was already redeemed."),
    65001: (400, "invalid_grant", "The user or administrator has not consented."),
    70000: (400, "invalid_grant", "The provided grant is invalid or malformed."),
    70003: (400, "unsupported_grant_type", "The grant type is not supported."),
    70008: (400, "invalid_grant", "The provided grant has expired."),
    90002: (400, "invalid_request", "The tenant was not found."),
    500011: (400, "invalid_resource", "The resource is not known in the tenant."),
    500112: (400, "invalid_client", "The redirect address differs from the requested one."),
    501481: (400, "invalid_grant", "The code verifier does not match the code challenge."),
    700016: (400, "unauthorized_client", "The application was not found in the directory."),
    700082: (400, "invalid_grant", "The refresh token has expired due to inactivity."),
    900144: (400, "invalid_request", "A required parameter is missing from the request body."),
    7000215: (401, "invalid_client", "An invalid client secret was provided."),
    7000218: (401, "invalid_client", "The request must contain client_secret."),
}


class TokenRefusal(Exception):
    """A grant that is refused; the first code is the reason, further ones go with it."""

    def __init__(self, code: int, detail: str = "", *, also: tuple[int, ...] = ()) -> None:
        super().__init__(f"AADSTS{code}")
        self.code = code
        self.detail = detail
        self.also = also


def refusal_response(
    refusal: TokenRefusal, request: Request, *, now: datetime, status: int | None = None
) -> Response:
    """Return the error body of the token endpoint; an unknown code is an `invalid_grant`."""
    usual, error, text = _KINDS.get(refusal.code, (400, "invalid_grant", "The grant is refused."))
    stamp = now.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    trace = str(uuid.uuid4())
    correlation = request.headers.get("client-request-id") or request.correlation_id
    lead = "".join(f"AADSTS{code}: Error validating credentials. " for code in refusal.also)
    sentence = f"{lead}AADSTS{refusal.code}: {text}"
    if refusal.detail:
        sentence += f" ({refusal.detail})"
    body: dict[str, Any] = {
        "error": error,
        "error_description": (
            f"{sentence}\r\nTrace ID: {trace}\r\nCorrelation ID: {correlation}\r\n"
            f"Timestamp: {stamp}"
        ),
        "error_codes": [*refusal.also, refusal.code],
        "timestamp": stamp,
        "trace_id": trace,
        "correlation_id": correlation,
    }
    return Response(status=status or usual, body=body, headers={"Cache-Control": "no-store"})
