"""``moves``: what would go along if a tenant moved; moving itself is ``tenants/{id}/move/``."""

from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from billing.invoices.api import MonthText
from billing.moving.queries import bills_of
from billing.moving.travel import decide, moved
from billing.reconciliation.api import AmountText
from organizations.linking.periods import FROM
from organizations.linking.queries import get_tenant
from portal.core.access import Actor
from portal.core.books import closed_until


class TravelSerializer(serializers.Serializer[Any]):
    """What the tenant has on one invoice, and why it stays ("" where it goes along)."""

    month = MonthText(source="bill.month")
    invoice = serializers.CharField(source="bill.invoice")
    currency = serializers.CharField(source="bill.currency")
    lines = serializers.IntegerField(source="bill.lines")
    total = AmountText(source="bill.total")
    organization = serializers.CharField(source="bill.owner")
    goes = serializers.BooleanField()
    stays = serializers.CharField()


class MovedSerializer(serializers.Serializer[Any]):
    """What goes along in one currency."""

    currency = serializers.CharField()
    lines = serializers.IntegerField()
    total = AmountText()


class MoveSerializer(serializers.Serializer[Any]):
    """What would go along, per currency, and every invoice of the tenant."""

    goes = MovedSerializer(many=True)
    invoices = TravelSerializer(many=True)


class MoveViewSet(ViewSet):
    """A look ahead at a move."""

    capabilities: ClassVar[dict[str, str]] = {"retrieve": "tenants.unlink"}
    lookup_value_regex = "[0-9a-f-]{36}"

    @property
    def actor(self) -> Actor:
        return self.request.user  # type: ignore[return-value]

    @extend_schema(
        responses=MoveSerializer,
        parameters=[
            OpenApiParameter("id", OpenApiTypes.UUID, OpenApiParameter.PATH),
            OpenApiParameter(FROM, OpenApiTypes.DATE),
        ],
    )
    def retrieve(self, request: Request, pk: Any) -> Response:
        """Return what moves along with a tenant from a day on, and what stays and why."""
        tenant = get_tenant(self.actor, pk)
        asked = serializers.DateField(required=False, allow_null=True)
        text = request.query_params.get(FROM)
        try:
            day = asked.run_validation(text) if text else None
        except serializers.ValidationError as error:
            raise serializers.ValidationError({FROM: error.detail}) from None
        bills = bills_of(tenant, actor=self.actor)
        travels = decide(bills, day=day, closed=closed_until(self.actor))
        return Response(MoveSerializer({"goes": moved(travels), "invoices": travels}).data)


ROUTES: list[tuple[str, type]] = [("moves", MoveViewSet)]
