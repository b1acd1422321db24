"""Pages of the invoices: what was imported, how it comes out, and asking for more."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from billing.invoices.filters import InvoicePageFilter
from billing.invoices.forms import ImportForm
from billing.invoices.models import Invoice
from billing.invoices.operations import IMPORT_INVOICES, import_invoices
from billing.invoices.queries import invoices
from billing.reconciliation.queries import reconcile_invoices
from billing.reports.exports import export_invoice_lines
from portal.core.errors import PortalError
from portal.core.jobs.models import Job
from portal.core.jobs.queries import jobs
from portal.web.dialogs import render_dialog
from portal.web.exports import format_asked
from portal.web.lists import Column, Empty, ListPage
from portal.web.pages import Page, add_errors
from tenants.connections.queries import connections


class InvoiceListPage(ListPage):
    """Published invoices with what of each is assigned."""

    capability = "invoices.view"
    model = Invoice
    title, one, many = "Invoices", "invoice", "invoices"
    template_name = "billing/invoice_list.html"
    row_template = "billing/invoice_row.html"
    columns = (
        Column("number", "Invoice", sort="number"),
        Column("month", "Month", sort="month"),
        Column("type", "Type", hidden_on_phone=True),
        Column("total", "Total", sort="total", numeric=True),
        Column("assigned", "Assigned", numeric=True),
        Column("unassigned", "Unassigned", numeric=True),
        Column("state", "State"),
    )
    default_sort = "-month"
    search_label, search_fields = "Search invoices", ("number", "connection__name")
    search_placeholder = "Invoice number or connection"
    filterset_class = InvoicePageFilter

    def get_rows(self) -> QuerySet[Any]:
        return invoices(self.actor).order_by()

    def list_context(self) -> dict[str, Any]:
        """Return the list, each invoice with how it comes out (1 query more)."""
        context = super().list_context()
        rows = context["page"].rows
        parts = reconcile_invoices(self.actor, [row.pk for row in rows])
        for row in rows:
            row.outcome = parts.get(row.pk)
        return context

    def get_context(self) -> dict[str, Any]:
        return {
            "may_import": self.actor.may("invoices.import"),
            "running": jobs(self.actor)
            .filter(kind=IMPORT_INVOICES.name, state__in=Job.OPEN)
            .first(),
        }

    def empty(self) -> Empty:
        text = (
            "Connect Partner Center first, then import a month's invoices: every line is kept and"
            " shown per organization in the report."
        )
        if not self.actor.may("invoices.import"):
            return Empty("No invoice is imported yet", text)
        return Empty(
            "No invoice is imported yet", text, "Import invoices", reverse("invoices:import")
        )


class ImportPage(Page):
    """Asks for an import and leads to its progress."""

    capability = "invoices.import"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(self.form(None))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.form(request.POST)
        if form.is_valid():
            try:
                job = import_invoices(
                    form.cleaned_data["connection"],
                    actor=self.actor,
                    month=form.cleaned_data["month"],
                )
            except PortalError as error:
                add_errors(form, error)
            else:
                return self.go_to(reverse("jobs:job_detail", args=[job.pk]))
        return self.show(form, invalid=True)

    def form(self, data: Any) -> ImportForm:
        return ImportForm(
            data,
            sources=connections(self.actor),
            today=timezone.localdate(),
            connection=self.request.GET.get("connection", ""),
        )

    def show(self, form: ImportForm, *, invalid: bool = False) -> HttpResponse:
        """Answer the form as a dialog or as a page."""
        return render_dialog(
            self.request,
            "billing/import_form.html",
            {"form": form, "may_connect": self.actor.may("connections.manage")},
            title="Import invoices",
            invalid=invalid,
        )


class InvoiceExportPage(Page):
    """Every line of an invoice as CSV."""

    capability = "reports.export"

    def get(self, request: HttpRequest, invoice_id: UUID) -> HttpResponseBase:
        return export_invoice_lines(
            self.actor,
            invoices(self.actor).get_visible(self.actor, pk=invoice_id),
            as_format=format_asked(request),
        )
