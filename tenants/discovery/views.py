"""Pages of the discovery runs: what each found, how far one is, and what one holds back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from portal.core.errors import Conflict, InvalidInput
from portal.core.jobs.models import Job
from portal.web.dialogs import render_dialog
from portal.web.lists import Column, Empty, ListPage, Tab
from portal.web.pages import Page, add_errors
from tenants.connections.queries import connections
from tenants.discovery.forms import MarkMissingForm
from tenants.discovery.models import DiscoveryRun, Source
from tenants.discovery.operations import mark_missing_anyway, request_discovery
from tenants.discovery.queries import is_newest, runs

TONES: dict[str, str] = {
    Job.State.WAITING: "idle",
    Job.State.RUNNING: "work",
    Job.State.DONE: "good",
    Job.State.FAILED: "bad",
    Job.State.NEEDS_PERSON: "warn",
}


class RunListPage(ListPage):
    """All runs of all connections."""

    capability = "discovery.view"
    model = DiscoveryRun
    title, one, many = "Discovery runs", "run", "runs"
    columns = (
        Column("started", "Asked", sort="created_at"),
        Column("connection", "Connection"),
        Column("source", "Found by"),
        Column("state", "State"),
        Column("found", "Found", numeric=True),
        Column("created", "New", numeric=True),
        Column("updated", "Changed", numeric=True),
        Column("missing", "Gone", numeric=True),
        Column("asked_by", "Asked by", hidden_on_phone=True),
    )
    row_template = "tenants/run_row.html"
    default_sort = "-created_at"
    search_label, search_fields = "Search runs", ("connection__name", "job__asked_by")
    tabs = (
        Tab("", "All"),
        Tab("open", "Running and waiting", where=Q(job__state__in=Job.OPEN)),
        Tab(
            "stuck",
            "Failed",
            where=Q(job__state__in=[Job.State.FAILED, Job.State.NEEDS_PERSON]),
        ),
        Tab("told", "Not by the list", where=~Q(source=Source.LIST)),
    )

    def get_rows(self) -> QuerySet[Any]:
        return runs(self.actor)

    def empty(self) -> Empty:
        return Empty(
            "No discovery yet",
            "A discovery reads the whole customer list of a connection. Every connection is"
            " discovered each night; open one to start it now.",
            "Show connections",
            reverse("connections:connection_list"),
        )


class RunDetailPage(Page):
    """One run, with live progress while it works."""

    capability = "discovery.view"
    template_name = "tenants/run_detail.html"

    def get(self, request: HttpRequest, run_id: UUID) -> HttpResponse:
        run: DiscoveryRun = runs(self.actor).get_visible(self.actor, pk=run_id)
        return render(request, self.template_name, self.context(run))

    def context(self, run: DiscoveryRun) -> dict[str, Any]:
        """Return what page and progress fragment show (1 query more for a run held back)."""
        job = run.job
        decidable = run.is_held and not job.is_open and is_newest(run, actor=self.actor)
        return {
            "title": f"Discovery of {run.connection.name}",
            "run": run,
            "job": job,
            "tone": TONES[job.state],
            "held": decidable,
            "failed": job.state in (Job.State.FAILED, Job.State.NEEDS_PERSON) and not run.is_held,
            "progress_url": reverse("discovery:run_progress", args=[run.pk]),
            "may_decide": decidable and self.actor.may("connections.manage"),
            "may_discover": self.actor.may("discovery.run") and not job.is_open,
        }


class RunProgressFragment(RunDetailPage):
    """The progress alone, asked for every two seconds while the page is looked at."""

    template_name = "tenants/_run_progress.html"

    def context(self, run: DiscoveryRun) -> dict[str, Any]:
        """Tell the page to load itself anew once the run has ended."""
        return {**super().context(run), "polled": True}


class RunCreatePage(Page):
    """Asks for a discovery; if one is under way, leads to that one and says whose it is."""

    capability = "discovery.run"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, connection_id: UUID) -> HttpResponse:
        connection = connections(self.actor).get_visible(self.actor, pk=connection_id)
        try:
            run_id = request_discovery(connection, actor=self.actor).pk
        except Conflict as conflict:
            messages.warning(request, conflict.detail)
            run_id = UUID(conflict.data["discovery_run"])
        return self.go_to(reverse("discovery:run_detail", args=[run_id]))


class RunMarkMissingPage(Page):
    """Asks for the reason, then marks the tenants missing that a run held back."""

    capability = "connections.manage"

    def get(self, request: HttpRequest, run_id: UUID) -> HttpResponse:
        run = runs(self.actor).get_visible(self.actor, pk=run_id)
        return self.show(run, MarkMissingForm())

    def post(self, request: HttpRequest, run_id: UUID) -> HttpResponse:
        run = runs(self.actor).get_visible(self.actor, pk=run_id)
        form = MarkMissingForm(request.POST)
        if form.is_valid():
            try:
                done = mark_missing_anyway(run, actor=self.actor, **form.cleaned_data)
            except InvalidInput as error:
                add_errors(form, error)
            else:
                self.say(f"{done.missing:,} tenants are marked as no longer listed.")
                return self.go_to(reverse("discovery:run_detail", args=[done.pk]))
        return self.show(run, form, invalid=True)

    def show(
        self, run: DiscoveryRun, form: MarkMissingForm, *, invalid: bool = False
    ) -> HttpResponse:
        """Answer the question with its form, as a dialog or as a page."""
        return render_dialog(
            self.request,
            "tenants/run_mark_missing.html",
            {"run": run, "form": form},
            title="Mark these tenants as missing",
            invalid=invalid,
        )
