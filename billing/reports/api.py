"""``reports``: months, one month's report, and its export."""

from typing import Any, ClassVar

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from billing.closing.models import ClosedMonth
from billing.closing.operations import close_month, reopen_month
from billing.closing.queries import books_of
from billing.closing.serializers import CloseRequest, ClosingSerializer, MonthReopenRequest
from billing.invoices.api import MonthText
from billing.invoices.months import read_month
from billing.reconciliation.api import AmountText, ReconciliationSerializer
from billing.reports.exports import export_report
from billing.reports.partners import statement_of
from billing.reports.queries import month_report, months, organizations_of, unassigned_of
from portal.core.access import Actor
from portal.web.api.exported import AS_PARAMETER, EXPORTED
from portal.web.exports import format_asked

EVERY_MONTH = 1_200
MONTH = OpenApiParameter("month", OpenApiTypes.STR, OpenApiParameter.PATH)


class MonthTotalSerializer(serializers.Serializer[Any]):
    """One month in one currency."""

    month = MonthText()
    currency = serializers.CharField()
    invoices = serializers.IntegerField()
    lines = serializers.IntegerField()
    invoice_total = AmountText()
    assigned = AmountText()
    unassigned = AmountText()
    adjustments = AmountText()
    difference = AmountText()
    is_complete = serializers.BooleanField()


class CurrencyTotalSerializer(serializers.Serializer[Any]):
    """All invoices of the month in one currency."""

    currency = serializers.CharField()
    invoices = serializers.IntegerField()
    invoice_total = AmountText()
    assigned = AmountText()
    unassigned = AmountText()
    adjustments = AmountText()
    difference = AmountText()


class OrganizationLineSerializer(serializers.Serializer[Any]):
    """What an organization has in the month, in one currency."""

    organization = serializers.UUIDField(source="organization_id")
    number = serializers.CharField()
    name = serializers.CharField()
    tenants = serializers.IntegerField()
    currency = serializers.CharField()
    lines = serializers.IntegerField()
    subtotal = AmountText()
    tax = AmountText()
    total = AmountText()


class TenantLineSerializer(serializers.Serializer[Any]):
    """What a tenant has in the month; without ids, the lines that name no tenant."""

    tenant = serializers.UUIDField(source="tenant_id", allow_null=True)
    microsoft_id = serializers.UUIDField(allow_null=True)
    name = serializers.CharField()
    domain = serializers.CharField()
    currency = serializers.CharField()
    lines = serializers.IntegerField()
    subtotal = AmountText()
    tax = AmountText()
    total = AmountText()


class MonthListSerializer(serializers.Serializer[Any]):
    """The months, newest first, in one answer."""

    results = MonthTotalSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class MonthReportSerializer(serializers.Serializer[Any]):
    """A month's report. Per currency, organizations + unassigned + adjustments = invoices."""

    month = MonthText()
    is_complete = serializers.BooleanField()
    is_closed = serializers.BooleanField()
    closings = ClosingSerializer(many=True)
    totals = CurrencyTotalSerializer(many=True)
    invoices = ReconciliationSerializer(many=True)
    organizations = OrganizationLineSerializer(many=True)
    unassigned = TenantLineSerializer(many=True)


class PartnerLineSerializer(serializers.Serializer[Any]):
    """What was sold through one sub-reseller; without ``mpn_id``, direct or an adjustment."""

    kind = serializers.CharField(help_text="direct, indirect or adjustment.")
    connection = serializers.UUIDField(source="connection_id")
    mpn_id = serializers.CharField()
    organization = serializers.UUIDField(source="organization_id", allow_null=True)
    number = serializers.CharField()
    name = serializers.CharField()
    currency = serializers.CharField()
    lines = serializers.IntegerField()
    subtotal = AmountText()
    tax = AmountText()
    total = AmountText()


class PartnerStatementSerializer(serializers.Serializer[Any]):
    """Per connection and currency, the totals together are Microsoft's invoices."""

    month = MonthText()
    resellers = PartnerLineSerializer(many=True)


class ReportViewSet(ViewSet):
    """The month, per organization and in Unassigned."""

    model = ClosedMonth
    lookup_field = "month"
    lookup_value_regex = "[^/.]+"
    capabilities: ClassVar[dict[str, str]] = {
        "list": "reports.view",
        "retrieve": "reports.view",
        "export": "reports.export",
        "resellers": "reports.view",
        "close": "months.close",
        "reopen": "months.close",
    }

    @property
    def actor(self) -> Actor:
        return self.request.user  # type: ignore[return-value]

    @extend_schema(responses=MonthListSerializer)
    def list(self, request: Request) -> Response:
        """List the months that have invoices, per currency."""
        rows = MonthTotalSerializer(months(self.actor, limit=EVERY_MONTH), many=True).data
        return Response({"next": None, "previous": None, "results": rows})

    @extend_schema(
        responses=MonthReportSerializer,
        parameters=[MONTH],
    )
    def retrieve(self, request: Request, month: str) -> Response:
        """Return one month's report, whole."""
        day = read_month(month)
        report = month_report(self.actor, day)
        books = books_of(self.actor, day)
        body = {
            "month": report.month,
            "is_complete": report.is_complete,
            "is_closed": books.is_closed,
            "closings": books.versions,
            "totals": report.totals,
            "invoices": report.invoices,
            "organizations": organizations_of(self.actor, day).lines,
            "unassigned": unassigned_of(self.actor, day).lines,
        }
        return Response(MonthReportSerializer(body).data)

    @extend_schema(
        responses=EXPORTED,
        parameters=[MONTH, AS_PARAMETER],
    )
    @action(detail=True, methods=["get"])
    def export(self, request: Request, month: str) -> HttpResponseBase:
        """Stream one month's report as CSV or XLSX."""
        asked = format_asked(request)
        return export_report(self.actor, read_month(month), as_format=asked)

    @extend_schema(responses=PartnerStatementSerializer, parameters=[MONTH])
    @action(detail=True, methods=["get"])
    def resellers(self, request: Request, month: str) -> Response:
        """Return what was sold through each sub-reseller in one month, and what was sold direct."""
        day = read_month(month)
        lines = statement_of(self.actor, day)
        return Response(PartnerStatementSerializer({"month": day, "resellers": lines}).data)

    @extend_schema(request=CloseRequest, responses=ClosingSerializer, parameters=[MONTH])
    @action(detail=True, methods=["post"])
    def close(self, request: Request, month: str) -> Response:
        """Close the month: from now on whose its money is stays as it is."""
        asked = CloseRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        closing = close_month(read_month(month), actor=self.actor, **asked.validated_data)
        return Response(ClosingSerializer(closing).data)

    @extend_schema(request=MonthReopenRequest, responses=ClosingSerializer, parameters=[MONTH])
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, month: str) -> Response:
        """Open the month that was closed last; its closing stays as a version."""
        asked = MonthReopenRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        closing = reopen_month(read_month(month), actor=self.actor, **asked.validated_data)
        return Response(ClosingSerializer(closing).data)


ROUTES: list[tuple[str, type]] = [("reports", ReportViewSet)]
