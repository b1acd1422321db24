"""What the API shows of tenants and links, and what it takes; nothing else can be written.

What a tenant cost the reseller is the reseller's own affair: customers get no ``billed`` and no
connection. The organization of a page's tenants is attached by `attach_links` before it gets here.
"""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from organizations.directory.serializers import StrictSerializer
from organizations.linking.models import Link
from organizations.linking.periods import FROM
from tenants.discovery.models import Tenant


class OrganizationReference(serializers.Serializer[Any]):
    """An organization as others name it."""

    id = serializers.UUIDField(read_only=True)
    number = serializers.CharField(read_only=True)
    name = serializers.CharField(read_only=True)


class BilledAmount(serializers.Serializer[Any]):
    """What Microsoft last billed for a tenant."""

    amount = serializers.DecimalField(source="billed_amount", max_digits=20, decimal_places=6)
    currency = serializers.CharField(source="billed_currency")
    month = serializers.DateField(source="billed_month")


class TenantSerializer(serializers.ModelSerializer[Tenant]):
    """A tenant, with the organization it belongs to now."""

    linked = serializers.BooleanField(source="is_linked", read_only=True)
    ignored = serializers.BooleanField(source="is_ignored", read_only=True)
    organization = serializers.SerializerMethodField()
    link = serializers.SerializerMethodField()
    connection = serializers.SerializerMethodField()
    billed = serializers.SerializerMethodField()

    class Meta:
        model = Tenant
        fields = (
            "id",
            "microsoft_id",
            "name",
            "former_name",
            "domain",
            "status",
            "linked",
            "ignored",
            "organization",
            "link",
            "connection",
            "relationship",
            "country",
            "email",
            "phone",
            "registration_number",
            "address",
            "first_seen_at",
            "changed_at",
            "missing_since",
            "details_at",
            "billed",
        )
        read_only_fields = fields

    @extend_schema_field(OrganizationReference(allow_null=True))
    def get_organization(self, tenant: Tenant) -> dict[str, str] | None:
        link: Link | None = tenant.live_link  # type: ignore[attr-defined]
        if link is None:
            return None
        row = link.organization
        return {"id": str(row.pk), "number": row.number, "name": row.name}

    def get_link(self, tenant: Tenant) -> str | None:
        link: Link | None = tenant.live_link  # type: ignore[attr-defined]
        return str(link.pk) if link else None

    def get_connection(self, tenant: Tenant) -> str | None:
        return None if self._for_customer else str(tenant.connection_id)

    @extend_schema_field(BilledAmount(allow_null=True))
    def get_billed(self, tenant: Tenant) -> dict[str, Any] | None:
        if self._for_customer or tenant.billed_amount is None:
            return None
        return BilledAmount(tenant).data

    @property
    def _for_customer(self) -> bool:
        return not self.context["actor"].is_staff


class LinkSerializer(serializers.ModelSerializer[Link]):
    """A link, live while ``ends_at`` is null."""

    organization = OrganizationReference(read_only=True)
    tenant = serializers.UUIDField(source="tenant_id", read_only=True)
    account = serializers.UUIDField(source="account_id", read_only=True)
    live = serializers.BooleanField(source="is_live", read_only=True)
    has_effect = serializers.BooleanField(read_only=True)

    class Meta:
        model = Link
        fields = (
            "id",
            "tenant",
            "organization",
            "account",
            "live",
            "how",
            "why",
            "begins_at",
            "linked_by",
            "ends_at",
            "ended_by",
            "end_reason",
            "undone",
            "has_effect",
        )
        read_only_fields = fields

    def get_fields(self) -> dict[str, Any]:
        """Add the days it owns: ``from`` null is since ever, ``until`` null is still."""
        days = {
            FROM: serializers.DateField(source="owned_from", read_only=True, allow_null=True),
            "until": serializers.DateField(source="owned_until", read_only=True, allow_null=True),
        }
        return {**super().get_fields(), **days}

    def to_representation(self, instance: Link) -> dict[str, Any]:
        """Keep the names and notes of the reseller's people from its customers."""
        shown: dict[str, Any] = super().to_representation(instance)
        if not self.context["actor"].is_staff:
            shown.update(dict.fromkeys(("why", "linked_by", "ended_by", "end_reason"), ""))
        return shown


def one_target(attrs: dict[str, Any]) -> dict[str, Any]:
    """Return what was sent if it names either an organization or an account."""
    if ("organization" in attrs) == ("account" in attrs):
        raise serializers.ValidationError(
            {"organization": ["Give either an organization or an account."]}
        )
    return attrs


class LinkRequest(StrictSerializer):
    """To what a tenant shall be linked: an organization (id or number), or one of its accounts."""

    organization = serializers.CharField(required=False, max_length=60)
    account = serializers.UUIDField(required=False)
    why = serializers.CharField(required=False, allow_blank=True, max_length=500, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for exactly one of both."""
        return one_target(attrs)


class DatedRequest(StrictSerializer):
    """A change that holds from a day on; ``from`` cannot be written as a name of the class."""

    def get_fields(self) -> dict[str, Any]:
        day = serializers.DateField(
            required=False,
            allow_null=True,
            default=None,
            help_text="Months that begin before stay. Left out: all that is not closed changes.",
        )
        return {**super().get_fields(), FROM: day}


class UnlinkRequest(DatedRequest):
    """Why a tenant is unlinked, which the history keeps, and from which day."""

    reason = serializers.CharField(max_length=500)


class MoveRequest(DatedRequest):
    """To whom a tenant moves, from which day, why; ``link`` is the live link that was seen."""

    organization = serializers.CharField(required=False, max_length=60)
    account = serializers.UUIDField(required=False)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=500, default="")
    link = serializers.UUIDField(required=False, allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for exactly one of both."""
        return one_target(attrs)


class CreateOrganizationRequest(StrictSerializer):
    """The organization to make; what is left out comes from Partner Center."""

    name = serializers.CharField(required=False, max_length=400)
    primary_domain = serializers.CharField(required=False, max_length=2_000)
    registration_number = serializers.CharField(required=False, allow_blank=True, max_length=200)
    country = serializers.CharField(required=False, allow_blank=True, max_length=200)
    notification_email = serializers.CharField(required=False, max_length=400)
    contact_phone = serializers.CharField(required=False, max_length=200)
    number = serializers.CharField(required=False, allow_blank=True, max_length=40)
    create_anyway = serializers.BooleanField(required=False, default=False)
