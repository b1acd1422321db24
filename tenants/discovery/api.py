"""``discovery-runs``: asking for discoveries, following them, deciding what one holds back."""

from typing import Any, ClassVar

from django_filters import ChoiceFilter, FilterSet, UUIDFilter
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from portal.core.errors import InvalidInput
from portal.core.jobs.models import Job
from portal.core.rows import ScopedQuerySet
from portal.web.api.views import Resource
from tenants.connections.queries import connections
from tenants.discovery.models import DiscoveryRun, Source
from tenants.discovery.operations import mark_missing_anyway, request_discovery
from tenants.discovery.queries import runs
from tenants.discovery.serializers import DiscoveryRunSerializer


class DiscoveryRunFilter(FilterSet):
    """Filters named as the fields."""

    connection = UUIDFilter(field_name="connection_id")
    source = ChoiceFilter(choices=Source.choices)
    state = ChoiceFilter(field_name="job__state", choices=Job.State.choices)


class DiscoveryRunInput(serializers.Serializer[Any]):
    """Which connection to discover."""

    connection = serializers.UUIDField()


class MarkMissingInput(serializers.Serializer[Any]):
    """Why so many tenants really are gone."""

    reason = serializers.CharField(max_length=500)


class DiscoveryRunViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    """Runs of all connections, newest first."""

    model = DiscoveryRun
    serializer_class = DiscoveryRunSerializer
    filterset_class = DiscoveryRunFilter
    capabilities: ClassVar[dict[str, str]] = {
        "list": "discovery.view",
        "retrieve": "discovery.view",
        "create": "discovery.run",
        "mark_missing": "connections.manage",
    }
    orderings: ClassVar[dict[str, str]] = {"created_at": "created_at"}
    default_ordering = "-created_at"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return runs(self.actor)

    @extend_schema(request=DiscoveryRunInput, responses={202: DiscoveryRunSerializer})
    def create(self, request: Request) -> Response:
        """Ask for a discovery; 409 with the run under way when there is one."""
        given = DiscoveryRunInput(data=request.data)
        given.is_valid(raise_exception=True)
        row = connections(self.actor).filter(pk=given.validated_data["connection"]).first()
        if row is None:
            text = "There is no such connection."
            raise InvalidInput(text, fields={"connection": [text]})
        run = request_discovery(row, actor=self.actor)
        return Response(DiscoveryRunSerializer(run).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(request=MarkMissingInput, responses=DiscoveryRunSerializer)
    @action(detail=True, methods=["post"], url_path="mark-missing")
    def mark_missing(self, request: Request, pk: Any = None) -> Response:
        """Mark the tenants missing that this run held back."""
        given = MarkMissingInput(data=request.data)
        given.is_valid(raise_exception=True)
        run = mark_missing_anyway(self.get_object(), actor=self.actor, **given.validated_data)
        return Response(DiscoveryRunSerializer(run).data)


ROUTES: list[tuple[str, type]] = [("discovery-runs", DiscoveryRunViewSet)]
