"""Pages of the integration test: the newest run of a connection, its steps, and earlier runs."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from portal.core.errors import Conflict
from portal.core.jobs.models import Job
from portal.web.exports import format_asked
from portal.web.pages import Page
from tenants.connections.models import Connection
from tenants.connections.queries import connections
from tenants.integration.exporting import export_csv, export_json
from tenants.integration.forms import RunForm
from tenants.integration.models import IntegrationStep, IntegrationTest
from tenants.integration.operations import request_test
from tenants.integration.plan import PLAN, title_of
from tenants.integration.queries import integration_tests, steps_of

EARLIER = 20
"""Runs a page lists; the API lists all."""
TONES: dict[str, str] = {
    IntegrationStep.State.WAITING: "idle",
    IntegrationStep.State.RUNNING: "work",
    IntegrationStep.State.PASSED: "good",
    IntegrationStep.State.FAILED: "bad",
    IntegrationStep.State.SKIPPED: "idle",
}
ICONS: dict[str, str] = {
    IntegrationStep.State.WAITING: "clock",
    IntegrationStep.State.RUNNING: "loader-2",
    IntegrationStep.State.PASSED: "circle-check",
    IntegrationStep.State.FAILED: "circle-x",
    IntegrationStep.State.SKIPPED: "minus",
}


class IntegrationPage(Page):
    """The newest run of a connection with its steps, earlier runs, and the way to run it again."""

    capability = "connections.view"
    write_capability = "connections.manage"

    def get(self, request: HttpRequest, connection_id: UUID) -> HttpResponse:
        connection = self.connection(connection_id)
        rows = self.runs(connection)
        return self.show(connection, rows, rows[0] if rows else None)

    def post(self, request: HttpRequest, connection_id: UUID) -> HttpResponse:
        connection = self.connection(connection_id)
        form = RunForm(request.POST)
        is_sandbox = form.is_valid() and form.cleaned_data["is_sandbox"]
        try:
            request_test(connection, actor=self.actor, is_sandbox=is_sandbox)
        except Conflict as conflict:
            messages.warning(request, conflict.detail)
        return self.go_to(reverse("integration:integration", args=[connection.pk]))

    def connection(self, connection_id: UUID) -> Connection:
        row: Connection = connections(self.actor).get_visible(self.actor, pk=connection_id)
        return row

    def runs(self, connection: Connection) -> list[IntegrationTest]:
        """Return the newest runs of a connection (1 query)."""
        return list(integration_tests(self.actor, connection=connection)[:EARLIER])

    def show(
        self, connection: Connection, rows: list[IntegrationTest], test: IntegrationTest | None
    ) -> HttpResponse:
        """Answer the page about one run, or about none yet."""
        under_way = bool(rows) and rows[0].job.is_open
        context = {
            "title": f"Integration test of {connection.name}",
            "connection": connection,
            "runs": rows,
            "form": RunForm(),
            "plan": PLAN,
            "may_run": self.actor.may("connections.manage") and not under_way,
            **(shown(test) if test else {"test": None}),
        }
        return render(self.request, "tenants/integration.html", context)


class IntegrationTestPage(IntegrationPage):
    """An earlier run, in the same shape."""

    http_method_names = ("get",)

    def get(  # type: ignore[override]
        self, request: HttpRequest, connection_id: UUID, integration_test_id: UUID
    ) -> HttpResponse:
        connection = self.connection(connection_id)
        rows = self.runs(connection)
        return self.show(connection, rows, self.run(connection, integration_test_id))

    def run(self, connection: Connection, integration_test_id: UUID) -> IntegrationTest:
        found: IntegrationTest = integration_tests(self.actor, connection=connection).get_visible(
            self.actor, pk=integration_test_id
        )
        return found


class IntegrationProgressFragment(IntegrationTestPage):
    """Progress and steps alone, asked for every two seconds while the page is looked at."""

    def get(  # type: ignore[override]
        self, request: HttpRequest, connection_id: UUID, integration_test_id: UUID
    ) -> HttpResponse:
        test = self.run(self.connection(connection_id), integration_test_id)
        context = {**shown(test), "polled": True}
        return render(request, "tenants/_integration_progress.html", context)


class IntegrationCsvPage(IntegrationTestPage):
    """A run as CSV."""

    def get(  # type: ignore[override]
        self, request: HttpRequest, connection_id: UUID, integration_test_id: UUID
    ) -> HttpResponseBase:
        test = self.run(self.connection(connection_id), integration_test_id)
        return export_csv(self.actor, test, as_format=format_asked(request))


class IntegrationJsonPage(IntegrationTestPage):
    """A run as JSON."""

    def get(  # type: ignore[override]
        self, request: HttpRequest, connection_id: UUID, integration_test_id: UUID
    ) -> HttpResponseBase:
        return export_json(self.run(self.connection(connection_id), integration_test_id))


def shown(test: IntegrationTest) -> dict[str, Any]:
    """Return what the page and its progress show of a run (1 query)."""
    job = test.job
    broke = job.state in (Job.State.FAILED, Job.State.NEEDS_PERSON)
    return {
        "test": test,
        "job": job,
        "broke": broke,
        "tone": "bad" if broke else "warn" if test.failed else "good",
        "words": _words(test) if test.completed_at else "",
        "steps": [
            {
                "step": step,
                "title": title_of(step.name),
                "tone": TONES[step.state],
                "icon": ICONS[step.state],
            }
            for step in steps_of(test)
        ],
        "progress_url": reverse(
            "integration:integration_progress", args=[test.connection_id, test.pk]
        ),
    }


def _words(test: IntegrationTest) -> str:
    counts = ((test.passed, "passed"), (test.failed, "failed"), (test.skipped, "skipped"))
    return ", ".join(f"{count} {word}" for count, word in counts if count)
