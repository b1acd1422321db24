"""The end of the way down: one tenant's lines in a month."""

from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from billing.invoices.models import InvoiceLine
from billing.invoices.months import read_month, write_month
from billing.invoices.queries import lines_of_tenant
from billing.reports.lines import UNNAMED
from organizations.linking.queries import owning_links
from portal.core.errors import NotFound
from portal.web.lists import Column, ListPage
from tenants.discovery.models import Tenant


class TenantLinesPage(ListPage):
    """A tenant's lines on all invoices of the month."""

    capability = "reports.view"
    model = InvoiceLine
    title, one, many = "Lines", "line", "lines"
    template_name = "billing/tenant_lines.html"
    row_template = "billing/tenant_line_row.html"
    columns = (
        Column("product", "Product"),
        Column("invoice", "Invoice", hidden_on_phone=True),
        Column("charge", "Charge"),
        Column("period", "Charged for", hidden_on_phone=True),
        Column("quantity", "Quantity", numeric=True, hidden_on_phone=True),
        Column("total", "Total", numeric=True),
    )
    default_sort = "pk"
    search_label, search_fields = "Search lines", ("product", "subscription", "charge_type")
    search_placeholder = "Product, subscription or charge"

    @cached_property
    def microsoft_id(self) -> UUID | None:
        found: UUID | None = self.kwargs.get("microsoft_id")
        return found

    def get_rows(self) -> QuerySet[Any]:
        rows = lines_of_tenant(
            actor=self.actor,
            month=read_month(self.kwargs["month"]),
            microsoft_id=self.microsoft_id,
        )
        if not rows.exists():
            raise NotFound
        return rows.select_related("invoice").defer("raw", "invoice__raw")

    def list_context(self) -> dict[str, Any]:
        """Return the list under the tenant's name; an import makes every tenant known."""
        context = super().list_context()
        return context | {"title": self.tenant.name if self.tenant else UNNAMED}

    @cached_property
    def tenant(self) -> Tenant | None:
        if self.microsoft_id is None:
            return None
        found: Tenant | None = (
            Tenant.objects.visible_to(self.actor).filter(microsoft_id=self.microsoft_id).first()
        )
        return found

    def get_context(self) -> dict[str, Any]:
        month = read_month(self.kwargs["month"])
        owner = (
            owning_links(self.actor, month).filter(tenant=self.tenant).first()
            if self.tenant
            else None
        )
        return {
            "month": month,
            "month_key": write_month(month),
            "tenant": self.tenant,
            "owner": owner,
            "may_link": self.actor.may("tenants.link"),
        }
