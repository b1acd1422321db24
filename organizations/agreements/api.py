"""``tenants/{id}/agreement``: what was said to Microsoft of a customer's agreement."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from organizations.agreements.operations import NEEDS, confirm_agreement
from organizations.agreements.queries import confirmations
from organizations.agreements.serializers import (
    AgreementConfirmationSerializer,
    AgreementsSerializer,
)
from organizations.provisioning.asking import Agreed
from organizations.provisioning.serializers import AgreedRequest
from portal.web.api.views import Resource
from tenants.discovery.models import Tenant

SHOWN = 100


class TenantAgreementViewSet(Resource):
    """The customer agreement of a tenant."""

    model = Tenant
    route_name = "tenant-agreement"
    serializer_class = AgreementsSerializer
    capabilities: ClassVar[dict[str, str]] = {"agreement": "jobs.view", "say": NEEDS}

    @extend_schema(responses=AgreementsSerializer)
    @action(detail=True, methods=["get"])
    def agreement(self, request: Request, pk: Any = None) -> Response:
        """Return what was said, newest first."""
        rows = confirmations(self.get_object(), actor=self.actor)[:SHOWN]
        return Response(AgreementsSerializer({"results": rows}).data)

    @extend_schema(request=AgreedRequest, responses={202: AgreementConfirmationSerializer})
    @agreement.mapping.post
    def say(self, request: Request, pk: Any = None) -> Response:
        """Say who agreed and when; a worker tells Microsoft. The same again is the same."""
        asked = AgreedRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        row = confirm_agreement(
            self.get_object(), actor=self.actor, agreed=Agreed(**asked.validated_data)
        )
        return Response(AgreementConfirmationSerializer(row).data, status=202)


ROUTES: list[tuple[str, type]] = [("tenants", TenantAgreementViewSet)]
