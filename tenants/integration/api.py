"""``connections/{id}/integration-tests``: asking for a run and following it."""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from portal.core.errors import NotFound
from portal.core.rows import ScopedQuerySet
from portal.web.api.views import Resource
from tenants.connections.models import Connection
from tenants.connections.queries import connections
from tenants.integration.models import IntegrationTest
from tenants.integration.operations import request_test
from tenants.integration.queries import integration_tests, with_steps
from tenants.integration.serializers import (
    IntegrationTestSerializer,
    WholeIntegrationTestSerializer,
)

CONNECTION = OpenApiParameter("connection_id", OpenApiTypes.UUID, OpenApiParameter.PATH)


class IntegrationTestInput(serializers.Serializer[Any]):
    """What is declared of the account."""

    is_sandbox = serializers.BooleanField(
        required=False,
        default=False,
        help_text="The account is an integration sandbox: make a customer in it and delete it.",
    )


@extend_schema_view(list=extend_schema(parameters=[CONNECTION]))
class IntegrationTestViewSet(ListModelMixin, Resource):
    """Runs of one connection, newest first; one run by its id comes with its steps."""

    model = IntegrationTest
    serializer_class = IntegrationTestSerializer
    route_name = "integration-tests"
    capabilities: ClassVar[dict[str, str]] = {
        "list": "connections.view",
        "retrieve": "connections.view",
        "create": "connections.manage",
    }
    orderings: ClassVar[dict[str, str]] = {"created_at": "created_at"}
    default_ordering = "-created_at"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return integration_tests(self.actor, connection=self.connection())

    def connection(self) -> Connection:
        """Return the connection in the address, or `NotFound`."""
        try:
            wanted = UUID(str(self.kwargs["connection_id"]))
        except ValueError:
            raise NotFound from None
        row: Connection = connections(self.actor).get_visible(self.actor, pk=wanted)
        return row

    @extend_schema(parameters=[CONNECTION], responses=WholeIntegrationTestSerializer)
    def retrieve(self, request: Request, connection_id: str, pk: Any = None) -> Response:
        """Answer a run with its steps."""
        return Response(WholeIntegrationTestSerializer(with_steps(self.get_object())).data)

    @extend_schema(
        parameters=[CONNECTION],
        request=IntegrationTestInput,
        responses={202: WholeIntegrationTestSerializer},
    )
    def create(self, request: Request, connection_id: str) -> Response:
        """Ask for a run; 409 with the one under way when there is one."""
        given = IntegrationTestInput(data=request.data)
        given.is_valid(raise_exception=True)
        test = request_test(self.connection(), actor=self.actor, **given.validated_data)
        body = WholeIntegrationTestSerializer(with_steps(test)).data
        return Response(body, status=status.HTTP_202_ACCEPTED)


ROUTES: list[tuple[str, type]] = [
    ("connections/(?P<connection_id>[0-9a-fA-F-]{36})/integration-tests", IntegrationTestViewSet)
]
