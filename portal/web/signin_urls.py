"""The sign-in pages that are open: everything else allauth offers has no address here."""

from typing import Any

from allauth.account import views
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import path, re_path
from django.utils.decorators import method_decorator

from portal.core.errors import Unavailable
from portal.web.failures import error_page

NO_MAIL = Unavailable(
    "This portal is read-only for now and sends no mail, so a forgotten password cannot be"
    " replaced. Its operator can tell when that ends.",
    code="read_only",
)


def password_set(request: HttpRequest) -> HttpResponse:
    """Send somebody who has no password yet to where one is chosen by mail."""
    return redirect("account_reset_password")


@method_decorator(login_not_required, name="dispatch")
class PasswordReset(views.PasswordResetView):
    """Mails a link; while no mail is sent it says so instead of letting people wait."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if settings.READ_ONLY:
            return error_page(request, NO_MAIL)
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer


urlpatterns = [
    path("password/set/", password_set, name="account_set_password"),
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("password/reset/", PasswordReset.as_view(), name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    re_path(  # the key has dashes of its own
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]
