"""Customers: the short form of lists and the full form of one.

Lists come 100,000 long, so the short form is built straight from the row when it is spelled as
Microsoft normally spells it, and through ``Fields`` only when it is not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from partnercenter.errors import MalformedAnswer
from partnercenter.schemas.fields import GUID, Fields, as_guid
from partnercenter.schemas.profiles import (
    BillingProfile,
    CompanyProfile,
    read_billing_profile,
    read_company_profile,
    registration_number,
)

# Shown once by the create call; never to be kept in something that is stored or logged.
_CREDENTIALS = "usercredentials"


@dataclass(frozen=True, slots=True)
class CustomerSummary:
    """A customer as lists show it; ``id`` is the Microsoft tenant id in lower case."""

    id: str
    company_name: str
    domain: str
    relationship: str
    raw: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Customer(CustomerSummary):
    """A customer asked for by id; without delegated administration Microsoft leaves parts out.

    ``associated_partner_id`` is the indirect reseller's partner id, set by indirect providers only.
    """

    commerce_id: str
    billing_profile: BillingProfile | None
    company_profile: CompanyProfile | None
    allow_delegated_access: bool | None
    custom_domains: tuple[str, ...]
    associated_partner_id: str
    registration_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerOrganization:
    """What the customer's own directory says of the company; needs delegated administration."""

    display_name: str
    street: str
    city: str
    state: str
    postal_code: str
    country: str
    technical_emails: tuple[str, ...]
    raw: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStatus:
    """What Microsoft's vetting says of a customer's account.

    ``status`` is in lower case without blanks: allowed, notallowed, underreview, unknown, notready,
    or one not known yet.
    """

    status: str
    updated: datetime | None
    raw: Mapping[str, Any] = field(repr=False)

    @property
    def blocks_purchases(self) -> bool:
        """Say whether orders for this customer are refused now."""
        return self.status in ("underreview", "notallowed", "unknown")


def read_customer_summary(row: object) -> CustomerSummary:
    """Return a customer of a list.

    Raises: MalformedAnswer when it has no tenant id.
    """
    if isinstance(row, dict):
        identity, company = row.get("id"), row.get("companyProfile")
        relationship = row.get("relationshipToPartner")
        if (
            isinstance(identity, str)
            and isinstance(relationship, str)
            and isinstance(company, dict)
            and isinstance(name := company.get("companyName"), str)
            and isinstance(domain := company.get("domain"), str)
            and GUID.fullmatch(identity := identity.lower())
        ):
            return CustomerSummary(identity, name, domain, relationship, row)
    return _read_unusual_summary(row)


def _read_unusual_summary(row: object) -> CustomerSummary:
    fields = Fields(row)
    company = fields.inner("companyprofile") or Fields({})
    return CustomerSummary(
        id=_identity(fields),
        company_name=company.text("companyname"),
        domain=company.text("domain"),
        relationship=fields.text("relationshiptopartner"),
        raw=fields.raw,
    )


def read_customer(row: object) -> Customer:
    """Return a customer in full, without the credentials a create call adds.

    Raises: MalformedAnswer when it has no tenant id.
    """
    fields = Fields(row)
    company = fields.inner("companyprofile")
    billing = fields.inner("billingprofile")
    company_profile = read_company_profile(company.raw) if company else None
    billing_profile = read_billing_profile(billing.raw) if billing else None
    return Customer(
        id=_identity(fields),
        company_name=company_profile.company_name if company_profile else "",
        domain=company_profile.domain if company_profile else "",
        relationship=fields.text("relationshiptopartner"),
        raw={key: value for key, value in fields.raw.items() if key.lower() != _CREDENTIALS},
        commerce_id=fields.text("commerceid"),
        billing_profile=billing_profile,
        company_profile=company_profile,
        allow_delegated_access=fields.flag("allowdelegatedaccess"),
        custom_domains=fields.texts("customdomains"),
        associated_partner_id=fields.text("associatedpartnerid"),
        registration_number=(
            registration_number(company or Fields({})) or registration_number(billing or Fields({}))
        ),
    )


def read_organization(row: object) -> CustomerOrganization:
    """Return one entry of a customer's organization."""
    fields = Fields(row)
    return CustomerOrganization(
        display_name=fields.text("displayname"),
        street=fields.text("street"),
        city=fields.text("city"),
        state=fields.text("state"),
        postal_code=fields.text("postalcode"),
        country=fields.text("countrylettercode").upper(),
        technical_emails=fields.texts("technicalnotificationmails"),
        raw=fields.raw,
    )


def read_account_status(body: object) -> AccountStatus:
    """Return a validation status.

    Raises: MalformedAnswer when it has none, because that would read as if all were well.
    """
    fields = Fields(body)
    status = "".join(fields.text("status").replace("_", "").split()).lower()
    if not status:
        raise MalformedAnswer("The answer has an account without a status.")
    updated = fields.moment("lastupdatedatetime")
    return AccountStatus(status=status, updated=updated, raw=fields.raw)


def _identity(fields: Fields) -> str:
    identity = as_guid(fields.get("id"))
    if identity is None:
        raise MalformedAnswer("The answer has a customer without a tenant id.")
    return identity
