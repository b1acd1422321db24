"""``find``: what the one search field finds, for programs."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from portal.core.access import Actor
from portal.web.finding.queries import find, tidy


class FoundSerializer(serializers.Serializer[Any]):
    """One thing and the address of its page."""

    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    detail = serializers.CharField()
    url = serializers.CharField()


class FindViewSet(ViewSet):
    """The first few of each kind that the words fit, best first."""

    capabilities: ClassVar[dict[str, str]] = {"list": "start.view"}

    @extend_schema(
        parameters=[OpenApiParameter("q", str, description="Two letters or more.")],
        responses=FoundSerializer(many=True),
        operation_id="find",
    )
    def list(self, request: Request) -> Response:
        actor: Actor = request.user  # type: ignore[assignment]
        groups = find(actor, tidy(request.query_params.get("q", "")))
        results = [
            {"kind": group.kind, "label": found.label, "detail": found.detail, "url": found.url}
            for group in groups
            for found in group.found
        ]
        return Response({"results": results, "next": None, "previous": None})


ROUTES: list[tuple[str, type[Any]]] = [("find", FindViewSet)]
"""Where it is found below the API."""
