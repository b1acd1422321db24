"""What the API shows of suggestions, and what it takes."""

from typing import Any

from rest_framework import serializers

from organizations.directory.serializers import StrictSerializer
from organizations.linking.serializers import OrganizationReference
from organizations.suggestions.models import LinkSuggestion, SuggestionState


class ReasonSerializer(serializers.Serializer[Any]):
    """One piece of evidence: a stable ``code``, and a phrase for people."""

    code = serializers.CharField(read_only=True)
    text = serializers.CharField(read_only=True)


class TenantReference(serializers.Serializer[Any]):
    """A tenant as others name it."""

    id = serializers.UUIDField(read_only=True)
    microsoft_id = serializers.UUIDField(read_only=True)
    name = serializers.CharField(read_only=True)


class LinkSuggestionSerializer(serializers.ModelSerializer[LinkSuggestion]):
    """An organization a tenant may belong to; ``rank`` 1 is the best open one of the tenant."""

    tenant = TenantReference(read_only=True)
    organization = OrganizationReference(read_only=True)
    reasons = ReasonSerializer(many=True, read_only=True)

    class Meta:
        model = LinkSuggestion
        fields = (
            "id",
            "tenant",
            "organization",
            "score",
            "level",
            "reasons",
            "rank",
            "state",
            "made_at",
            "decided_at",
            "decided_by",
            "why",
        )
        read_only_fields = fields


class DismissRequest(StrictSerializer):
    """Why an organization is not the one, if somebody wants to say."""

    reason = serializers.CharField(required=False, allow_blank=True, max_length=500, default="")


class AutomaticRequest(StrictSerializer):
    """Whether certain suggestions become links by themselves."""

    applies_certain = serializers.BooleanField()


class AutomaticSerializer(serializers.ModelSerializer[SuggestionState]):
    """What happens with certain suggestions, and up to when changes were looked at."""

    class Meta:
        model = SuggestionState
        fields = ("applies_certain", "looked_at", "is_due")
        read_only_fields = fields
