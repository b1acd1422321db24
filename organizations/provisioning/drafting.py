"""What is sent to Microsoft for an account, as it is kept with the request.

It is frozen when somebody asks: a call that is repeated after a lost answer says the same, and what
is found afterwards can be compared with it. No part of it is secret.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from organizations.directory.models import Account
from organizations.readiness.sending import (
    SentAddress,
    company_name_to_send,
    registration_number_to_send,
)
from partnercenter.schemas.customers import Customer
from partnercenter.schemas.new_customers import NewCustomer
from partnercenter.schemas.profiles import Address, BillingProfile

COMPARED: Final = ("country", "city", "address_line1", "postal_code")


def draft_of(
    account: Account, *, sent: SentAddress, domain: str, username: str, reseller_mpn_id: str
) -> dict[str, Any]:
    """Return what a create would say of an account; culture and language come from Microsoft."""
    return {
        "domain": domain,
        "company_name": company_name_to_send(account),
        "email": account.email,
        "culture": "",
        "language": "",
        "registration_number": registration_number_to_send(account, sent.rules),
        "associated_partner_id": reseller_mpn_id,
        "admin_name": username,
        "address_of": "" if sent.is_own else sent.whose,
        "address": asdict(sent.address),
    }


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
