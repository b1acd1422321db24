"""``custom-fields`` of the API: which fields accounts, organizations and users have besides."""

from typing import Any, ClassVar

import django_filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from organizations.directory.serializers import StrictSerializer, optional_text
from organizations.fields.models import EditedBy, Entity, FieldDefinition, Kind, SeenBy, Source
from organizations.fields.operations import change_field, create_field, remove_field
from portal.core.errors import InvalidInput
from portal.web.api.strict import read_input
from portal.web.api.views import Resource

CREATED, NO_CONTENT = 201, 204
WITH_VALUES = "with_values"


class FieldChanges(StrictSerializer):
    """Changes of a field; what is absent stays."""

    label = optional_text("As pages call it.")  # type: ignore[assignment]
    help = optional_text("Shown beneath the field on forms.")
    kind = serializers.ChoiceField(choices=Kind.choices, required=False)
    choices = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Of the kind ``choice`` only."
    )
    default = optional_text("What it holds while nobody has said anything else.")
    group = optional_text("The folder it is shown in.")
    position = serializers.IntegerField(
        required=False, min_value=1, max_value=1_000, help_text="Its place in the group, from 1."
    )
    seen_by = serializers.ChoiceField(choices=SeenBy.choices, required=False)
    edited_by = serializers.ChoiceField(choices=EditedBy.choices, required=False)


class NewField(FieldChanges):
    """A new field; without a position it becomes the last of its group."""

    entity = serializers.ChoiceField(choices=Entity.choices)
    key = optional_text("As the API and files call it; without one the label gives it.")
    label = serializers.CharField(help_text="As pages call it.")


class FieldSerializer(serializers.ModelSerializer[FieldDefinition]):
    """A custom field. ``connection``: whose services need it; null for your own."""

    choices = serializers.ListField(child=serializers.CharField())
    connection = serializers.UUIDField(source="connection_id", allow_null=True)

    class Meta:
        model = FieldDefinition
        fields = (
            "id",
            "entity",
            "key",
            "label",
            "help",
            "kind",
            "choices",
            "default",
            "group",
            "position",
            "seen_by",
            "edited_by",
            "source",
            "connection",
            "vendor_key",
            "created_at",
            "changed_at",
        )
        read_only_fields = fields


class FieldFilter(django_filters.FilterSet):
    """Filters of the API's custom fields."""

    entity = django_filters.ChoiceFilter(choices=Entity.choices)
    source = django_filters.ChoiceFilter(choices=Source.choices)
    connection = django_filters.UUIDFilter(field_name="connection_id", label="Id of a connection")

    class Meta:
        model = FieldDefinition
        fields = ("entity", "source", "connection")


class FieldViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    """The custom fields of accounts, organizations and users; what they hold is with their owners.

    A vendor's fields are renamed, grouped and ordered like your own; they cannot be removed.
    """

    model = FieldDefinition
    serializer_class = FieldSerializer
    filterset_class = FieldFilter
    capabilities: ClassVar[dict[str, str]] = {
        "list": "fields.view",
        "retrieve": "fields.view",
        "create": "fields.manage",
        "partial_update": "fields.manage",
        "destroy": "fields.manage",
    }
    orderings: ClassVar[dict[str, str]] = {
        "group": "group",
        "position": "position",
        "label": "label",
        "key": "key",
    }
    default_ordering = "key"

    @extend_schema(request=NewField, responses={CREATED: FieldSerializer})
    def create(self, request: Request) -> Response:
        values = read_input(NewField, request)
        position = values.pop("position", None)
        row = create_field(actor=self.actor, **values)
        if position is not None:
            row = change_field(row, actor=self.actor, changes={"position": position})
        return Response(FieldSerializer(row).data, status=CREATED)

    @extend_schema(request=FieldChanges, responses=FieldSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        row: FieldDefinition = self.get_object()
        changed = change_field(row, actor=self.actor, changes=read_input(FieldChanges, request))
        return Response(FieldSerializer(changed).data)

    @extend_schema(
        responses={NO_CONTENT: None},
        parameters=[
            OpenApiParameter(
                WITH_VALUES,
                OpenApiTypes.BOOL,
                description="Remove it although owners have something in it; that goes too.",
            )
        ],
    )
    def destroy(self, request: Request, pk: str) -> Response:
        said = request.query_params.get(WITH_VALUES, "false")
        if said not in ("true", "false"):
            raise InvalidInput(
                "Some fields are not valid.", fields={WITH_VALUES: ["Use one of: true, false."]}
            )
        remove_field(self.get_object(), actor=self.actor, with_values=said == "true")
        return Response(status=NO_CONTENT)


ROUTES: list[tuple[str, type[Any]]] = [("custom-fields", FieldViewSet)]
