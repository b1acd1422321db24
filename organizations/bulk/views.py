"""Bulk links as pages: the preview, the work while it runs, its results, and taking it back."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from organizations.bulk.forms import UndoBulkForm
from organizations.bulk.models import BulkItem, BulkLink
from organizations.bulk.operations import discard_bulk, retry_bulk, run_bulk, undo_bulk
from organizations.bulk.queries import bulk_links, get_bulk, items_of
from organizations.bulk.words import (
    TONES,
    run_label,
    skipped_shares,
    write_progress,
    write_sums,
    write_undone,
)
from portal.core.errors import PortalError
from portal.core.jobs.models import Job
from portal.web.dialogs import render_dialog
from portal.web.lists import Column, Empty, ListPage, Tab
from portal.web.pages import Page, add_errors

DONE_WELL = ("linked", "created", "moved")
NOT_POSSIBLE = ("refused", "failed")
State = BulkLink.State


class BulkListPage(ListPage):
    """Every bulk link of the reseller, newest first."""

    capability = "jobs.view"
    model = BulkLink
    title, one, many = "Bulk links", "bulk link", "bulk links"
    columns = (
        Column("title", "What"),
        Column("state", "State"),
        Column("result", "Result"),
        Column("asked_by", "Asked by", hidden_on_phone=True),
        Column("created", "Asked", sort="created_at"),
    )
    row_template = "bulk/bulk_row.html"
    default_sort = "-created_at"
    search_label, search_fields = "Search bulk links", ("title", "asked_by")
    search_placeholder = "What, or who asked"
    tabs = (
        Tab("", "All"),
        Tab("draft", "Previews", where=Q(state=State.DRAFT)),
        Tab("open", "Running", where=Q(state__in=[State.RUNNING, State.UNDOING])),
        Tab("done", "Done", where=Q(state=State.DONE)),
        Tab("undone", "Undone", where=Q(state=State.UNDONE)),
    )

    def get_rows(self) -> QuerySet[Any]:
        return bulk_links(self.actor)

    def empty(self) -> Empty:
        return Empty(
            "No bulk links yet",
            "Choose several tenants on the list and link them at once: you see what would happen"
            " before anything does, and can take the whole of it back.",
            "Show tenants",
            reverse("linking:tenant_list"),
        )


class BulkPage(ListPage):
    """One bulk link with what became of each tenant; a draft is shown by `DraftPage`."""

    capability = "jobs.view"
    model = BulkItem
    title, one, many = "Bulk link", "tenant", "tenants"
    template_name = "bulk/bulk_detail.html"
    row_template = "bulk/item_row.html"
    columns: ClassVar[tuple[Column, ...]] = (
        Column("tenant", "Tenant"),
        Column("organization", "Organization"),
        Column("outcome", "Result"),
        Column("billed", "Last billed", numeric=True),
    )
    default_sort = "position"
    search_label, search_fields = "Search these tenants", ("tenant_name",)
    search_placeholder = "Name"
    tabs: ClassVar[tuple[Tab, ...]] = (
        Tab("", "All"),
        Tab("done", "Done", where=Q(outcome__in=DONE_WELL)),
        Tab("failed", "Not possible", where=Q(outcome__in=NOT_POSSIBLE), tone="warn"),
        Tab("left", "Left", where=Q(outcome="waiting")),
        Tab("unchanged", "Unchanged", where=Q(outcome="unchanged")),
        Tab("skipped", "Skipped", where=Q(outcome="skipped")),
        Tab("undone", "Undone", where=Q(outcome="undone")),
    )

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show a draft as the preview it is."""
        if type(self) is BulkPage and self.bulk.state == State.DRAFT:
            preview = DraftPage()
            preview.setup(request, *args, **kwargs)
            preview.bulk = self.bulk
            return preview.get(request, *args, **kwargs)
        return super().get(request, *args, **kwargs)

    @cached_property
    def bulk(self) -> BulkLink:
        return get_bulk(self.actor, self.kwargs["bulk_id"])

    def get_rows(self) -> QuerySet[Any]:
        return items_of(self.bulk, actor=self.actor)

    def count_tabs(self, rows: QuerySet[Any]) -> Mapping[str, int | None]:
        if self.search_text:
            return {}
        bulk = self.bulk
        return {
            "": bulk.tenants,
            "done": bulk.succeeded,
            "failed": bulk.unsuccessful,
            "left": bulk.left,
            "unchanged": bulk.unchanged,
            "skipped": bulk.to_skip,
            "undone": bulk.undone,
        }

    def count(self, rows: QuerySet[Any]) -> int | None:
        counts = self.count_tabs(rows)
        return counts[self.tab.key if self.tab else ""] if counts else super().count(rows)

    def get_context(self) -> dict[str, Any]:
        return {**facts_of(self.bulk), **self._rights()}

    def _rights(self) -> dict[str, bool]:
        bulk = self.bulk
        done, may_link = bulk.state == State.DONE, self.actor.may("tenants.link")
        return {
            "may_run": may_link and bulk.state == State.DRAFT and bool(bulk.planned),
            "may_discard": may_link and bulk.state == State.DRAFT,
            "may_retry": may_link and done and bool(bulk.unsuccessful),
            "may_undo": self.actor.may("tenants.unlink") and done and bool(bulk.succeeded),
            "may_go_on": self.actor.may("jobs.retry") and stopped_job(bulk) is not None,
        }


