"""``members`` of the API."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from organizations.directory.serializers import StrictSerializer
from organizations.fields.owned import (
    NAME as CUSTOM_FIELDS,
)
from organizations.fields.owned import (
    OwnerActions,
    custom_fields_shown,
    custom_fields_taken,
    write_custom_fields,
)
from organizations.members.operations import invite_member, remove_member
from portal.core.access import Role
from portal.core.identity.models import Membership
from portal.web.api.views import Resource

CREATED, NO_CONTENT = 201, 204


class NewMember(StrictSerializer):
    """A role for the person with this address."""

    email = serializers.CharField()
    full_name = serializers.CharField(required=False, allow_blank=True, default="")
    role = serializers.ChoiceField(choices=Role.choices)
    organization = serializers.UUIDField(
        required=False,
        allow_null=True,
        default=None,
        help_text="For customer roles, and only for them.",
    )
    custom_fields = custom_fields_taken()


class MemberSerializer(serializers.ModelSerializer[Membership]):
    """Somebody's role."""

    organization = serializers.UUIDField(source="organization_id", allow_null=True)
    custom_fields = custom_fields_shown()

    class Meta:
        model = Membership
        fields = (
            "id",
            "email",
            "full_name",
            "role",
            "organization",
            "custom_fields",
            "created_at",
        )
        read_only_fields = fields


class MemberViewSet(OwnerActions, ListModelMixin, RetrieveModelMixin, Resource):
    """Who has which role. Nobody is e-mailed a password: new people set one themselves."""

    model = Membership
    serializer_class = MemberSerializer
    filterset_fields = ("role",)
    capabilities: ClassVar[dict[str, str]] = {
        "list": "members.view",
        "retrieve": "members.view",
        "create": "members.manage",
        "destroy": "members.manage",
        "custom_fields": "fields.fill",
    }
    orderings: ClassVar[dict[str, str]] = {"email": "email", "created_at": "created_at"}
    default_ordering = "email"

    @extend_schema(request=NewMember, responses={CREATED: MemberSerializer})
    def create(self, request: Request) -> Response:
        shape = NewMember(data=request.data)
        shape.is_valid(raise_exception=True)
        values = dict(shape.validated_data)
        custom_fields = values.pop(CUSTOM_FIELDS, None)
        row = invite_member(actor=self.actor, organization_id=values.pop("organization"), **values)
        write_custom_fields(row, custom_fields, actor=self.actor)
        return Response(self.get_serializer(row).data, status=CREATED)

    @extend_schema(responses={NO_CONTENT: None})
    def destroy(self, request: Request, pk: str) -> Response:
        remove_member(self.get_object(), actor=self.actor)
        return Response(status=NO_CONTENT)


ROUTES: list[tuple[str, type[Any]]] = [("members", MemberViewSet)]
