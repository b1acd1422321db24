"""Closings as the API takes and shows them."""

from typing import Any

from rest_framework import serializers

from billing.closing.models import ClosedMonth
from billing.invoices.api import MonthText
from organizations.directory.serializers import StrictSerializer


class FrozenTotal(serializers.Serializer[Any]):
    """What a month came to in one currency when it was closed."""

    currency = serializers.CharField()
    invoices = serializers.IntegerField()
    invoice_total = serializers.CharField()
    assigned = serializers.CharField()
    unassigned = serializers.CharField()
    adjustments = serializers.CharField()


class ClosingSerializer(serializers.ModelSerializer[ClosedMonth]):
    """One closing of a month; it holds while ``reopened_at`` is null."""

    month = MonthText()
    totals = FrozenTotal(many=True)

    class Meta:
        model = ClosedMonth
        fields = (
            "id",
            "month",
            "version",
            "totals",
            "unassigned_because",
            "closed_at",
            "closed_by",
            "reopened_at",
            "reopened_by",
            "reopened_because",
        )
        read_only_fields = fields


class CloseRequest(StrictSerializer):
    """Whether unassigned money is accepted, and why."""

    accept_unassigned = serializers.BooleanField(required=False, default=False)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=500, default="")


class MonthReopenRequest(StrictSerializer):
    """Why the month is opened again."""

    reason = serializers.CharField(max_length=500)
