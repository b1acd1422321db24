"""What the API tells of a connection's sign-in and health. Nothing here reads a token."""

from typing import Any

from rest_framework import serializers

from tenants.connections.models import Consent


class ConsentSerializer(serializers.ModelSerializer[Consent]):
    """Who signed in, and whether that still holds."""

    class Meta:
        model = Consent
        fields = (
            "state",
            "user_name",
            "user_object_id",
            "microsoft_tenant",
            "mfa_seen",
            "calls_checked_at",
            "calls_judged",
            "calls_without_mfa",
            "callers_without_mfa",
            "scopes",
            "roles",
            "obtained_at",
            "renewed_at",
            "last_used_at",
            "started_by",
            "lost_at",
            "lost_code",
            "lost_because",
        )
        read_only_fields = fields


class CredentialSerializer(serializers.Serializer[Any]):
    """Something that ends by itself; ``tone`` is good, warn or bad."""

    name = serializers.CharField()
    since = serializers.DateTimeField(allow_null=True)
    ends_on = serializers.DateField()
    days_left = serializers.IntegerField()
    tone = serializers.CharField()
    sentence = serializers.CharField()


class FamilySerializer(serializers.Serializer[Any]):
    """How one part of Partner Center answered last; ``state`` is empty where nothing was called."""

    family = serializers.CharField()
    state = serializers.CharField()
    word = serializers.CharField()
    last_success_at = serializers.DateTimeField(allow_null=True)
    last_failure_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField()
    code = serializers.CharField()
    correlation_id = serializers.CharField()
    app_only_fallback = serializers.BooleanField()


class PanelSerializer(serializers.Serializer[Any]):
    """The health panel of a connection."""

    consent = ConsentSerializer(allow_null=True)
    credentials = CredentialSerializer(many=True)
    families = FamilySerializer(many=True)


class BegunSerializer(serializers.Serializer[Any]):
    """A sign-in that was begun: open ``address`` before ``ends_at``."""

    id = serializers.UUIDField()
    address = serializers.CharField()
    ends_at = serializers.DateTimeField()
