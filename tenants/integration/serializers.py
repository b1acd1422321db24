"""How the API and the JSON export show an integration test."""

from typing import Any

from rest_framework import serializers

from tenants.integration.models import IntegrationStep, IntegrationTest
from tenants.integration.plan import title_of


class SeenSerializer(serializers.Serializer[Any]):
    """One thing a step saw; ``value`` is a number or a text, amounts with their currency."""

    name = serializers.CharField()
    value = serializers.JSONField()


class IntegrationStepSerializer(serializers.ModelSerializer[IntegrationStep]):
    """A step: how it went, what it saw, and what to do."""

    title = serializers.SerializerMethodField()
    seconds = serializers.FloatField(read_only=True, allow_null=True)
    seen = SeenSerializer(many=True, read_only=True)

    class Meta:
        model = IntegrationStep
        fields = (
            "name",
            "title",
            "state",
            "seconds",
            "seen",
            "code",
            "reason",
            "advice",
            "correlation_id",
            "request_id",
            "started_at",
            "ended_at",
        )
        read_only_fields = fields

    def get_title(self, step: IntegrationStep) -> str:
        """Return what people call the step."""
        return title_of(step.name)


class IntegrationTestSerializer(serializers.ModelSerializer[IntegrationTest]):
    """A run without its steps, as lists show it."""

    state = serializers.CharField(source="job.state", read_only=True)
    note = serializers.CharField(source="job.note", read_only=True)
    error_code = serializers.CharField(source="job.error_code", read_only=True)
    error = serializers.CharField(source="job.error", read_only=True)
    asked_by = serializers.CharField(source="job.asked_by", read_only=True)
    correlation_id = serializers.CharField(source="job.correlation_id", read_only=True)

    class Meta:
        model = IntegrationTest
        fields: tuple[str, ...] = (
            "id",
            "connection",
            "job",
            "state",
            "note",
            "error_code",
            "error",
            "asked_by",
            "correlation_id",
            "is_sandbox",
            "passed",
            "failed",
            "skipped",
            "created_at",
            "completed_at",
        )
        read_only_fields = fields


class WholeIntegrationTestSerializer(IntegrationTestSerializer):
    """A run with its steps, in the order they are taken."""

    steps = IntegrationStepSerializer(many=True, read_only=True)

    class Meta(IntegrationTestSerializer.Meta):
        fields = (*IntegrationTestSerializer.Meta.fields, "steps")
        read_only_fields = fields
