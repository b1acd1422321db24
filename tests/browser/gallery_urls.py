"""A site of the gallery alone, so that the look is tested before and without any feature.

Every name the navigation needs leads to the gallery. Three more addresses behave as features do
when something goes wrong.
"""

import time
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, URLResolver, include, path

from portal.core.access import CAPABILITIES, Actor, Role
from portal.web.gallery import gallery_page

ADMIN = Actor(
    reseller_id=1, label="Ada Berg", capabilities=CAPABILITIES[Role.ADMIN], role=Role.ADMIN
)
SECTIONS = {
    "services": "microsoft_csp",
    "linking": "tenant_list",
    "alert": "condition_list",
    "files": "file_list",
    "provisioning": "request_list",
    "passwords": "first_password_list",
    "fields": "definition_list",
    "notify": "delivery_list",
    "directory": "organization_list",
    "reports": "report_list",
    "invoices": "invoice_list",
    "connections": "connection_list",
    "jobs": "job_list",
    "audit": "audit_list",
    "members": "member_list",
    "finding": "find",
}
SLOW_QUERY = "terra"
SLOW_SECONDS = 0.8


@login_not_required
def gallery(request: HttpRequest, **_arguments: Any) -> HttpResponse:
    """Show the gallery to an administrator; one query is answered late."""
    request.actor = ADMIN  # type: ignore[attr-defined]
    if request.GET.get("q") == SLOW_QUERY:
        time.sleep(SLOW_SECONDS)
    return gallery_page(request)


@login_not_required
def broken(request: HttpRequest) -> HttpResponse:
    """Fail with a text nobody should see."""
    return HttpResponse("<p>secret cause</p>", status=500)


@login_not_required
def signed_out(request: HttpRequest) -> HttpResponse:
    """Send everybody away, as the end of a session does."""
    return HttpResponseRedirect("/gallery/?signed-out=1")


urlpatterns: list[URLPattern | URLResolver] = [
    path("", gallery, name="start"),
    path("gallery/", gallery),
    path("broken/", broken),
    path("signed-out/", signed_out),
    path("me/", gallery, name="profile"),
    path("auth/", include("portal.web.signin_urls")),
    *(
        path(f"{section}/", include(([path("", gallery, name=name)], section)))
        for section, name in SECTIONS.items()
    ),
]
