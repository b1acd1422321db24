"""One invoice and its lines; a million of them cost a page what ten do."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_filters import FilterSet

from billing.invoices.filters import LinePageFilter
from billing.invoices.models import Invoice, InvoiceLine
from billing.invoices.queries import invoice_versions, lines_of, other_versions
from billing.invoices.unassigned import only_found, only_unassigned, unassigned_totals
from billing.reconciliation.queries import reconcile_invoices
from organizations.linking.queries import owning_links
from portal.web.lists import Column, Empty, ListPage, Tab
from portal.web.pages import Page

UNASSIGNED = "unassigned"


class InvoiceDetailPage(ListPage):
    """An invoice: what it says, how it comes out, and its lines."""

    capability = "invoices.view"
    model = InvoiceLine
    title, one, many = "Invoice", "line", "lines"
    template_name = "billing/invoice_detail.html"
    row_template = "billing/line_row.html"
    columns = (
        Column("customer", "Customer"),
        Column("number", "Line", sort="number", numeric=True, hidden_on_phone=True),
        Column("product", "Product"),
        Column("charge", "Charge"),
        Column("quantity", "Quantity", numeric=True, hidden_on_phone=True),
        Column("total", "Total", numeric=True),
    )
    default_sort = "number"
    search_label = "Search lines"
    search_placeholder = "Customer, domain or Microsoft ID"
    tabs = (Tab("", "All"), Tab(UNASSIGNED, "Unassigned", where=Q(), tone="warn"))

    @cached_property
    def invoice(self) -> Invoice:
        found: Invoice = invoice_versions(self.actor).get_visible(
            self.actor, pk=self.kwargs["invoice_id"]
        )
        return found

    @cached_property
    def lines(self) -> QuerySet[Any]:
        rows = lines_of(self.invoice, actor=self.actor).order_by()
        if self.tab and self.tab.key == UNASSIGNED:
            return only_unassigned(rows, self.invoice, actor=self.actor, unassigned=True)
        return rows

    @cached_property
    def unassigned_lines(self) -> int:
        totals = unassigned_totals(self.invoice, actor=self.actor)
        return int(totals.aggregate(Sum("lines"))["lines__sum"] or 0)

    @cached_property
    def filterset(self) -> FilterSet | None:
        return LinePageFilter(
            self.request.GET, queryset=self.lines, charge_types=self.invoice.charge_types
        )

    def get_rows(self) -> QuerySet[Any]:
        return self.lines

    def search(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        return only_found(rows, self.invoice, actor=self.actor, text=text)  # type: ignore[arg-type]

    def count_tabs(self, rows: QuerySet[Any]) -> Mapping[str, int | None]:
        return {"": self.invoice.lines, UNASSIGNED: self.unassigned_lines}

    def count(self, rows: QuerySet[Any]) -> int | None:
        """Take the number from the invoice's sums unless something narrows the lines."""
        if self.search_text or self.filter_errors or self.request.GET.get("charge_type"):
            return super().count(rows)
        unassigned = self.tab is not None and self.tab.key == UNASSIGNED
        return self.unassigned_lines if unassigned else self.invoice.lines

    def list_context(self) -> dict[str, Any]:
        """Return the list, each line with the organization its tenant belongs to."""
        context = super().list_context() | {"title": f"Invoice {self.invoice.number}"}
        rows = context["page"].rows
        owners = _owners(rows, invoice=self.invoice, actor=self.actor)
        for row in rows:
            row.owner = owners.get(row.microsoft_id)
        return context

    def get_context(self) -> dict[str, Any]:
        outcome = reconcile_invoices(self.actor, [self.invoice.pk]).get(self.invoice.pk)
        return {
            "invoice": self.invoice,
            "outcome": outcome,
            "versions": other_versions(self.invoice, actor=self.actor),
            "may_export": self.actor.may("reports.export") and self.invoice.is_published,
        }

    def empty(self) -> Empty:
        return Empty("This invoice has no lines", "Its whole total is shown as an adjustment.")


class LineDetailPage(Page):
    """One line, whole as Microsoft sent it."""

    capability = "invoices.view"

    def get(self, request: HttpRequest, invoice_id: UUID, number: int) -> HttpResponse:
        invoice = invoice_versions(self.actor).get_visible(self.actor, pk=invoice_id)
        rows = lines_of(invoice, actor=self.actor).defer(None)
        line = rows.get_visible(self.actor, number=number)
        context = {
            "title": f"Line {line.number} of {invoice.number}",
            "invoice": invoice,
            "line": line,
            "owner": _owners([line], invoice=invoice, actor=self.actor).get(line.microsoft_id),
            "received": sorted(line.raw.items()),
        }
        return render(request, "billing/line_detail.html", context)


def _owners(rows: Any, *, invoice: Invoice, actor: Any) -> dict[UUID | None, Any]:
    """Return whose each line of an invoice is, by Microsoft id (1 query, 0 for none)."""
    wanted = {row.microsoft_id for row in rows if row.microsoft_id}
    if not wanted:
        return {}
    links = owning_links(actor, invoice.month).filter(tenant__microsoft_id__in=wanted)
    return {
        link.tenant.microsoft_id: link.organization
        for link in links.select_related("tenant", "organization")
    }
