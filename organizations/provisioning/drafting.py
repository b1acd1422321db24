"""What is sent to Microsoft for an account, as it is kept with the request.

It is frozen when somebody asks: a call that is repeated after a lost answer says the same, and what
is found afterwards can be compared with it. No part of it is secret.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final, Protocol

from organizations.directory.models import Account
from partnercenter.schemas.customers import Customer
from partnercenter.schemas.new_customers import NewCustomer
from partnercenter.schemas.profiles import Address, BillingProfile

COMPARED: Final = ("country", "city", "address_line1", "postal_code")
NAME_LENGTH: Final = 200


class Sent(Protocol):
    """An address and whose it is."""

    address_line1: str
    address_line2: str
    city: str
    state: str
    postal_code: str
    country: str


def draft_of(
    account: Account,
    *,
    address: Sent,
    domain: str,
    username: str,
    reseller_mpn_id: str,
    whose: str = "",
) -> dict[str, Any]:
    """Return what a create would say of an account; culture and language come from Microsoft."""
    organization = account.organization
    return {
        "domain": domain,
        "company_name": organization.name,
        "email": account.email,
        "culture": "",
        "language": "",
        "registration_number": organization.registration_number,
        "associated_partner_id": reseller_mpn_id,
        "admin_name": username,
        "address_of": whose,
        "address": {
            "country": address.country,
            "city": address.city,
            "state": address.state,
            "address_line1": address.address_line1,
            "address_line2": address.address_line2,
            "postal_code": address.postal_code,
            "phone_number": phone_of(account.phone),
        },
    }


def phone_of(text: str) -> str:
    """Return a telephone number as digits alone, which every country's rule reads."""
    return "".join(character for character in text if character.isdigit())


def new_customer(draft: Mapping[str, Any]) -> NewCustomer:
    """Return the draft as the client sends it."""
    return NewCustomer(
        domain=draft["domain"],
        company_name=draft["company_name"],
        email=draft["email"],
        culture=draft["culture"],
        language=draft["language"],
        address=Address(**draft["address"]),
        registration_number=draft["registration_number"],
        associated_partner_id=draft["associated_partner_id"],
        admin_name=draft["admin_name"],
    )


def is_ours(customer: Customer, draft: Mapping[str, Any]) -> bool:
    """Tell whether a customer says of itself what the draft said: name, e-mail and address.

    A name alone is anybody's; what Microsoft leaves out counts against it.
    """
    profile = customer.billing_profile
    if (
        profile is None
        or profile.address is None
        or same(customer.domain, draft["domain"]) is False
    ):
        return False
    said, wanted = asdict(profile.address), draft["address"]
    return (
        same(profile.company_name or customer.company_name, draft["company_name"])
        and same(profile.email, draft["email"])
        and all(same(said[name], wanted[name]) for name in COMPARED)
    )


def billing_changes(profile: BillingProfile, draft: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a billing profile says otherwise than the draft, by its names on the wire."""
    wanted = {
        "email": (profile.email, draft["email"]),
        "companyName": (profile.company_name, draft["company_name"]),
        "culture": (profile.culture, draft["culture"]),
        "language": (profile.language, draft["language"]),
    }
    return {
        name: after for name, (before, after) in wanted.items() if after and not same(before, after)
    }


def same(one: str, other: str) -> bool:
    """Tell whether two texts say the same, whatever their case and blanks."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()
