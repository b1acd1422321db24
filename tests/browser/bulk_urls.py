"""The portal with a tenants page whose rows can be chosen, and a place that says what was sent.

So the choosing itself is tested, whatever is done with the chosen rows.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from organizations.linking.list_views import TenantListPage
from portal import urls
from portal.web.listparts import BulkAction


class ChoosingPage(TenantListPage):
    """The tenants page with something to do."""

    def bulk_actions(self) -> tuple[BulkAction, ...]:
        return (BulkAction("Link in bulk", "/told/", primary=True),)


@csrf_exempt
def told(request: HttpRequest) -> JsonResponse:
    """Say what was sent."""
    return JsonResponse({name: request.POST.getlist(name) for name in request.POST})


def icon(_request: HttpRequest) -> HttpResponse:
    """Answer what Chromium asks for beside a page that names no icon."""
    return HttpResponse(status=204)


handler404, handler500 = urls.handler404, urls.handler500
urlpatterns = [
    path("told/", told),
    path("favicon.ico", icon),
    path("tenants/", ChoosingPage.as_view()),
    *urls.urlpatterns,
]