class DraftPage(BulkPage):
    """What would be done, before anything is."""

    columns = (
        Column("tenant", "Tenant"),
        Column("organization", "Organization"),
        Column("outcome", "What happens"),
        Column("billed", "Last billed", numeric=True),
    )
    tabs = (
        Tab("", "All"),
        Tab("left", "Will be done", where=Q(outcome="waiting")),
        Tab("skipped", "Skipped", where=Q(outcome="skipped"), tone="warn"),
    )


class BulkProgressFragment(Page):
    """The progress alone, asked for every two seconds while the page is looked at."""

    capability = "jobs.view"

    def get(self, request: HttpRequest, bulk_id: UUID) -> HttpResponse:
        context = {**facts_of(get_bulk(self.actor, bulk_id)), "polled": True}
        return render(request, "bulk/_progress.html", context)


class BulkRunPage(Page):
    """Starts what was previewed."""

    capability = "tenants.link"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, bulk_id: UUID) -> HttpResponse:
        bulk = run_bulk(get_bulk(self.actor, bulk_id), actor=self.actor)
        return self.go_to(reverse("bulk:bulk_detail", args=[bulk.pk]))


class BulkRetryPage(Page):
    """Tries again what was refused or failed."""

    capability = "tenants.link"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, bulk_id: UUID) -> HttpResponse:
        bulk = retry_bulk(get_bulk(self.actor, bulk_id), actor=self.actor)
        return self.go_to(reverse("bulk:bulk_detail", args=[bulk.pk]))


class BulkDiscardPage(Page):
    """Throws a preview away."""

    capability = "tenants.link"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, bulk_id: UUID) -> HttpResponse:
        bulk = get_bulk(self.actor, bulk_id)
        discard_bulk(bulk, actor=self.actor)
        self.say("The preview was thrown away; nothing was done.")
        return self.go_to(reverse("linking:tenant_list"))


class BulkUndoPage(Page):
    """Asks for the reason, then takes every link back that still stands."""

    capability = "tenants.unlink"

    def get(self, request: HttpRequest, bulk_id: UUID) -> HttpResponse:
        return self._show(get_bulk(self.actor, bulk_id), UndoBulkForm())

    def post(self, request: HttpRequest, bulk_id: UUID) -> HttpResponse:
        bulk = get_bulk(self.actor, bulk_id)
        form = UndoBulkForm(request.POST)
        if form.is_valid():
            try:
                undo_bulk(bulk, actor=self.actor, reason=form.cleaned_data["reason"])
            except PortalError as error:
                add_errors(form, error)
            else:
                return self.go_to(reverse("bulk:bulk_detail", args=[bulk.pk]))
        return self._show(bulk, form)

    def _show(self, bulk: BulkLink, form: UndoBulkForm) -> HttpResponse:
        return render_dialog(
            self.request,
            "bulk/bulk_undo.html",
            {"bulk": bulk, "form": form},
            title="Undo this bulk link",
            invalid=form.is_bound,
        )


def facts_of(bulk: BulkLink) -> dict[str, Any]:
    """Return what the page of a bulk link and its progress say of it."""
    return {
        "title": bulk.title,
        "bulk": bulk,
        "job": bulk.undo_job if bulk.state in (State.UNDOING, State.UNDONE) else bulk.job,
        "stopped": stopped_job(bulk),
        "tone": TONES[State(bulk.state)],
        "sums": write_sums(bulk),
        "shares": skipped_shares(bulk),
        "run_label": run_label(bulk),
        "progress_text": write_progress(bulk),
        "undone_text": write_undone(bulk),
        "progress_url": reverse("bulk:bulk_progress", args=[bulk.pk]),
        "export_url": reverse("bulk:bulk_export", args=[bulk.pk]),
    }


def stopped_job(bulk: BulkLink) -> Job | None:
    """Return the job of a bulk link that should work and does not any more."""
    if bulk.state not in (State.RUNNING, State.UNDOING):
        return None
    job: Job | None = bulk.undo_job if bulk.state == State.UNDOING else bulk.job
    return job if job and not job.is_open and job.state != Job.State.DONE else None
