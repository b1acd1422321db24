"""Refuses who asks too often, before a view runs.

Four counters, by settings: the person, the API token, the reseller, and the address the request
comes from. Everything below ``/auth/`` that is sent counts as a try at signing in instead, by
address and by name.
"""

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from portal.core.access import Actor
from portal.core.errors import TooMany
from portal.core.identity.queries import token_digest
from portal.core.identity.tries import Tries, give_back, take_try
from portal.core.limits import Allowance, Limit, take
from portal.web.actors import BEARER
from portal.web.failures import API_PREFIX, error_page

UNCOUNTED = ("/health/", "/metrics/", "/static/")
SIGN_IN = "/auth/"
FREE = "account_logout"
MINUTE = 60
# Tries by address and by name, each with the seconds they are for.
RULES = {
    "account_login": ((10, MINUTE), (5, 5 * MINUTE)),
    "account_reset_password": ((20, MINUTE), (5, MINUTE)),
}
OTHERS = ((20, MINUTE), (5, MINUTE))


class LimitMiddleware:
    """Stands behind `ActorMiddleware`, which says whose request it is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(UNCOUNTED):
            return self.get_response(request)
        allowance = take(limits_of(request))
        if allowance is not None and not allowance.allowed:
            return refusal(request, allowance)
        if request.method == "POST" and request.path.startswith(SIGN_IN):
            return self._tried(request)
        response = self.get_response(request)
        if allowance is not None and request.path.startswith(API_PREFIX):
            _tell(response, allowance)
        return response

    def _tried(self, request: HttpRequest) -> HttpResponse:
        tries = tries_of(request)
        wait = take_try(tries)
        if wait:
            return refusal(request, Allowance(False, 0, 0, wait))
        response = self.get_response(request)
        if resolve(request.path).url_name == "account_login" and request.user.is_authenticated:
            give_back(tries)
        return response


def limits_of(request: HttpRequest) -> list[Limit]:
    """Return the counters of a request; but for the address each is its reseller's own."""
    actor: Actor | None = getattr(request, "actor", None)
    found = [Limit(f"shared:address:{address_of(request)}", settings.LIMIT_ADDRESS)]
    if actor is None:
        return found
    own = f"{actor.reseller_id}:"
    if actor.kind == "token":
        text = request.headers["Authorization"].removeprefix(BEARER).strip()
        found.append(Limit(f"{own}token:{token_digest(text)}", settings.LIMIT_TOKEN))
    else:
        found.append(Limit(f"{own}user:{actor.membership_id}", settings.LIMIT_USER))
    return [*found, Limit(f"{own}reseller", settings.LIMIT_RESELLER)]


def tries_of(request: HttpRequest) -> list[Tries]:
    """Return what a form below ``/auth/`` counts against: the address, and the name in it."""
    try:
        what = str(resolve(request.path).url_name)
    except Resolver404:
        return []
    if what == FREE:
        return []
    by_address, by_name = RULES.get(what, OTHERS)
    found = [Tries(what, f"address {address_of(request)}", *by_address)]
    named = request.POST.get("login") or request.POST.get("email") or ""
    if named.strip():
        found.append(Tries(what, f"name {named.strip().lower()}", *by_name))
    return found


def address_of(request: HttpRequest) -> str:
    """Return where a request comes from: what the last trusted proxy saw; of IPv6 the network.

    One IPv6 customer has a whole network of addresses and could use a new one each time.
    """
    text = request.META.get("REMOTE_ADDR", "")
    passed = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if settings.PROXIES and passed:
        chain = passed.split(",")
        text = chain[-min(settings.PROXIES, len(chain))].strip()
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network(f"{address}/64", strict=False))
    return str(address)


def refusal(request: HttpRequest, allowance: Allowance) -> HttpResponse:
    """Return the 429 for a page or a program, with the seconds to wait."""
    seconds = allowance.reset_seconds
    response = error_page(request, TooMany(f"That was too often. Try again in {seconds} seconds."))
    response["Retry-After"] = str(seconds)
    if request.path.startswith(API_PREFIX):
        _tell(response, allowance)
    return response


def _tell(response: HttpResponse, allowance: Allowance) -> None:
    response["RateLimit-Limit"] = str(allowance.most)
    response["RateLimit-Remaining"] = str(allowance.left)
    response["RateLimit-Reset"] = str(allowance.reset_seconds)
