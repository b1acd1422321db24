"""The API's view of who calls: the actor the middleware found, by token or by session."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from portal.core.access import Actor
from portal.web.actors import BEARER


class ActorAuthentication(BaseAuthentication):
    """Yields the actor as ``request.user``; calls by session must carry the CSRF token."""

    def authenticate(self, request: Request) -> tuple[Actor, None] | None:
        actor: Actor | None = getattr(request._request, "actor", None)
        if actor is None:
            if request.headers.get("Authorization", "").startswith(BEARER):
                raise AuthenticationFailed("The API token is unknown, expired or revoked.")
            return None
        if actor.kind != "token":
            _enforce_csrf(request)
        return actor, None

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Tenantry"'


class ActorScheme(OpenApiAuthenticationExtension):
    """Describes both ways to sign in to programs that read the API's description."""

    target_class = ActorAuthentication
    name = ("token", "session")  # type: ignore[assignment]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, str]]:
        return [
            {"type": "http", "scheme": "bearer"},
            {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME},
        ]


def _no_view(_request: HttpRequest) -> HttpResponse:
    """Stand in for the view: only its exemption marks are looked at, and it has none."""
    return HttpResponse()


def _enforce_csrf(request: Request) -> None:
    check = CSRFCheck(_no_view)
    check.process_request(request._request)
    reason = check.process_view(request._request, _no_view, (), {})
    if reason:
        raise PermissionDenied(f"CSRF check failed: {reason}")
