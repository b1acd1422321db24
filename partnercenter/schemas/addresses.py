"""Addresses on their way out, and what Microsoft's check says of one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from partnercenter.errors import MalformedAnswer
from partnercenter.schemas.fields import Fields
from partnercenter.schemas.profiles import Address, read_address

_WIRE_NAMES = {
    "country": "country",
    "region": "region",
    "city": "city",
    "state": "state",
    "address_line1": "addressLine1",
    "address_line2": "addressLine2",
    "address_line3": "addressLine3",
    "district": "district",
    "postal_code": "postalCode",
    "first_name": "firstName",
    "middle_name": "middleName",
    "last_name": "lastName",
    "phone_number": "phoneNumber",
}
_SAFE = frozenset({"verifiedshippable", "verified"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressCheck:
    """The result of an address check; a bad address is a result too, not an error.

    ``status`` is in lower case without underscores. One that is not known yet is neither safe nor
    rejected, so a person decides.
    """

    status: str
    suggestions: tuple[Address, ...]
    original: Address | None
    message: str
    raw: Mapping[str, Any] = field(repr=False)

    @property
    def is_safe(self) -> bool:
        """Say whether the address can be used without asking anybody."""
        return self.status in _SAFE

    @property
    def is_rejected(self) -> bool:
        """Say whether Microsoft found nothing like this address."""
        return self.status == "none"

    @property
    def is_unchecked(self) -> bool:
        """Say whether the check was not to be had: the address may be used, with a warning."""
        return self.status == "notvalidated"

    @property
    def needs_a_person(self) -> bool:
        """Say whether somebody has to confirm or to choose among the suggestions."""
        return not (self.is_safe or self.is_rejected or self.is_unchecked)


def write_address(address: Address) -> dict[str, str]:
    """Return an address as requests spell it; empty parts are left out."""
    return {
        wire: getattr(address, name) for name, wire in _WIRE_NAMES.items() if getattr(address, name)
    }


def read_address_check(body: object) -> AddressCheck:
    """Return the result of a check.

    Raises: MalformedAnswer when it has no status, because that would read as if all were well.
    """
    row = Fields(body)
    status = row.text("status").replace("_", "").lower()
    if not status:
        raise MalformedAnswer("The answer has an address check without a status.")
    found = (read_address(suggestion) for suggestion in row.objects("suggestedaddresses"))
    return AddressCheck(
        status=status,
        suggestions=tuple(address for address in found if address is not None),
        original=read_address(row.inner("originaladdress")),
        message=row.text("validationmessage"),
        raw=row.raw,
    )
