"""Where a person goes after linking, and the link that can still be taken back there.

The way back is the list as it was left, with its search, filters and page. It travels in the form,
so it is read as a stranger's word: only addresses of tenants and organizations are followed.
"""

from urllib.parse import urlsplit
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from organizations.linking.models import Link
from organizations.linking.queries import live_links
from portal.core.access import Actor

FRESH_LINK = "fresh_link"
BACK = "back"
OUR_PLACES = ("linking:tenant_list", "services:microsoft_csp", "directory:organization_list")


def place_before(request: HttpRequest) -> str:
    """Return the page the person came from, or the list of tenants."""
    sent = request.POST.get(BACK) or request.GET.get(BACK) or ""
    current = urlsplit(request.headers.get("HX-Current-URL", ""))
    seen = f"{current.path}?{current.query}" if current.query else current.path
    return next(
        (place for place in (sent, seen) if _is_ours(place)), reverse("linking:tenant_list")
    )


def remember_link(request: HttpRequest, link: Link) -> None:
    """Let the next page offer to take the link back."""
    request.session[FRESH_LINK] = str(link.pk)


def recall_link(request: HttpRequest, actor: Actor) -> Link | None:
    """Return the link made a moment ago, once; None if it has ended since (0 or 1 query)."""
    fresh = request.session.pop(FRESH_LINK, None)
    if fresh is None:
        return None
    rows = live_links(actor).select_related("tenant", "organization")
    return rows.filter(pk=UUID(fresh)).first()


def _is_ours(place: str) -> bool:
    """Tell whether a place is one from which linking is begun."""
    if not url_has_allowed_host_and_scheme(place, allowed_hosts=None):
        return False
    return place.startswith(tuple(reverse(name) for name in OUR_PLACES))
