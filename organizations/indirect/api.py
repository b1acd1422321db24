"""``indirect-resellers``: whom a provider sells through, and which organization each of them is."""

from typing import Any, ClassVar

import django_filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from organizations.directory.serializers import OrganizationSerializer
from organizations.indirect.operations import (
    NEEDS,
    create_from_indirect_reseller,
    link_indirect_reseller,
    refresh_indirect_resellers,
)
from organizations.indirect.queries import attach_standings, listed_resellers
from organizations.indirect.serializers import (
    CreateResellerRequest,
    IndirectResellerSerializer,
    LinkResellerRequest,
)
from organizations.linking.api import LinkingResource, ordering
from organizations.linking.filters import organization_named
from portal.core.errors import NotFound
from portal.core.rows import ScopedQuerySet
from portal.web.api.views import Resource
from tenants.connections.models import Connection
from tenants.connections.queries import connections
from tenants.indirect.models import IndirectReseller


class IndirectResellerFilter(django_filters.FilterSet):
    """Filters of the API's indirect resellers."""

    connection = django_filters.UUIDFilter(field_name="connection_id")
    mpn_id = django_filters.CharFilter()

    class Meta:
        model = IndirectReseller
        fields = ("connection", "mpn_id")


@extend_schema_view(list=extend_schema(parameters=[ordering("name", "mpn_id")]))
class IndirectResellerViewSet(LinkingResource):
    """Indirect resellers as Partner Center last listed them."""

    model = IndirectReseller
    serializer_class = IndirectResellerSerializer
    filterset_class = IndirectResellerFilter
    capabilities: ClassVar[dict[str, str]] = {
        "list": "connections.view",
        "retrieve": "connections.view",
        "link": NEEDS,
        "create_organization": NEEDS,
    }
    orderings: ClassVar[dict[str, str]] = {"name": "name", "mpn_id": "mpn_id"}
    default_ordering = "name"

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return listed_resellers(self.actor)

    def get_object(self) -> IndirectReseller:
        row: IndirectReseller = super().get_object()
        attach_standings([row], actor=self.actor)
        return row

    def paginate_queryset(self, queryset: Any) -> list[Any] | None:
        found = super().paginate_queryset(queryset)
        attach_standings(found or [], actor=self.actor)
        return found

    @extend_schema(request=LinkResellerRequest, responses=IndirectResellerSerializer)
    @action(detail=True, methods=["post"])
    def link(self, request: Request, pk: Any = None) -> Response:
        """Say which sub-reseller it is; the same again changes nothing."""
        asked = LinkResellerRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        row = self.get_object()
        organization = organization_named(asked.validated_data["organization"], actor=self.actor)
        if organization is None:
            raise NotFound("There is no such organization.")
        link_indirect_reseller(row, organization, actor=self.actor)
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=CreateResellerRequest, responses={201: OrganizationSerializer})
    @action(detail=True, methods=["post"], url_path="create-organization")
    def create_organization(self, request: Request, pk: Any = None) -> Response:
        """Create a sub-reseller out of it; the answer is the organization."""
        asked = CreateResellerRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        values = dict(asked.validated_data)
        anyway = values.pop("create_anyway")
        made = create_from_indirect_reseller(
            self.get_object(), actor=self.actor, values=values, create_anyway=anyway
        )
        shown = OrganizationSerializer(made, context=self.get_serializer_context())
        return Response(shown.data, status=201)


class ReadResellersViewSet(Resource):
    """Asking Partner Center for the indirect resellers of a connection."""

    model = Connection
    route_name = "connection-indirect-resellers"
    serializer_class = IndirectResellerSerializer
    capabilities: ClassVar[dict[str, str]] = {"read_indirect_resellers": "discovery.run"}

    def get_queryset(self) -> ScopedQuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return connections(self.actor)

    @extend_schema(request=None, responses={202: None})
    @action(detail=True, methods=["post"], url_path="read-indirect-resellers")
    def read_indirect_resellers(self, request: Request, pk: Any = None) -> Response:
        """Ask for the list to be read now; 409 ``direct_connection`` where there is none."""
        refresh_indirect_resellers(self.get_object(), actor=self.actor)
        return Response(status=202)


ROUTES: list[tuple[str, type]] = [
    ("indirect-resellers", IndirectResellerViewSet),
    ("connections", ReadResellersViewSet),
]
