"""What the API takes and answers for organizations and accounts: two shapes, kept apart.

What is taken lists every field it accepts; anything else, read-only fields too, is refused by name.
A field that is dropped without a word looks like one that was saved (D16).
"""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from organizations.directory.details import ACCOUNT_FIELDS, AccountDetails
from organizations.directory.models import Account, Organization
from organizations.fields.owned import custom_fields_shown, custom_fields_taken
from portal.web.api.strict import StrictSerializer as StrictSerializer


def optional_text(help_text: str = "") -> serializers.CharField:
    """Return a field whose text the operation checks, and that may be absent."""
    return serializers.CharField(required=False, allow_blank=True, help_text=help_text)


class AccountValues(StrictSerializer):
    """The fields of an account; what is absent stays, or comes from the organization."""

    name = optional_text()
    customer_number = optional_text("As your bookkeeping knows the account; exports carry it.")
    email = optional_text("Corporate e-mail.")
    phone = optional_text("In international form, or national with a country.")
    currency = optional_text("ISO 4217.")
    address_line1 = optional_text()
    address_line2 = optional_text()
    city = optional_text()
    state = optional_text()
    postal_code = optional_text()
    country = optional_text("ISO 3166 code of two letters.")
    custom_fields = custom_fields_taken()


class NewAccount(AccountValues):
    """A new account."""

    organization = serializers.UUIDField()
    is_primary = serializers.BooleanField(default=False)


class AccountChanges(AccountValues):
    """Changes of an account; only ``true`` makes sense for ``is_primary``."""

    is_primary = serializers.BooleanField(required=False)


class OrganizationChanges(StrictSerializer):
    """Changes of an organization; what is absent stays."""

    name = optional_text("Full name.")
    primary_domain = optional_text("Main domain; a pasted address is cut down to it.")
    registration_number = optional_text("Company or tax number.")
    country = optional_text("ISO 3166 code of two letters.")
    notification_email = optional_text("Where notifications for the customer are sent.")
    contact_phone = optional_text("In international form, or national with a country.")
    number = optional_text("Your own customer number.")
    kind = serializers.ChoiceField(choices=Organization.Kind.choices, required=False)
    parent = serializers.UUIDField(  # type: ignore[assignment]
        required=False, allow_null=True, help_text="The sub-reseller it belongs to."
    )
    custom_fields = custom_fields_taken()


class NewOrganization(OrganizationChanges):
    """A new organization. Without a number it gets the next one."""

    name = serializers.CharField(help_text="Full name.")
    primary_domain = serializers.CharField(
        help_text="Main domain; a pasted address is cut down to it."
    )
    notification_email = serializers.CharField(
        help_text="Where notifications for the customer are sent."
    )
    contact_phone = serializers.CharField(
        help_text="In international form, or national with a country."
    )
    account = AccountValues(required=False, help_text="The primary account.")
    create_anyway = serializers.BooleanField(
        default=False, help_text="Create it although it resembles another organization."
    )


class OrganizationSerializer(serializers.ModelSerializer[Organization]):
    """An organization."""

    parent = serializers.UUIDField(  # type: ignore[assignment]
        source="parent_id", allow_null=True
    )
    missing_fields = serializers.ListField(
        child=serializers.CharField(), help_text="Required fields that an import left empty."
    )
    merged_into = serializers.UUIDField(
        source="merged_into_id",
        allow_null=True,
        help_text="The organization it was merged into; nothing can be linked to it any more.",
    )
    custom_fields = custom_fields_shown()

    class Meta:
        model = Organization
        fields = (
            "id",
            "number",
            "name",
            "kind",
            "parent",
            "primary_domain",
            "registration_number",
            "country",
            "notification_email",
            "contact_phone",
            "missing_fields",
            "merged_into",
            "merged_at",
            "custom_fields",
            "created_at",
            "changed_at",
        )
        read_only_fields = fields


class AccountSerializer(serializers.ModelSerializer[Account]):
    """An account."""

    organization = serializers.UUIDField(source="organization_id")
    parent_organization = serializers.UUIDField(
        source="organization.parent_id",
        allow_null=True,
        help_text="The sub-reseller its organization belongs to.",
    )
    custom_fields = custom_fields_shown()

    class Meta:
        model = Account
        fields = (
            "id",
            "organization",
            "parent_organization",
            *ACCOUNT_FIELDS,
            "is_primary",
            "custom_fields",
            "created_at",
        )
        read_only_fields = fields


def account_details(values: Mapping[str, Any]) -> AccountDetails:
    """Return the account fields among ``values``."""
    return AccountDetails(**{name: values[name] for name in ACCOUNT_FIELDS if name in values})
