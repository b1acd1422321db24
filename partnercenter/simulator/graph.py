"""The error envelope of Microsoft Graph, which is another one than Partner Center's."""

from datetime import UTC, datetime

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.wire import Request, Response

_CODES = {
    400: "badRequest",
    401: "InvalidAuthenticationToken",
    403: "Forbidden",
    404: "ResourceNotFound",
    405: "MethodNotAllowed",
    409: "Conflict",
    410: "Gone",
    413: "RequestEntityTooLarge",
    429: "TooManyRequests",
}


def graph_refusal(problem: Problem, request: Request, *, now: datetime) -> Response:
    """Return a refusal as Graph sends it; its codes are words, so the number is left out."""
    inner = {
        "date": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        "request-id": request.request_id,
        "client-request-id": request.headers.get("client-request-id", request.request_id),
    }
    error = {
        "code": _CODES.get(problem.status, "InternalServerError"),
        "message": problem.description,
        "innerError": inner,
    }
    return Response(
        status=problem.status, body={"error": error}, headers=problem.headers | graph_ids(request)
    )


def graph_ids(request: Request) -> dict[str, str]:
    """Return the headers under which Graph tells its ids."""
    return {
        "request-id": request.request_id,
        "client-request-id": request.headers.get("client-request-id", request.request_id),
    }
