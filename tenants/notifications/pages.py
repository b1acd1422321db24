"""How a connection is told of changes: its registration, the audit, the latest events."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator

from portal.core.errors import PortalError
from portal.web.pages import Page
from tenants.connections.models import Connection
from tenants.connections.queries import connections
from tenants.notifications.models import WebhookRegistration
from tenants.notifications.queries import newest_events, notification_state
from tenants.notifications.registering import register_webhook, send_test_event

TONES: dict[str, str] = {
    WebhookRegistration.State.NEW: "idle",
    WebhookRegistration.State.REGISTERED: "good",
    WebhookRegistration.State.FAILING: "bad",
}
ELSEWHERE = "registered_elsewhere"


class NotificationsPage(Page):
    """What Microsoft tells a connection, and whether the line works."""

    capability = "connections.view"

    def get(self, request: HttpRequest, connection_id: UUID) -> HttpResponse:
        row = connections(self.actor).get_visible(self.actor, pk=connection_id)
        state = notification_state(row, actor=self.actor)
        registration = state.registration
        context = {
            "title": f"What Microsoft tells {row.name}",
            "connection": row,
            "registration": registration,
            "audit_read_at": state.audit_read_at,
            "tone": TONES[registration.state] if registration else "idle",
            "elsewhere": registration is not None and registration.failure_code == ELSEWHERE,
            "events": newest_events(self.actor, connection=row),
            "may_manage": self.actor.may("connections.manage"),
        }
        return render(request, "tenants/notifications.html", context)


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class WebhookRegisterPage(Page):
    """Registers for events; no transaction is open while Partner Center is called."""

    capability = "connections.manage"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, connection_id: UUID) -> HttpResponse:
        with transaction.atomic():
            row = connections(self.actor).get_visible(self.actor, pk=connection_id)
        try:
            self.do(row, request.POST)
        except PortalError as error:
            messages.warning(request, error.detail)
        return self.go_to(reverse("notifications:page", args=[row.pk]))

    def do(self, row: Connection, given: Any) -> None:
        """Carry out what the button says. Raises: PortalError."""
        register_webhook(row, actor=self.actor, replace_other=given.get("replace") == "yes")
        self.say(f"{row.name} is registered: Microsoft tells of changes from now on.")


class WebhookTestPage(WebhookRegisterPage):
    """Asks Microsoft for a test event."""

    def do(self, row: Connection, given: Any) -> None:
        send_test_event(row, actor=self.actor)
        self.say("Microsoft was asked for a test event. Load this page again in a minute.")
