"""What lists of invoices and of their lines can be narrowed by, on pages and in the API alike."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django_filters import BooleanFilter, CharFilter, ChoiceFilter, Filter, FilterSet, UUIDFilter

from billing.invoices.models import Invoice, InvoiceLine
from billing.invoices.months import read_month
from billing.invoices.unassigned import only_found, only_unassigned
from portal.core.access import Actor
from portal.core.errors import InvalidInput


class MonthField(forms.CharField):
    """Takes 2026-05 and gives the first day of that month."""

    def clean(self, value: Any) -> date | None:
        text = super().clean(value)
        try:
            return read_month(text) if text else None
        except InvalidInput as error:
            # As a parameter: django-filter formats messages, and what was typed may hold a %.
            raise forms.ValidationError("%(detail)s", params={"detail": error.detail}) from None


class MonthFilter(Filter):
    field_class = MonthField


class InvoiceFilter(FilterSet):
    """Invoices by month, number, kind, currency and connection."""

    month = MonthFilter(label="Month (YYYY-MM)")
    number = CharFilter(label="Number")
    invoice_type = CharFilter(label="Type", lookup_expr="iexact")
    currency = CharFilter(label="Currency", lookup_expr="iexact")
    connection = UUIDFilter(label="Connection", field_name="connection_id")
    search = CharFilter(label="Search", method="find")

    class Meta:
        model = Invoice
        fields = ("month", "number", "invoice_type", "currency", "connection")

    def find(self, rows: QuerySet[Invoice], _name: str, text: str) -> QuerySet[Invoice]:
        return rows.filter(
            Q(number__icontains=text.strip()) | Q(connection__name__icontains=text.strip())
        )


class LineFilter(FilterSet):
    """Lines of one invoice by charge type, tenant, customer, and whether they are unassigned."""

    charge_type = CharFilter(label="Charge type")
    tenant = UUIDFilter(label="Tenant (Microsoft ID)", field_name="microsoft_id")
    unassigned = BooleanFilter(label="Unassigned", method="assign")
    search = CharFilter(label="Search", method="find")

    class Meta:
        model = InvoiceLine
        fields = ("charge_type", "tenant")

    def __init__(self, *args: Any, invoice: Invoice, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invoice, self.actor = invoice, actor

    def assign(self, rows: Any, _name: str, unassigned: bool) -> Any:
        return only_unassigned(rows, self.invoice, actor=self.actor, unassigned=unassigned)

    def find(self, rows: Any, _name: str, text: str) -> Any:
        return only_found(rows, self.invoice, actor=self.actor, text=text)


class InvoicePageFilter(FilterSet):
    """The filters of the page; its search is the list's own."""

    month = MonthFilter(label="Month (YYYY-MM)")
    currency = CharFilter(label="Currency", lookup_expr="iexact")

    class Meta:
        model = Invoice
        fields = ("month", "currency")


class LinePageFilter(FilterSet):
    """Lines by the charge types their invoice has."""

    charge_type = ChoiceFilter(label="Charge type")

    class Meta:
        model = InvoiceLine
        fields = ("charge_type",)

    def __init__(self, *args: Any, charge_types: Mapping[str, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(name, f"{name or 'none'} ({count:,})") for name, count in charge_types.items()]
        self.filters["charge_type"].extra["choices"] = choices
