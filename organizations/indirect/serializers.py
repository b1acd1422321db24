"""Indirect resellers as the API shows them, and what its actions take."""

from typing import Any

from rest_framework import serializers

from organizations.directory.serializers import StrictSerializer
from tenants.indirect.models import IndirectReseller


class IndirectResellerSerializer(serializers.ModelSerializer[IndirectReseller]):
    """An indirect reseller, with the organization it is or may be."""

    connection = serializers.UUIDField(source="connection_id")
    is_verified = serializers.BooleanField(
        help_text="Customers can be created under it: enrolled, and the agreement is signed."
    )
    why_not = serializers.CharField(help_text="Why it cannot be chosen; empty when it can.")
    organization = serializers.SerializerMethodField()
    suggested_organization = serializers.SerializerMethodField()
    suggested_because = serializers.CharField(source="standing.reason")

    class Meta:
        model = IndirectReseller
        fields = (
            "id",
            "connection",
            "name",
            "mpn_id",
            "partner_tenant",
            "location",
            "state",
            "is_verified",
            "why_not",
            "organization",
            "suggested_organization",
            "suggested_because",
            "checked_at",
        )
        read_only_fields = fields

    def get_organization(self, row: IndirectReseller) -> str | None:
        """Return the id of the sub-reseller it is, by its partner id or its partner tenant."""
        return _id_of(row.standing.organization)  # type: ignore[attr-defined]

    def get_suggested_organization(self, row: IndirectReseller) -> str | None:
        """Return the id of a sub-reseller without a partner id that is called alike."""
        return _id_of(row.standing.suggestion)  # type: ignore[attr-defined]


class LinkResellerRequest(StrictSerializer):
    """Which sub-reseller it is."""

    organization = serializers.CharField(
        max_length=60, help_text="Id or number of an organization."
    )


class CreateResellerRequest(StrictSerializer):
    """The organization to make; without a name it gets that of Partner Center."""

    name = serializers.CharField(required=False, max_length=400)
    primary_domain = serializers.CharField(max_length=2_000)
    registration_number = serializers.CharField(required=False, allow_blank=True, max_length=200)
    country = serializers.CharField(required=False, allow_blank=True, max_length=200)
    notification_email = serializers.CharField(max_length=400)
    contact_phone = serializers.CharField(max_length=200)
    number = serializers.CharField(required=False, allow_blank=True, max_length=40)
    create_anyway = serializers.BooleanField(required=False, default=False)


def _id_of(row: Any) -> str | None:
    return str(row.pk) if row else None
