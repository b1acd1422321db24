"""Merging in the API: an action of ``organizations``, with a preview beside it."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from organizations.directory.models import Organization
from organizations.directory.queries import get_organization
from organizations.directory.serializers import OrganizationSerializer
from organizations.merging.operations import REASON_LENGTH, merge_organizations
from organizations.merging.queries import FILLABLE, preview_merge
from portal.core.access import Actor
from portal.core.errors import InvalidInput, NotFound
from portal.web.api.strict import StrictSerializer, read_input


class MergePreviewRequest(StrictSerializer):
    """Into which organization."""

    into = serializers.UUIDField()


class MergeRequest(MergePreviewRequest):
    """Into which organization, why, and which gaps of that one are filled."""

    reason = serializers.CharField(max_length=REASON_LENGTH)
    fill = serializers.MultipleChoiceField(
        choices=FILLABLE,
        required=False,
        default=set,
        help_text="Fields to take over where only the merged organization has them.",
    )


class MovingAmount(serializers.Serializer[Any]):
    """What Microsoft last billed for the tenants that move, in one currency."""

    currency = serializers.CharField()
    amount = serializers.DecimalField(max_digits=26, decimal_places=6)


class FieldDifference(serializers.Serializer[Any]):
    """A field in which the two differ; ``is_gap``: it can be taken over."""

    name = serializers.CharField()
    of_source = serializers.CharField()
    of_target = serializers.CharField()
    is_gap = serializers.BooleanField()


class MergePreviewSerializer(serializers.Serializer[Any]):
    """What merging would do; ``refusal`` says why it cannot."""

    source = serializers.UUIDField(source="source.pk")  # type: ignore[assignment]
    target = serializers.UUIDField(source="target.pk")
    refusal = serializers.CharField()
    links = serializers.IntegerField()
    ended_links = serializers.IntegerField()
    accounts = serializers.IntegerField()
    members = serializers.IntegerField()
    doubled = serializers.IntegerField()
    children = serializers.IntegerField()
    money = MovingAmount(many=True)
    closed_until = serializers.DateField(
        allow_null=True, help_text="The first open day; what lies before stays as it is."
    )
    differences = FieldDifference(many=True)


class MergingActions:
    """Actions of the organizations' viewset, which gives the organization and the actor."""

    actor: Actor
    get_object: Any
    get_serializer: Any

    @extend_schema(request=MergePreviewRequest, responses=MergePreviewSerializer)
    @action(detail=True, methods=["post"], url_path="merge-preview")
    def merge_preview(self, request: Request, pk: Any = None) -> Response:
        """Say what merging the organization into another would do; nothing changes."""
        source = get_organization(self.actor, self.get_object().pk)
        into = self._other(read_input(MergePreviewRequest, request)["into"])
        preview = preview_merge(source, actor=self.actor, into=into)
        return Response(MergePreviewSerializer(preview).data)

    @extend_schema(request=MergeRequest, responses=OrganizationSerializer)
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, pk: Any = None) -> Response:
        """Merge the organization into another for good; answers that one."""
        values = read_input(MergeRequest, request)
        target = merge_organizations(
            self.get_object(), actor=self.actor, into=self._other(values.pop("into")), **values
        )
        return Response(self.get_serializer(target).data)

    def _other(self, organization_id: UUID) -> Organization:
        """Return the organization ``into`` names."""
        try:
            return get_organization(self.actor, organization_id)
        except NotFound:
            said = "There is no organization with this id."
            raise InvalidInput(said, fields={"into": [said]}) from None
