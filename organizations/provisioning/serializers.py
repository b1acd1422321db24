"""What the API shows of provisioning requests, and what it takes."""

from typing import Any

from rest_framework import serializers

from organizations.directory.serializers import StrictSerializer
from organizations.provisioning.asking import KEY_LENGTH, Agreed
from organizations.provisioning.models import ProvisioningRequest, ProvisioningStep


class StepSerializer(serializers.ModelSerializer[ProvisioningStep]):
    """A line of the journal."""

    class Meta:
        model = ProvisioningStep
        fields = (
            "name",
            "state",
            "attempts",
            "reason",
            "request_id",
            "correlation_id",
            "started_at",
            "ended_at",
        )
        read_only_fields: tuple[str, ...] = fields


class RequestSerializer(serializers.ModelSerializer[ProvisioningRequest]):
    """A request. ``errors`` say by field what Microsoft did not accept."""

    account = serializers.UUIDField(source="account_id", read_only=True)
    organization = serializers.UUIDField(source="account.organization_id", read_only=True)
    connection = serializers.UUIDField(source="connection_id", read_only=True)
    tenant = serializers.UUIDField(source="tenant_id", read_only=True, allow_null=True)
    link = serializers.UUIDField(source="link_id", read_only=True, allow_null=True)
    job = serializers.UUIDField(source="job_id", read_only=True, allow_null=True)
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()), read_only=True
    )

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Leave out which tenant has the domain where that is not the reader's to see."""
        shown: dict[str, Any] = super().to_representation(instance)
        if instance.tenant is None and instance.outcome == ProvisioningRequest.Outcome.EXISTING:
            shown["tenant"] = shown["microsoft_id"] = None
        return shown

    class Meta:
        model = ProvisioningRequest
        fields: tuple[str, ...] = (
            "id",
            "account",
            "organization",
            "connection",
            "state",
            "outcome",
            "username",
            "domain",
            "reseller_mpn_id",
            "request_id",
            "microsoft_id",
            "tenant",
            "link",
            "error_code",
            "error",
            "errors",
            "invitation",
            "correlation_id",
            "job",
            "source",
            "asked_by",
            "created_at",
            "ended_at",
        )
        read_only_fields = fields


class RequestWithJournal(RequestSerializer):
    """One request with its steps, and what it asks."""

    question = serializers.CharField(read_only=True)
    steps = StepSerializer(many=True, read_only=True)

    class Meta(RequestSerializer.Meta):
        fields = (*RequestSerializer.Meta.fields, "question", "steps")
        read_only_fields = fields


class AgreedRequest(StrictSerializer):
    """Who accepted the Microsoft Customer Agreement for the customer, and when."""

    first_name = serializers.CharField(max_length=50)
    last_name = serializers.CharField(max_length=50)
    email = serializers.EmailField()
    phone_number = serializers.CharField(
        max_length=40, required=False, allow_blank=True, default=""
    )
    agreed_on = serializers.DateField()


class ProvisioningWish(StrictSerializer):
    """What is asked for. ``key`` stands for the header ``Idempotency-Key``."""

    account = serializers.UUIDField()
    connection = serializers.UUIDField()
    username = serializers.CharField(max_length=64)
    domain = serializers.CharField(
        max_length=253,
        help_text="A prefix, or the whole domain of a tenant that exists.",
    )
    reseller_mpn_id = serializers.CharField(
        max_length=20, required=False, allow_blank=True, default=""
    )
    agreement = AgreedRequest(required=False, allow_null=True, default=None)
    key = serializers.CharField(max_length=KEY_LENGTH, required=False, allow_blank=True, default="")

    def arguments(self) -> dict[str, Any]:
        """Return what `operations.request_provisioning` takes beside account and connection."""
        values = dict(self.validated_data)
        agreed = values.pop("agreement")
        values.pop("account"), values.pop("connection")
        return {**values, "agreed": Agreed(**agreed) if agreed else None}
