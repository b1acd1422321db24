"""Custom fields in the API of those who own them: read with every owner, written by key.

What is wrong with one is said of ``custom_fields.KEY``, so that a field called ``name`` is never
taken for the owner's own.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from organizations.fields.models import VALUE_LENGTH
from organizations.fields.queries import Owner, attach_custom_fields
from organizations.fields.setting import set_values
from portal.core.access import Actor
from portal.core.errors import PortalError

NAME = "custom_fields"


def custom_fields_shown() -> serializers.DictField:
    """Return the field of an answer: what the owner's custom fields hold, by key."""
    return serializers.DictField(
        child=serializers.CharField(),
        read_only=True,
        help_text="What the custom fields hold that you may see, by key; see custom-fields.",
    )


def custom_fields_taken(*, required: bool = False) -> serializers.DictField:
    """Return the field of a request: texts by key; what is absent stays, "" empties."""
    return serializers.DictField(
        child=serializers.CharField(allow_blank=True, max_length=4 * VALUE_LENGTH),
        required=required,
        help_text="Texts by key; what is absent stays, an empty text empties the field.",
    )


def write_custom_fields(owner: Owner, values: Mapping[str, str] | None, *, actor: Actor) -> None:
    """Set what a request says of custom fields, if it says anything.

    Raises:
        PortalError: as `set_values`, of ``custom_fields.KEY``.
    """
    with _named_apart():
        set_values(owner, actor=actor, values=values or {})


@contextmanager
def _named_apart() -> Iterator[None]:
    try:
        yield
    except PortalError as error:
        error.fields = {f"{NAME}.{key}": texts for key, texts in error.fields.items()}
        raise


class CustomFieldsRequest(serializers.Serializer[Any]):
    """What custom fields shall hold."""

    custom_fields = custom_fields_taken(required=True)

    def to_internal_value(self, data: Any) -> Any:
        """Refuse anything else by name."""
        unknown = sorted(set(data) - {NAME}) if isinstance(data, Mapping) else []
        if unknown:
            said = f"This field cannot be set. Known fields: {NAME}."
            raise serializers.ValidationError({name: [said] for name in unknown})
        return super().to_internal_value(data)


class CustomFieldsSerializer(serializers.Serializer[Any]):
    """What an owner's custom fields hold now."""

    custom_fields = custom_fields_shown()


class OwnerActions:
    """For viewsets of owners: every answer carries what the fields hold (1 query a page)."""

    actor: Actor
    get_object: Any

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """Attach what the rows' fields hold before they are written out."""
        if args and args[0] is not None:
            rows = args[0] if kwargs.get("many") else [args[0]]
            attach_custom_fields(rows, actor=self.actor)
        return super().get_serializer(*args, **kwargs)  # type: ignore[misc]

    @extend_schema(request=CustomFieldsRequest, responses=CustomFieldsSerializer)
    @action(detail=True, methods=["patch"], url_path="custom-fields")
    def custom_fields(self, request: Request, pk: Any = None) -> Response:
        """Change what custom fields hold; for those too who may change nothing else here."""
        owner = self.get_object()
        shape = CustomFieldsRequest(data=request.data)
        shape.is_valid(raise_exception=True)
        write_custom_fields(owner, shape.validated_data[NAME], actor=self.actor)
        attach_custom_fields([owner], actor=self.actor)
        return Response(CustomFieldsSerializer(owner).data)
