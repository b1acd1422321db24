"""Input of the API that refuses what it does not know.

A field that is dropped without a word looks like one that was saved (D16).
"""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request


class StrictSerializer(serializers.Serializer[Any]):
    """Input that refuses fields it does not know."""

    def to_internal_value(self, data: Any) -> Any:
        """Name every field that cannot be set before anything else is looked at."""
        if isinstance(data, Mapping):
            known = {name for name, field in self.fields.items() if not field.read_only}
            unknown = sorted(set(data) - known)
            if unknown:
                offered = ", ".join(sorted(known))
                raise serializers.ValidationError(
                    {
                        name: [f"This field cannot be set. Known fields: {offered}."]
                        for name in unknown
                    }
                )
        return super().to_internal_value(data)


def read_input(shape: type[StrictSerializer], request: Request) -> dict[str, Any]:
    """Return what a request brings, in a shape. Raises: ValidationError with every wrong field."""
    serializer = shape(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
