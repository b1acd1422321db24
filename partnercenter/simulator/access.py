"""Who may enter a room: the bearer token, its audience, multi-factor sign-in, App+User routes.

Every refusal but that of the multi-factor check carries an error body: that one is empty on the
live service too, which is why clients must look at the status and not at a code.
"""

from datetime import datetime

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.identity import COMMERCE, GRAPH, RETIRED, Caller, Signer, caller_of
from partnercenter.simulator.routing import Access, Route
from partnercenter.simulator.switches import Switches
from partnercenter.simulator.wire import Request, Response

_CHALLENGE = {"WWW-Authenticate": "Bearer"}
_BAD_TOKEN = {"WWW-Authenticate": 'Bearer error="invalid_token"'}


def read_caller(request: Request, signer: Signer, *, now: datetime) -> Caller:
    """Return who sends a request.

    Raises Problem 401 without a token, or with one that was not issued here or has expired.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Problem(401, 400, "A bearer token is required.", headers=_CHALLENGE)
    claims = signer.read(token.strip())
    caller = caller_of(claims, now=now) if claims else None
    if caller is None:
        raise Problem(401, 800001, "The access token is not valid.", headers=_BAD_TOKEN)
    return caller


def check_access(caller: Caller, route: Route, switches: Switches) -> Response | None:
    """Let a caller into a room, or return the empty refusal of the multi-factor check.

    Raises Problem 401 for another audience's token, on Graph's routes also for a user without
    multi-factor sign-in, and 403/900329 for an application alone on a route that needs a user.
    """
    wanted = GRAPH if route.graph else COMMERCE
    if caller.audience == RETIRED:
        raise Problem(
            401, 900420, "Tokens for the retired directory API are refused.", headers=_BAD_TOKEN
        )
    if caller.audience != wanted:
        raise Problem(401, 800001, "The access token is for another audience.", headers=_BAD_TOKEN)
    if switches.mfa_enforced and not is_mfa_compliant(caller):
        if route.graph:
            raise Problem(401, 800001, "Multi-factor sign-in is required.", headers=_BAD_TOKEN)
        return Response(
            status=401, reason="Unauthorized - MFA required", headers=_BAD_TOKEN, chunked=True
        )
    if route.access is Access.USER and caller.app_only:
        raise Problem(403, 900329, "This operation needs a signed-in user.")
    return None


def is_mfa_compliant(caller: Caller) -> bool:
    """Tell whether multi-factor sign-in was used; applications alone are exempt."""
    return caller.app_only or "mfa" in caller.methods
