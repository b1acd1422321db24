"""What the API shows of bulk links and their items, and what it takes."""

from typing import Any

from rest_framework import serializers

from organizations.bulk.models import BulkItem, BulkLink
from organizations.directory.serializers import StrictSerializer
from organizations.linking.serializers import OrganizationReference
from organizations.suggestions.models import Level

MOST_IDS = 10_000


class Sum(serializers.Serializer[Any]):
    """An amount in one currency."""

    amount = serializers.DecimalField(max_digits=20, decimal_places=6)
    currency = serializers.CharField()


class BulkLinkSerializer(serializers.ModelSerializer[BulkLink]):
    """A bulk link with what was planned, what came of it, and the state of its job."""

    organization = OrganizationReference(read_only=True, allow_null=True)
    money = Sum(many=True, read_only=True)
    left = serializers.IntegerField(read_only=True)
    job = serializers.UUIDField(source="job_id", read_only=True, allow_null=True)
    undo_job = serializers.UUIDField(source="undo_job_id", read_only=True, allow_null=True)
    expires_at = serializers.DateTimeField(read_only=True)

    class Meta:
        model = BulkLink
        fields = (
            "id",
            "kind",
            "chosen",
            "state",
            "title",
            "why",
            "query",
            "source",
            "organization",
            "level",
            "tenants",
            "to_link",
            "to_create",
            "to_move",
            "to_skip",
            "skipped",
            "money",
            "linked",
            "created",
            "moved",
            "unchanged",
            "refused",
            "failed",
            "undone",
            "left",
            "job",
            "undo_job",
            "asked_by",
            "created_at",
            "expires_at",
            "run_at",
            "done_at",
            "undone_at",
            "undone_by",
            "undo_reason",
        )
        read_only_fields = fields


class BulkItemSerializer(serializers.ModelSerializer[BulkItem]):
    """One tenant of a bulk link."""

    tenant = serializers.UUIDField(source="tenant_id", read_only=True, allow_null=True)
    organization = OrganizationReference(read_only=True, allow_null=True)
    link = serializers.UUIDField(source="link_id", read_only=True, allow_null=True)

    class Meta:
        model = BulkItem
        fields = (
            "id",
            "position",
            "line",
            "tenant",
            "tenant_name",
            "organization",
            "draft",
            "action",
            "outcome",
            "code",
            "detail",
            "link",
        )
        read_only_fields = fields


class BulkLinkRequest(StrictSerializer):
    """Which tenants, and the plan for them.

    Either ``tenants``, or ``query`` (filters as the list of tenants takes them) together with
    ``expected_count``, the number that list held.
    """

    plan = serializers.ChoiceField(
        choices=["link", "suggestions", "create"],
        help_text="link: to one organization; suggestions: each to its best; create: a new each.",
    )
    tenants = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=MOST_IDS
    )
    query = serializers.DictField(
        child=serializers.CharField(allow_blank=True),
        required=False,
        help_text="Filters and ordering of the list of tenants.",
    )
    expected_count = serializers.IntegerField(required=False, min_value=0)
    organization = serializers.CharField(
        required=False, max_length=60, help_text="Id or number; for the plan link."
    )
    level = serializers.ChoiceField(
        choices=Level.choices,
        required=False,
        help_text="The least a suggestion must be; for the plan suggestions.",
    )
    why = serializers.CharField(required=False, allow_blank=True, max_length=500, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for exactly one way of choosing, and for what the plan needs."""
        wrong: dict[str, list[str]] = {}
        if ("tenants" in attrs) == ("query" in attrs):
            wrong["tenants"] = ["Give either tenants, or query and expected_count."]
        if "query" in attrs and "expected_count" not in attrs:
            wrong["expected_count"] = ["Say how many tenants the list held."]
        if attrs["plan"] == "link" and "organization" not in attrs:
            wrong["organization"] = ["Say to which organization."]
        if attrs["plan"] == "suggestions" and "level" not in attrs:
            wrong["level"] = ["Say how good a suggestion has to be."]
        if wrong:
            raise serializers.ValidationError(wrong)
        return attrs


class UndoRequest(StrictSerializer):
    """Why a bulk link is taken back."""

    reason = serializers.CharField(max_length=500)
