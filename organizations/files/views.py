"""The pages of uploaded files: upload, see what it would do, run it, see what it did."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from organizations.directory.organization_file import layout_for
from organizations.files.forms import RunForm, UploadForm
from organizations.files.models import UploadedFile
from organizations.files.operations import discard_file, run_file, upload_file
from organizations.files.queries import files, get_file, remarks_of
from organizations.files.shown import describe, remark_rows
from organizations.linking.link_file import COLUMNS as LINK_COLUMNS
from organizations.provisioning.order_file import COLUMNS as PROVISIONING_COLUMNS
from portal.core.errors import PortalError
from portal.web.dialogs import render_dialog
from portal.web.exports import format_asked, table_response
from portal.web.lists import Column, Empty, ListPage
from portal.web.pages import Page, add_errors

REMARKS_SHOWN = 200
REMARK_COLUMNS = ("line", "column", "is_error", "text")
READING, IMPORTING = "jobs.view", "tenants.link"
"""What became of a file is read as what became of a job is."""


class FileListPage(ListPage):
    """Files that were uploaded, with what became of them."""

    capability = READING
    model = UploadedFile
    title, one, many = "Imports", "file", "files"
    template_name = "files/file_list.html"
    row_template = "files/file_row.html"
    columns = (
        Column("name", "File", sort="name"),
        Column("kind", "What it holds"),
        Column("state", "State"),
        Column("asked_by", "Uploaded by", hidden_on_phone=True),
        Column("created", "Uploaded", sort="created_at"),
    )
    default_sort = "-created_at"
    search_label, search_fields = "Search imports", ("name", "asked_by")
    search_placeholder = "File, or who uploaded it"

    def get_rows(self) -> QuerySet[Any]:
        return files(self.actor)

    def list_context(self) -> dict[str, Any]:
        context = super().list_context()
        for row in context["page"].rows:
            row.shown = describe(row)
        return {**context, "may_import": self.actor.may(IMPORTING)}

    def empty(self) -> Empty:
        title = "No file was imported yet"
        text = (
            "Organizations, links and accounts to provision come in as CSV; what a file would do is"
            " shown first."
        )
        if not self.actor.may(IMPORTING):
            return Empty(title, text)
        return Empty(title, text, "Import a file", reverse("files:file_create"))


class FileCreatePage(Page):
    """Uploads a file and leads to its preview."""

    capability = IMPORTING

    def get(self, request: HttpRequest) -> HttpResponse:
        kind = request.GET.get("kind", UploadedFile.Kind.ORGANIZATIONS)
        return self._show(UploadForm(initial={"kind": kind}))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = UploadForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                file = upload_file(actor=self.actor, **form.arguments())
            except PortalError as error:
                add_errors(form, error)
            else:
                return self.go_to(reverse("files:file_detail", args=[file.pk]))
        return self._show(form, invalid=True)

    def _show(self, form: UploadForm, *, invalid: bool = False) -> HttpResponse:
        context = {
            "form": form,
            "organization_columns": ",".join(layout_for(self.actor).columns),
            "link_columns": ",".join(LINK_COLUMNS),
            "provisioning_columns": ",".join(PROVISIONING_COLUMNS),
        }
        return render_dialog(
            self.request, "files/file_form.html", context, title="Import a file", invalid=invalid
        )


class FilePage(Page):
    """One file: its preview, its run, or what it did."""

    capability = READING

    def get(self, request: HttpRequest, file_id: UUID) -> HttpResponse:
        return self.show(get_file(self.actor, file_id), RunForm())

    def show(self, file: UploadedFile, form: RunForm, *, status: int = 200) -> HttpResponse:
        """Answer the page of a file."""
        remarks = list(remarks_of(file, self.actor)[:REMARKS_SHOWN])
        context = {
            "title": file.name,
            "file": file,
            "shown": describe(file),
            "may_import": self.actor.may(IMPORTING),
            "form": form,
            "remarks": remarks,
            "more_remarks": file.remarks > len(remarks),
            "progress_url": reverse("files:file_progress", args=[file.pk]),
        }
        return render(self.request, "files/file_detail.html", context, status=status)


class FileProgressFragment(Page):
    """How far a file is, asked for every two seconds while its page is looked at."""

    capability = READING

    def get(self, request: HttpRequest, file_id: UUID) -> HttpResponse:
        file = get_file(self.actor, file_id)
        context = {
            "shown": describe(file),
            "progress_url": reverse("files:file_progress", args=[file.pk]),
        }
        return render(request, "files/_progress.html", context)


class FileRunPage(FilePage):
    """Runs what a preview showed."""

    capability = IMPORTING
    http_method_names = ("post",)

    def post(self, request: HttpRequest, file_id: UUID) -> HttpResponse:
        file, form = get_file(self.actor, file_id), RunForm(request.POST)
        if not form.is_valid():
            return self.show(file, form, status=422)
        try:
            run_file(file, actor=self.actor, **form.cleaned_data)
        except PortalError as error:
            add_errors(form, error)
            return self.show(get_file(self.actor, file_id), form, status=422)
        return self.go_to(reverse("files:file_detail", args=[file.pk]))


class FileDiscardPage(Page):
    """Takes back a file that nobody is going to run."""

    capability = IMPORTING
    http_method_names = ("post",)

    def post(self, request: HttpRequest, file_id: UUID) -> HttpResponse:
        file = get_file(self.actor, file_id)
        discard_file(file, actor=self.actor)
        self.say(f"{file.name} was discarded; nothing of it was imported.")
        return self.go_to(reverse("files:file_list"))


class RemarkExportPage(Page):
    """What there is to say of a file's rows, as CSV or XLSX."""

    capability = READING

    def get(self, request: HttpRequest, file_id: UUID) -> HttpResponseBase:
        file = get_file(self.actor, file_id)
        return table_response(
            name="import-problems",
            header=REMARK_COLUMNS,
            rows=lambda: remark_rows(file, self.actor),
            actor=self.actor,
            as_format=format_asked(request),
        )
