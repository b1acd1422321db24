"""``invoices``: Microsoft's invoices, their lines, and asking for an import."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from billing.invoices.filters import InvoiceFilter, LineFilter
from billing.invoices.models import Invoice, InvoiceLine
from billing.invoices.months import read_month, write_month
from billing.invoices.operations import import_invoices
from billing.invoices.queries import invoice_versions, invoices, lines_of
from billing.reports.exports import export_invoice_lines
from portal.core.errors import InvalidInput
from portal.web.api.exported import AS_PARAMETER, EXPORTED
from portal.web.api.views import Resource
from portal.web.exports import format_asked
from portal.web.jobs.api import JobSerializer
from tenants.connections.queries import connections


@extend_schema_field({"type": "string", "pattern": r"^\d{4}-\d{2}$"})
class MonthText(serializers.Field):
    """A month as 2026-05."""

    def to_representation(self, value: Any) -> str:
        return write_month(value)

    def to_internal_value(self, data: Any) -> Any:
        try:
            return read_month(str(data))
        except InvalidInput as error:
            raise serializers.ValidationError(error.detail) from None


class InvoiceSerializer(serializers.ModelSerializer[Invoice]):
    """An invoice with the sums of its lines and what is on no line."""

    month = MonthText(read_only=True)

    class Meta:
        model = Invoice
        fields = (
            "id",
            "number",
            "version",
            "state",
            "month",
            "connection",
            "invoice_type",
            "document_type",
            "invoice_date",
            "period_start",
            "period_end",
            "currency",
            "total",
            "lines",
            "subtotal",
            "tax",
            "lines_total",
            "adjustment",
            "adjustment_kind",
            "published_at",
        )
        read_only_fields = fields


class InvoiceLineSerializer(serializers.ModelSerializer[InvoiceLine]):
    """One line. ``tenant`` is the Microsoft id, null when the line names none."""

    tenant = serializers.UUIDField(source="microsoft_id", allow_null=True, read_only=True)

    class Meta:
        model = InvoiceLine
        fields = (
            "number",
            "tenant",
            "customer_name",
            "customer_domain",
            "subscription",
            "product",
            "sku",
            "charge_type",
            "quantity",
            "unit_price",
            "subtotal",
            "tax",
            "total",
            "currency",
            "charge_start",
            "charge_end",
            "provider",
        )
        read_only_fields = fields


class ImportSerializer(serializers.Serializer[Any]):
    """What to import: a connection's month, or without one all months Partner Center lists."""

    connection = serializers.UUIDField()
    month = MonthText(required=False, allow_null=True, default=None)


class InvoiceViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    """Published invoices. A replaced version stays readable under its own id."""

    model = Invoice
    serializer_class = InvoiceSerializer
    filterset_class = InvoiceFilter
    capabilities: ClassVar[dict[str, str]] = {
        "list": "invoices.view",
        "retrieve": "invoices.view",
        "lines": "invoices.view",
        "create": "invoices.import",
        "export": "reports.export",
    }
    orderings: ClassVar[dict[str, str]] = {"month": "month", "number": "number", "total": "total"}
    default_ordering = "-month"

    def get_queryset(self) -> QuerySet[Any]:  # type: ignore[override]
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        published = self.action in ("list", "export")
        return invoices(self.actor) if published else invoice_versions(self.actor)

    @extend_schema(request=ImportSerializer, responses={202: JobSerializer})
    def create(self, request: Request) -> Response:
        """Ask for a month's invoices to be imported; answers the job that does it."""
        asked = ImportSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        source = connections(self.actor).get_visible(
            self.actor, pk=asked.validated_data["connection"]
        )
        job = import_invoices(source, actor=self.actor, month=asked.validated_data["month"])
        return Response(JobSerializer(job).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(responses=EXPORTED, parameters=[AS_PARAMETER], filters=False)
    @action(detail=True, methods=["get"])
    def export(self, request: Request, pk: Any = None) -> HttpResponseBase:
        """Stream every line of a published invoice as CSV or XLSX."""
        asked = format_asked(request)
        return export_invoice_lines(self.actor, self.get_object(), as_format=asked)

    @extend_schema(
        responses=InvoiceLineSerializer(many=True),
        parameters=[
            OpenApiParameter("charge_type", OpenApiTypes.STR),
            OpenApiParameter("tenant", OpenApiTypes.UUID),
            OpenApiParameter("unassigned", OpenApiTypes.BOOL),
            OpenApiParameter("search", OpenApiTypes.STR),
        ],
        filters=False,
    )
    @action(
        detail=True,
        methods=["get"],
        orderings={"number": "number"},
        default_ordering="number",
    )
    def lines(self, request: Request, pk: Any = None) -> Response:
        """List an invoice's lines in Microsoft's order."""
        invoice = self.get_object()
        asked = LineFilter(
            request.query_params,
            queryset=lines_of(invoice, actor=self.actor),
            invoice=invoice,
            actor=self.actor,
        )
        if not asked.is_valid():
            raise serializers.ValidationError(asked.errors)
        page = self.paginate_queryset(asked.qs)
        return self.get_paginated_response(InvoiceLineSerializer(page, many=True).data)


ROUTES: list[tuple[str, type]] = [("invoices", InvoiceViewSet)]
