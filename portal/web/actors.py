"""Turns a session or an API token into an actor, and opens that actor's scope for the request.

Both ways in meet here, before any view, so pages and API know rights from one place and the
transaction of the view begins with the right scope. Rights are read anew for each request. The
sign-in pages stay in the identity scope: they work for a person, not for a reseller.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from structlog.contextvars import bind_contextvars

from portal.core.access import Actor, acting, member_actor
from portal.core.errors import NotAllowed
from portal.core.identity.models import Membership, Reseller, User
from portal.core.identity.queries import memberships_of, token_digest, token_owner
from portal.web.failures import error_page
from portal.web.wording import numbers_in

SESSION_KEY = "membership"
IDENTITY_PATHS = ("/auth/", "/health/", "/metrics/", "/static/", "/webhooks/")
BEARER = "Bearer "
NO_ROLE = NotAllowed(
    "You are signed in but have no role at any reseller. Ask the administrator who invited you.",
    code="no_role",
)


class ActorMiddleware:
    """Sets ``request.actor`` (None for strangers) and ``request.memberships``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor, request.memberships = None, []  # type: ignore[attr-defined]
        if request.path.startswith(IDENTITY_PATHS):
            return self.get_response(request)
        actor = _find_actor(request)
        request.actor = actor  # type: ignore[attr-defined]
        if actor:
            bind_contextvars(reseller=actor.reseller_id, role=actor.role)
        if actor is None and request.user.is_authenticated and not _bears_token(request):
            return error_page(request, NO_ROLE)
        if actor is None:
            return self.get_response(request)
        with acting(actor), _ways_of(_reseller_of(request, actor)):
            return self.get_response(request)


def actor_of(request: HttpRequest) -> Actor:
    """Return the request's actor; a view that needs one is never reached without."""
    actor = getattr(request, "actor", None)
    if actor is None:
        raise LookupError("This view was reached without an actor.")
    return actor


def _find_actor(request: HttpRequest) -> Actor | None:
    if _bears_token(request):
        owner = token_owner(token_digest(_bearer(request)))
        request.memberships = [owner] if owner else []  # type: ignore[attr-defined]
        return member_actor(owner, kind="token") if owner else None
    user = request.user
    if not isinstance(user, User):
        return None
    memberships = memberships_of(user)
    request.memberships = memberships  # type: ignore[attr-defined]
    chosen = _chosen(memberships, request.session.get(SESSION_KEY))
    return member_actor(chosen) if chosen else None


def _reseller_of(request: HttpRequest, actor: Actor) -> Reseller:
    found: Reseller = next(
        membership.reseller
        for membership in request.memberships  # type: ignore[attr-defined]
        if membership.pk == actor.membership_id
    )
    return found


@contextmanager
def _ways_of(reseller: Reseller) -> Iterator[None]:
    """Write numbers and times as the reseller does while the block runs."""
    with numbers_in(reseller.locale), timezone.override(reseller.time_zone):
        yield


def _bearer(request: HttpRequest) -> str:
    return request.headers["Authorization"].removeprefix(BEARER).strip()


def _bears_token(request: HttpRequest) -> bool:
    return request.headers.get("Authorization", "").startswith(BEARER)


def _chosen(memberships: list[Membership], wanted: str | None) -> Membership | None:
    """Return the membership the session names, else the oldest one."""
    if wanted:
        for membership in memberships:
            if membership.pk == UUID(wanted):
                return membership
    return memberships[0] if memberships else None
