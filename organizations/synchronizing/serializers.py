"""What the API takes and answers for synchronization."""

from typing import Any

from rest_framework import serializers

from organizations.directory.serializers import StrictSerializer

LONGEST = 253


class ReadinessItemSerializer(serializers.Serializer[Any]):
    """One thing Microsoft asks for, and what is wrong with it."""

    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    ok = serializers.BooleanField()
    reason = serializers.CharField()
    field = serializers.CharField()


class ReadinessSerializer(serializers.Serializer[Any]):
    """How far an account is from being provisioned."""

    ready = serializers.BooleanField()
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    items = ReadinessItemSerializer(many=True)


class SentAddressSerializer(serializers.Serializer[Any]):
    """The address that would be sent to Microsoft, and whose it is."""

    whose = serializers.CharField()
    is_own = serializers.BooleanField()
    address_line1 = serializers.CharField(source="address.address_line1")
    address_line2 = serializers.CharField(source="address.address_line2")
    city = serializers.CharField(source="address.city")
    state = serializers.CharField(source="address.state")
    postal_code = serializers.CharField(source="address.postal_code")
    country = serializers.CharField(source="address.country")
    phone_number = serializers.CharField(source="address.phone_number")


class SynchronizationSerializer(serializers.Serializer[Any]):
    """The sync options of an account for one connection."""

    system = serializers.CharField()
    connection = serializers.UUIDField()
    is_set_up = serializers.BooleanField(
        help_text="Whether the services definitions of the connection are here."
    )
    username = serializers.CharField()
    domain_prefix = serializers.CharField()
    reseller_mpn_id = serializers.CharField()
    readiness = ReadinessSerializer()
    address = SentAddressSerializer()


class SynchronizationsSerializer(serializers.Serializer[Any]):
    """Every connection an account can be synchronized through."""

    results = SynchronizationSerializer(many=True)


class ConnectionNamed(StrictSerializer):
    """Through which connection."""

    connection = serializers.UUIDField()


class OptionsInput(ConnectionNamed):
    """The sync options, as a whole."""

    username = serializers.CharField(allow_blank=True, max_length=LONGEST)
    domain_prefix = serializers.CharField(allow_blank=True, max_length=LONGEST)
    reseller_mpn_id = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=40
    )


class DomainAsked(ConnectionNamed):
    """Which domain is asked about."""

    domain_prefix = serializers.CharField(max_length=LONGEST)


class AvailabilitySerializer(serializers.Serializer[Any]):
    """``state``: free, yours, taken, invalid or unknown (it could not be checked)."""

    state = serializers.CharField()
    domain = serializers.CharField()
    sentence = serializers.CharField()


class SuggestionSerializer(serializers.Serializer[Any]):
    """An address Microsoft would write: fields for ``PATCH accounts/{id}/``."""

    address_line1 = serializers.CharField()
    address_line2 = serializers.CharField()
    city = serializers.CharField()
    state = serializers.CharField()
    postal_code = serializers.CharField()
    country = serializers.CharField()


class AddressVerdictSerializer(serializers.Serializer[Any]):
    """What Microsoft makes of the address that would be sent."""

    status = serializers.CharField()
    may_be_used = serializers.BooleanField()
    sentence = serializers.CharField()
    message = serializers.CharField()
    account = serializers.UUIDField(source="sent.account.pk", help_text="Whose address it is.")
    suggestions = SuggestionSerializer(many=True)


class DefinitionSerializer(serializers.Serializer[Any]):
    """A custom field the vendor needs."""

    id = serializers.UUIDField()
    key = serializers.CharField()
    vendor_key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    group = serializers.CharField()


class DefinitionsSerializer(serializers.Serializer[Any]):
    """The set of a connection."""

    results = DefinitionSerializer(many=True)
