"""``me``: who calls, and with which rights."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from portal.web.me.queries import own_membership


class MeSerializer(serializers.Serializer[Any]):
    """The caller."""

    email = serializers.EmailField()
    full_name = serializers.CharField()
    role = serializers.CharField()
    reseller = serializers.CharField(source="reseller.name")
    organization = serializers.UUIDField(source="organization_id", allow_null=True)
    capabilities = serializers.ListField(child=serializers.CharField())


class MeViewSet(ViewSet):
    """One object, so that a program can tell what its token may do."""

    capabilities: ClassVar[dict[str, str]] = {"list": "profile.view"}

    @extend_schema(responses=MeSerializer, operation_id="me")
    def list(self, request: Request) -> Response:
        actor: Any = request.user
        membership = own_membership(actor)
        membership.capabilities = sorted(actor.capabilities)  # type: ignore[attr-defined]
        return Response(MeSerializer(membership).data)


ROUTES: list[tuple[str, type]] = [("me", MeViewSet)]
