"""Profiles of customers and of the partner itself."""

from partnercenter.errors import CustomerNotFound, MixedUpAnswer, ProfileNotFound
from partnercenter.resources.customers import customer_path
from partnercenter.schemas.fields import as_guid
from partnercenter.schemas.profiles import (
    BillingProfile,
    CompanyProfile,
    LegalBusinessProfile,
    OrganizationProfile,
    PartnerBillingProfile,
    PartnerProfile,
    read_billing_profile,
    read_company_profile,
    read_legal_business_profile,
    read_organization_profile,
    read_partner_billing_profile,
    read_partner_profile,
)
from partnercenter.transport import Transport


class Profiles:
    """Profiles; those of the partner network and of a customer's company need a signed-in user."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def customer_billing(self, customer_id: str) -> BillingProfile:
        """Return a customer's billing profile. Raises: CustomerNotFound."""
        path = customer_path(customer_id, "profiles", "billing")
        return self._transport.get(path, read=read_billing_profile, missing=CustomerNotFound)

    def customer_company(self, customer_id: str) -> CompanyProfile:
        """Return a customer's company profile. Raises: CustomerNotFound, AppOnlyRefused."""

        def read(body: object) -> CompanyProfile:
            profile = read_company_profile(body)
            if profile.tenant_id and profile.tenant_id != as_guid(customer_id):
                raise MixedUpAnswer("The answer is about another customer.")
            return profile

        path = customer_path(customer_id, "profiles", "company")
        return self._transport.get(path, read=read, missing=CustomerNotFound)

    def legal_business(self, *, last_finalized: bool = False) -> LegalBusinessProfile:
        """Return the partner's legal profile: the current one, or the last that was vetted."""
        return self._transport.get(
            "/v1/profiles/legalbusiness",
            params={"vettingVersion": "LastFinalized" if last_finalized else "Current"},
            read=read_legal_business_profile,
        )

    def organization(self) -> OrganizationProfile:
        """Return the partner's organization: tenant, name, domain."""
        return self._transport.get("/v1/profiles/organization", read=read_organization_profile)

    def billing(self) -> PartnerBillingProfile:
        """Return the partner's own billing profile."""
        return self._transport.get("/v1/profiles/billing", read=read_partner_billing_profile)

    def mpn(self, mpn_id: str | None = None) -> PartnerProfile:
        """Return what a partner id stands for; None is the caller's own.

        Raises: ProfileNotFound, AppOnlyRefused.
        """
        return self._transport.get(
            "/v1/profiles/mpn",
            params={} if mpn_id is None else {"mpnId": mpn_id},
            read=read_partner_profile,
            missing=ProfileNotFound,
        )
