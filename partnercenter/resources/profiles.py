"""Profiles of customers and of the partner itself."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from partnercenter.errors import (
    CustomerNotFound,
    InvalidRequest,
    MixedUpAnswer,
    NotFound,
    PreconditionFailed,
    ProfileNotFound,
)
from partnercenter.resources.customers import customer_path
from partnercenter.schemas.fields import as_guid
from partnercenter.schemas.profiles import (
    BillingProfile,
    CompanyProfile,
    LegalBusinessProfile,
    OrganizationProfile,
    PartnerBillingProfile,
    PartnerProfile,
    SupportProfile,
    read_billing_profile,
    read_company_profile,
    read_legal_business_profile,
    read_organization_profile,
    read_partner_billing_profile,
    read_partner_profile,
    read_support_profile,
)
from partnercenter.transport import Transport

_ORGANIZATION = "/v1/profiles/organization"
_LEGAL_BUSINESS = "/v1/profiles/legalbusiness"
_BILLING = "/v1/profiles/billing"
_SUPPORT = "/v1/profiles/support"


class Editable(Protocol):
    """A profile as it was read: whole, and with the tag of that state."""

    @property
    def etag(self) -> str:
        """The entity tag, empty when the profile has none."""

    @property
    def raw(self) -> Mapping[str, Any]:
        """The profile with everything received."""


T = TypeVar("T")


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
            _LEGAL_BUSINESS,
            params={"vettingVersion": "LastFinalized" if last_finalized else "Current"},
            read=read_legal_business_profile,
        )

    def organization(self) -> OrganizationProfile:
        """Return the partner's organization: tenant, name, domain."""
        return self._transport.get(_ORGANIZATION, read=read_organization_profile)

    def billing(self) -> PartnerBillingProfile:
        """Return the partner's own billing profile."""
        return self._transport.get(_BILLING, read=read_partner_billing_profile)

    def mpn(self, mpn_id: str | None = None) -> PartnerProfile:
        """Return what a partner id stands for; None is the caller's own.

        Raises: ProfileNotFound, AppOnlyRefused.
        """

        def read(body: object) -> PartnerProfile:
            profile = read_partner_profile(body)
            if mpn_id is not None and profile.mpn_id != mpn_id.strip():
                raise MixedUpAnswer("The answer is about another partner id.")
            return profile

        return self._transport.get(
            "/v1/profiles/mpn",
            params={} if mpn_id is None else {"mpnId": mpn_id.strip()},
            read=read,
            missing=ProfileNotFound,
        )

    def support(self) -> SupportProfile:
        """Return how the partner's customers reach its support."""
        return self._transport.get(_SUPPORT, read=read_support_profile)

    def change_customer_billing(
        self, customer_id: str, current: BillingProfile, changes: Mapping[str, Any]
    ) -> BillingProfile:
        """Write a customer's billing profile and return it with its new tag.

        ``current`` was read just before; ``changes`` are wire names with their new values, and the
        rest is sent back as received. Microsoft checks the address again.
        Raises: PreconditionFailed when it changed meanwhile or was read without a tag.
        """
        if not current.etag:
            raise PreconditionFailed("A billing profile is written only as it was read.")

        def read(body: object) -> BillingProfile:
            profile = read_billing_profile(body)
            if profile.id and current.id and profile.id.lower() != current.id.lower():
                raise MixedUpAnswer("The answer is about another profile.")
            return profile

        path = customer_path(customer_id, "profiles", "billing")
        return self._put(path, current, changes, read=read, missing=CustomerNotFound)

    def change_organization(
        self, current: OrganizationProfile, changes: Mapping[str, Any]
    ) -> OrganizationProfile:
        """Write the partner's organization. As ``change_customer_billing``."""
        return self._put(_ORGANIZATION, current, changes, read=read_organization_profile)

    def change_legal_business(
        self, current: LegalBusinessProfile, changes: Mapping[str, Any]
    ) -> LegalBusinessProfile:
        """Write the partner's legal profile, which is vetted anew. It has no tag."""
        return self._put(_LEGAL_BUSINESS, current, changes, read=read_legal_business_profile)

    def change_billing(
        self, current: PartnerBillingProfile, changes: Mapping[str, Any]
    ) -> PartnerBillingProfile:
        """Write the partner's own billing profile. As ``change_customer_billing``."""
        return self._put(_BILLING, current, changes, read=read_partner_billing_profile)

    def change_support(self, current: SupportProfile, changes: Mapping[str, Any]) -> SupportProfile:
        """Write how customers reach the partner's support. As ``change_customer_billing``."""
        return self._put(_SUPPORT, current, changes, read=read_support_profile)

    def _put(
        self,
        path: str,
        current: Editable,
        changes: Mapping[str, Any],
        *,
        read: Callable[[Any], T],
        missing: type[NotFound] = NotFound,
    ) -> T:
        return self._transport.send(
            "PUT",
            path,
            body=_changed(current.raw, changes),
            headers={"If-Match": f'"{_bare_tag(current.etag)}"'} if current.etag else {},
            read=read,
            missing=missing,
        )


def _changed(raw: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the whole profile with some fields replaced, whatever the case of their names."""
    replaced = {name.lower() for name in changes}
    if len(replaced) != len(changes):
        raise InvalidRequest("A field is changed twice.")
    return {name: value for name, value in raw.items() if name.lower() not in replaced} | dict(
        changes
    )


def _bare_tag(etag: str) -> str:
    """Return a tag without quotes: some answers carry it with them, and one pair is wanted."""
    bare = etag.strip().removeprefix("W/").strip('"')
    if not bare or '"' in bare:
        raise PreconditionFailed("The profile's tag cannot be sent back.")
    return bare
