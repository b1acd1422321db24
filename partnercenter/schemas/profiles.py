"""Addresses and profiles: of a customer, and of the partner itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from partnercenter.schemas.fields import Fields, as_guid

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address; ``country`` has two letters, and absent parts are empty."""

    country: str
    region: str = ""
    city: str = ""
    state: str = ""
    address_line1: str = ""
    address_line2: str = ""
    address_line3: str = ""
    district: str = ""
    postal_code: str = ""
    first_name: str = ""
    middle_name: str = ""
    last_name: str = ""
    phone_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingProfile:
    """A customer's billing profile; ``etag`` is needed to write it and must never be stored."""

    id: str
    first_name: str
    last_name: str
    email: str
    culture: str
    language: str
    company_name: str
    registration_number: str
    address: Address | None
    etag: str
    raw: Raw = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyProfile:
    """A customer's company profile; address and e-mail only with delegated administration."""

    tenant_id: str
    domain: str
    company_name: str
    email: str
    registration_number: str
    address: Address | None
    raw: Raw = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalBusinessProfile:
    company_name: str
    address: Address | None
    contact_name: str
    contact_email: str
    vetting_status: str
    vetting_sub_status: str
    etag: str
    raw: Raw = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationProfile:
    id: str
    tenant_id: str
    company_name: str
    domain: str
    email: str
    culture: str
    language: str
    address: Address | None
    etag: str
    raw: Raw = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerBillingProfile:
    company_name: str
    address: Address | None
    tax_id: str
    currency: str
    purchase_order_number: str
    etag: str
    raw: Raw = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerProfile:
    """What the partner network knows under one partner id."""

    mpn_id: str
    partner_name: str
    profile_type: str
    raw: Raw = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportProfile:
    """How the partner's customers reach its support."""

    email: str
    telephone: str
    website: str
    etag: str
    raw: Raw = field(repr=False)


def read_address(row: Fields | None) -> Address | None:
    """Return an address, or None when there is none."""
    if row is None:
        return None
    return Address(
        country=row.text("country").upper(),
        region=row.text("region"),
        city=row.text("city").strip(),
        state=row.text("state"),
        address_line1=row.text("addressline1"),
        address_line2=row.text("addressline2"),
        address_line3=row.text("addressline3"),
        district=row.text("district"),
        postal_code=row.text("postalcode"),
        first_name=row.text("firstname"),
        middle_name=row.text("middlename"),
        last_name=row.text("lastname"),
        phone_number=row.text("phonenumber"),
    )


def read_etag(row: Fields) -> str:
    """Return the entity tag, empty when the resource has none."""
    attributes = row.inner("attributes")
    return attributes.text("etag") if attributes else ""


def registration_number(row: Fields) -> str:
    """Return the company's registration number under either of its two names."""
    return row.text("organizationregistrationnumber", "organizationregistrationid")


def read_billing_profile(body: object) -> BillingProfile:
    """Return a customer's billing profile."""
    row = Fields(body)
    return BillingProfile(
        id=row.text("id"),
        first_name=row.text("firstname"),
        last_name=row.text("lastname"),
        email=row.text("email"),
        culture=row.text("culture"),
        language=row.text("language"),
        company_name=row.text("companyname"),
        registration_number=registration_number(row),
        address=read_address(row.inner("defaultaddress")),
        etag=read_etag(row),
        raw=row.raw,
    )


def read_company_profile(body: object) -> CompanyProfile:
    """Return a customer's company profile."""
    row = Fields(body)
    return CompanyProfile(
        tenant_id=as_guid(row.get("tenantid")) or "",
        domain=row.text("domain"),
        company_name=row.text("companyname"),
        email=row.text("email"),
        registration_number=registration_number(row),
        address=read_address(row.inner("address")),
        raw=row.raw,
    )


def read_legal_business_profile(body: object) -> LegalBusinessProfile:
    """Return the partner's own legal profile."""
    row = Fields(body)
    contact = row.inner("primarycontact") or Fields({})
    return LegalBusinessProfile(
        company_name=row.text("companyname"),
        address=read_address(row.inner("address")),
        contact_name=f"{contact.text('firstname')} {contact.text('lastname')}".strip(),
        contact_email=contact.text("email"),
        vetting_status=row.text("vettingstatus").lower(),
        vetting_sub_status=row.text("vettingsubstatus").lower(),
        etag=read_etag(row),
        raw=row.raw,
    )


def read_organization_profile(body: object) -> OrganizationProfile:
    """Return the partner's own organization profile."""
    row = Fields(body)
    return OrganizationProfile(
        id=row.text("id"),
        tenant_id=as_guid(row.get("tenantid")) or "",
        company_name=row.text("companyname"),
        domain=row.text("domain"),
        email=row.text("email"),
        culture=row.text("culture"),
        language=row.text("language"),
        address=read_address(row.inner("defaultaddress")),
        etag=read_etag(row),
        raw=row.raw,
    )


def read_partner_billing_profile(body: object) -> PartnerBillingProfile:
    """Return the partner's own billing profile."""
    row = Fields(body)
    return PartnerBillingProfile(
        company_name=row.text("companyname"),
        address=read_address(row.inner("address")),
        tax_id=row.text("taxid"),
        currency=row.text("billingcurrency").upper(),
        purchase_order_number=row.text("purchaseordernumber"),
        etag=read_etag(row),
        raw=row.raw,
    )


def read_partner_profile(body: object) -> PartnerProfile:
    """Return a partner-network profile."""
    row = Fields(body)
    return PartnerProfile(
        mpn_id=row.text("mpnid"),
        partner_name=row.text("partnername"),
        profile_type=row.text("profiletype"),
        raw=row.raw,
    )


def read_support_profile(body: object) -> SupportProfile:
    """Return the partner's own support profile."""
    row = Fields(body)
    return SupportProfile(
        email=row.text("email"),
        telephone=row.text("telephone"),
        website=row.text("website"),
        etag=read_etag(row),
        raw=row.raw,
    )
