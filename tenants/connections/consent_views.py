"""Pages of signing in: what is about to happen, the way back from Microsoft, and how it ended."""

from urllib.parse import urlencode, urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_variables
from django.views.generic import View

from portal.core.errors import NotAllowed, NotReady
from portal.web.actors import actor_of
from portal.web.pages import Page
from tenants.connections.clouds import endpoints_of
from tenants.connections.consent_states import digest_of_session, read_state
from tenants.connections.consenting import CameBack, begin_consent, finish_consent, redirect_uri
from tenants.connections.models import Connection, ConsentRequest
from tenants.connections.panel import consent_of
from tenants.connections.queries import connections

_SENT_BACK = ("code", "state", "error", "error_description")
NOT_SIGNED_IN = NotAllowed(
    "You came back from Microsoft, but are not signed in to the portal in this browser any more."
    " Sign in, then begin again on the connection's page.",
    code="not_signed_in",
)


class ConsentPage(Page):
    """Says who has to sign in and what is asked for; the button sends there."""

    capability = "connections.manage"

    def get(self, request: HttpRequest, connection_id: UUID) -> HttpResponse:
        row = connections(self.actor).get_visible(self.actor, pk=connection_id)
        context = {
            "title": f"Sign in for {row.name}",
            "crumbs": _crumbs(row),
            "connection": row,
            "consent": consent_of(row, actor=self.actor),
            "redirect_uri": redirect_uri(),
        }
        return _leading_to_microsoft(render(request, "tenants/consent.html", context), row)

    def post(self, request: HttpRequest, connection_id: UUID) -> HttpResponse:
        row = connections(self.actor).get_visible(self.actor, pk=connection_id)
        begun = begin_consent(
            row,
            actor=self.actor,
            host=request.get_host(),
            session_digest=digest_of_session(request.session.session_key),
        )
        return self.go_to(begun.address)


@method_decorator(login_not_required, name="dispatch")
@method_decorator(transaction.non_atomic_requests, name="dispatch")
class ConsentCallbackPage(View):
    """Where Microsoft leads back to: the installation's one registered address.

    Open to strangers, because it may be reached on a host where nobody is signed in; it then leads
    on to the host that began, which the signed state names. No transaction is open meanwhile.
    """

    http_method_names = ("get",)

    @sensitive_variables()
    def get(self, request: HttpRequest) -> HttpResponse:
        state = read_state(request.GET.get("state", ""))
        if state.host != request.get_host():
            scheme = urlsplit(settings.BASE_URL).scheme
            sent = {name: request.GET[name] for name in _SENT_BACK if name in request.GET}
            return redirect(f"{scheme}://{state.host}{request.path}?{urlencode(sent)}")
        if getattr(request, "actor", None) is None:
            raise NOT_SIGNED_IN
        came_back = CameBack(
            code=request.GET.get("code", ""),
            error=request.GET.get("error", ""),
            description=request.GET.get("error_description", ""),
        )
        taken = finish_consent(
            state,
            came_back,
            actor=actor_of(request),
            session_digest=digest_of_session(request.session.session_key),
        )
        # Leads on at once, so that the code stays in no address bar and in no history.
        return redirect("connections:consent_result", taken.connection_id, taken.pk)


class ConsentResultPage(Page):
    """How a sign-in ended: who, with what, or why not."""

    capability = "connections.view"

    def get(
        self, request: HttpRequest, connection_id: UUID, consent_request_id: UUID
    ) -> HttpResponse:
        row = connections(self.actor).get_visible(self.actor, pk=connection_id)
        taken = ConsentRequest.objects.get_visible(
            self.actor, pk=consent_request_id, connection_id=row.pk
        )
        context = {
            "title": "Signed in" if taken.outcome == ConsentRequest.Outcome.GRANTED else "Sign-in",
            "crumbs": _crumbs(row),
            "connection": row,
            "request_row": taken,
            "consent": consent_of(row, actor=self.actor),
            "may_manage": self.actor.may("connections.manage"),
        }
        return render(request, "tenants/consent_result.html", context)


def _crumbs(row: Connection) -> list[tuple[str, str]]:
    return [
        ("Connections", reverse("connections:connection_list")),
        (row.name, reverse("connections:connection_detail", args=[row.pk])),
    ]


def _leading_to_microsoft(response: HttpResponse, connection: Connection) -> HttpResponse:
    """Let the page's form end at the sign-in page of the connection's cloud, and nowhere else."""
    try:
        parts = urlsplit(endpoints_of(connection.cloud).authority)
    except NotReady:
        return response
    update = {"form-action": [f"{parts.scheme}://{parts.netloc}"]}
    response._csp_update = update  # type: ignore[attr-defined]
    return response
