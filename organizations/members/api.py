"""``members``: who has which role."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from organizations.directory.queries import get_organization
from portal.core.access import Role
from portal.core.identity.models import Membership, Reseller
from portal.core.identity.operations import add_member, remove_member
from portal.web.api.views import Resource


class MemberSerializer(serializers.ModelSerializer[Membership]):
    """A role somebody has."""

    organization = serializers.UUIDField(source="organization_id", allow_null=True)

    class Meta:
        model = Membership
        fields = ("id", "email", "full_name", "role", "organization", "created_at")
        read_only_fields = fields


class MemberInput(serializers.Serializer[Any]):
    """Who gets which role; ``organization`` for customer roles only."""

    email = serializers.EmailField()
    full_name = serializers.CharField(max_length=200)
    role = serializers.ChoiceField(choices=Role.choices)
    organization = serializers.UUIDField(required=False, allow_null=True, default=None)


class MemberViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    """People of the reseller and of its customers."""

    model = Membership
    serializer_class = MemberSerializer
    filterset_fields = ("role", "email")
    capabilities: ClassVar[dict[str, str]] = {
        "list": "members.view",
        "retrieve": "members.view",
        "create": "members.manage",
        "destroy": "members.manage",
    }
    orderings: ClassVar[dict[str, str]] = {"email": "email", "created_at": "created_at"}
    default_ordering = "email"

    @extend_schema(request=MemberInput, responses={201: MemberSerializer})
    def create(self, request: Request) -> Response:
        """Give somebody a role."""
        given = MemberInput(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        wanted = values["organization"]
        organization = get_organization(self.actor, wanted) if wanted else None
        row = add_member(
            Reseller.objects.get(pk=self.actor.reseller_id),
            actor=self.actor,
            email=values["email"],
            full_name=values["full_name"],
            role=Role(values["role"]),
            organization_id=organization.pk if organization else None,
        )
        return Response(MemberSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Take a role away; sessions and tokens of it stop working at once."""
        remove_member(self.get_object(), actor=self.actor)
        return Response(status=status.HTTP_204_NO_CONTENT)


ROUTES: list[tuple[str, type]] = [("members", MemberViewSet)]
