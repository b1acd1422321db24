"""``reconciliations``: how each invoice comes out, per currency."""

from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from billing.invoices.amounts import plain
from billing.invoices.api import MonthText
from billing.invoices.filters import InvoiceFilter
from billing.invoices.models import Invoice
from billing.invoices.queries import invoices
from billing.reconciliation.queries import reconcile_invoices
from portal.web.api.views import Resource


@extend_schema_field({"type": "string", "format": "decimal"})
class AmountText(serializers.Field):
    """An exact amount as text, which no program reads as a float by mistake."""

    def to_representation(self, value: Decimal) -> str:
        return plain(value)


class ReconciliationSerializer(serializers.Serializer[Any]):
    """One invoice in one currency. ``difference`` is what nothing explains: zero, or a fault."""

    id = serializers.UUIDField(source="invoice_id")
    invoice = serializers.CharField()
    month = MonthText()
    currency = serializers.CharField()
    invoice_total = AmountText()
    assigned = AmountText()
    unassigned = AmountText()
    adjustments = AmountText()
    adjustment_kind = serializers.CharField()
    difference = AmountText()


class ReconciliationViewSet(Resource):
    """One row per published invoice and currency."""

    model = Invoice
    serializer_class = ReconciliationSerializer
    filterset_class = InvoiceFilter
    capabilities: ClassVar[dict[str, str]] = {"list": "reports.view"}
    orderings: ClassVar[dict[str, str]] = {
        "month": "month",
        "invoice": "number",
        "invoice_total": "total",
    }
    default_ordering = "-month"

    def get_queryset(self) -> QuerySet[Any]:  # type: ignore[override]
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return invoices(self.actor)

    @extend_schema(responses=ReconciliationSerializer(many=True))
    def list(self, request: Request) -> Response:
        """List invoices with what is assigned, unassigned and adjusted (2 queries a page)."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        parts = reconcile_invoices(self.actor, [invoice.pk for invoice in page])
        rows = [parts[invoice.pk] for invoice in page if invoice.pk in parts]
        return self.get_paginated_response(ReconciliationSerializer(rows, many=True).data)


ROUTES: list[tuple[str, type]] = [("reconciliations", ReconciliationViewSet)]
