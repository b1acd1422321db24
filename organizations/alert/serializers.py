"""How the API writes alerts, and reads what is done about them."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from organizations.alert.models import Condition
from organizations.alert.operations import MOST, REASON_LENGTH
from organizations.directory.serializers import StrictSerializer
from portal.core.identity.models import Membership


class AmountSerializer(serializers.Serializer[Any]):
    """Money in one currency."""

    currency = serializers.CharField()
    amount = serializers.DecimalField(max_digits=26, decimal_places=6)


class OwnerSerializer(serializers.Serializer[Any]):
    """Somebody who was given open alerts."""

    membership = serializers.UUIDField()
    name = serializers.CharField()
    count = serializers.IntegerField()


@extend_schema_serializer(many=False)
class UnlinkedAlertSerializer(serializers.Serializer[Any]):
    """How many tenants belong to no organization, since when, what that costs, and whose they are.

    ``acknowledged`` of ``count`` may wait. ``unbilled`` is not on an invoice yet.
    """

    count = serializers.IntegerField()
    unassigned = AmountSerializer(many=True)
    oldest_days = serializers.IntegerField(allow_null=True)
    unbilled = AmountSerializer(many=True)
    owners = OwnerSerializer(many=True)
    acknowledged = serializers.IntegerField()


class AssigneeSerializer(serializers.ModelSerializer[Membership]):
    """Whose an alert is."""

    name = serializers.CharField(source="label", read_only=True)

    class Meta:
        model = Membership
        fields = ("id", "name")
        read_only_fields = ("id",)


class ConditionSerializer(serializers.ModelSerializer[Condition]):
    """An alert. An amount without a currency is none."""

    owner = AssigneeSerializer(source="assignee", read_only=True, allow_null=True)
    tenant = serializers.UUIDField(source="tenant_id", read_only=True, allow_null=True)
    connection = serializers.UUIDField(source="connection_id", read_only=True)
    microsoft_id = serializers.UUIDField(
        source="tenant.microsoft_id", read_only=True, allow_null=True, default=None
    )

    class Meta:
        model = Condition
        fields = (
            "id",
            "kind",
            "label",
            "detail",
            "tenant",
            "microsoft_id",
            "connection",
            "state",
            "owner",
            "first_seen_at",
            "opened_at",
            "resolved_at",
            "reopened",
            "acknowledged_until",
            "acknowledged_because",
            "acknowledged_by",
            "billed_amount",
            "billed_currency",
            "billed_month",
            "unbilled_amount",
            "unbilled_currency",
        )
        read_only_fields = fields


class AssignRequest(StrictSerializer):
    """To whom: the id of a member, or null for nobody."""

    assignee = serializers.UUIDField(allow_null=True)
    why = serializers.CharField(
        required=False, allow_blank=True, max_length=REASON_LENGTH, default=""
    )


class AcknowledgeRequest(StrictSerializer):
    """Until when, at most 90 days ahead, and why."""

    until = serializers.DateField()
    reason = serializers.CharField(max_length=REASON_LENGTH)


class ReopenRequest(StrictSerializer):
    """Why an acknowledgement ends early."""

    why = serializers.CharField(
        required=False, allow_blank=True, max_length=REASON_LENGTH, default=""
    )


class ManyRequest(StrictSerializer):
    """Which alerts, all of them or none."""

    conditions = serializers.ListField(
        child=serializers.UUIDField(), allow_empty=False, max_length=MOST
    )


class AssignManyRequest(ManyRequest, AssignRequest):
    """Which alerts, and to whom."""


class AcknowledgeManyRequest(ManyRequest, AcknowledgeRequest):
    """Which alerts, until when and why."""


class ChangedSerializer(serializers.Serializer[Any]):
    """How many alerts were asked for."""

    count = serializers.IntegerField()


class PreferencesSerializer(StrictSerializer):
    """What the caller's person is told by mail, and when. Days count from Monday, 0."""

    digest = serializers.BooleanField()
    digest_day = serializers.IntegerField(min_value=0, max_value=6)
    digest_hour = serializers.IntegerField(min_value=0, max_value=23)
    time_zone = serializers.CharField(max_length=60)
    muted = serializers.ListField(child=serializers.CharField(max_length=60), max_length=20)
    quiet_from = serializers.TimeField(allow_null=True)
    quiet_until = serializers.TimeField(allow_null=True)
    connections = serializers.ListField(child=serializers.UUIDField(), max_length=1_000)
    organizations = serializers.ListField(child=serializers.UUIDField(), max_length=1_000)
