"""Pages of the connections: which there are, how each fares, and setting one up."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator

from portal.core.audit.queries import history_of
from portal.core.errors import InvalidInput
from portal.web.pages import Page, add_errors
from tenants.connections.forms import ConnectionForm
from tenants.connections.models import Connection
from tenants.connections.operations import change_connection, connect, test_connection
from tenants.connections.panel import lost_consents, panel_of
from tenants.connections.queries import connections
from tenants.discovery.queries import newest_runs, tenants_per_connection

UNPROCESSABLE = 422
TONES: dict[str, str] = {
    Connection.State.NEW: "idle",
    Connection.State.WORKING: "good",
    Connection.State.FAILING: "bad",
}


class ConnectionListPage(Page):
    """All connections of the reseller; there are few, so they are cards and not a table."""

    capability = "connections.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = list(connections(self.actor))
        counts, lost = tenants_per_connection(self.actor), lost_consents(self.actor)
        context = {
            "title": "Connections",
            "cards": [
                {
                    "connection": row,
                    "tone": TONES[row.state],
                    "tenants": counts.get(row.pk, 0),
                    "lost": lost.get(row.pk),
                }
                for row in rows
            ],
            "may_manage": self.actor.may("connections.manage"),
        }
        return render(request, "tenants/connection_list.html", context)


class ConnectionDetailPage(Page):
    """One connection: health, last failure with advice, runs."""

    capability = "connections.view"

    def get(self, request: HttpRequest, connection_id: UUID) -> HttpResponse:
        row = connections(self.actor).get_visible(self.actor, pk=connection_id)
        context = {
            "title": row.name,
            "connection": row,
            "tone": TONES[row.state],
            "panel": panel_of(row, actor=self.actor),
            "runs": newest_runs(self.actor, connection=row),
            "tenants": tenants_per_connection(self.actor).get(row.pk, 0),
            "may_manage": self.actor.may("connections.manage"),
            "may_discover": self.actor.may("discovery.run"),
            "may_fetch_definitions": self.actor.may("fields.manage"),
            "history": history_of(row, self.actor) if self.actor.may("audit.view") else [],
        }
        return render(request, "tenants/connection_detail.html", context)


class ConnectionCreatePage(Page):
    """Connects a Partner Center account."""

    capability = "connections.manage"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(ConnectionForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ConnectionForm(request.POST)
        if form.is_valid():
            try:
                row = connect(actor=self.actor, **form.cleaned_data)
            except InvalidInput as error:
                add_errors(form, error)
            else:
                self.say(
                    f"{row.name} is connected. Test it, sign in for it, then discover its tenants."
                )
                return self.go_to(reverse("connections:connection_detail", args=[row.pk]))
        return self.show(form, status=UNPROCESSABLE)

    def show(self, form: ConnectionForm, *, status: int = 200, **context: Any) -> HttpResponse:
        """Answer the form's page."""
        page = {"title": "Connect Partner Center", "form": form, "submit_label": "Connect"}
        return render(
            self.request, "tenants/connection_form.html", {**page, **context}, status=status
        )


class ConnectionEditPage(ConnectionCreatePage):
    """Changes a connection; an empty secret keeps the stored one."""

    def get(self, request: HttpRequest, connection_id: UUID) -> HttpResponse:  # type: ignore[override]
        row = self.connection(connection_id)
        return self.show_edit(ConnectionForm(connection=row), row)

    def post(self, request: HttpRequest, connection_id: UUID) -> HttpResponse:  # type: ignore[override]
        row = self.connection(connection_id)
        form = ConnectionForm(request.POST, connection=row)
        if form.is_valid():
            try:
                row = change_connection(row, actor=self.actor, **form.cleaned_data)
            except InvalidInput as error:
                add_errors(form, error)
            else:
                self.say(f"{row.name} is saved.")
                return self.go_to(reverse("connections:connection_detail", args=[row.pk]))
        return self.show_edit(form, row, status=UNPROCESSABLE)

    def connection(self, connection_id: UUID) -> Connection:
        row: Connection = connections(self.actor).get_visible(self.actor, pk=connection_id)
        return row

    def show_edit(
        self, form: ConnectionForm, row: Connection, *, status: int = 200
    ) -> HttpResponse:
        return self.show(
            form, status=status, title=f"Change {row.name}", submit_label="Save", connection=row
        )


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class ConnectionTestPage(Page):
    """Calls Partner Center and says how that went; no transaction is open meanwhile."""

    capability = "connections.manage"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, connection_id: UUID) -> HttpResponse:
        with transaction.atomic():
            row = connections(self.actor).get_visible(self.actor, pk=connection_id)
        row = test_connection(row, actor=self.actor)
        if row.state == Connection.State.WORKING:
            self.say(f"{row.name} works: Partner Center answered.")
        return self.go_to(reverse("connections:connection_detail", args=[row.pk]))
