"""How the API shows a discovery run."""

from rest_framework import serializers

from tenants.discovery.models import DiscoveryRun


class DiscoveryRunSerializer(serializers.ModelSerializer[DiscoveryRun]):
    """A run with the state of its job."""

    state = serializers.CharField(source="job.state", read_only=True)
    note = serializers.CharField(source="job.note", read_only=True)
    error_code = serializers.CharField(source="job.error_code", read_only=True)
    error = serializers.CharField(source="job.error", read_only=True)
    asked_by = serializers.CharField(source="job.asked_by", read_only=True)
    is_held = serializers.BooleanField(read_only=True)

    class Meta:
        model = DiscoveryRun
        fields = (
            "id",
            "connection",
            "job",
            "source",
            "state",
            "note",
            "error_code",
            "error",
            "asked_by",
            "pages",
            "found",
            "created",
            "updated",
            "returned",
            "mended",
            "failed",
            "missing",
            "known",
            "held",
            "is_held",
            "created_at",
            "completed_at",
        )
        read_only_fields = fields
