"""Indirect providers, their resellers, and invitations to customers.

Which direction a list has depends on who asks: a provider has resellers, a reseller has providers.
All of it needs a signed-in user.
"""

from partnercenter.errors import CustomerNotFound, InvalidRequest
from partnercenter.resources.customers import customer_path
from partnercenter.schemas.fields import as_guid
from partnercenter.schemas.relationships import (
    PartnerRelationship,
    read_agreement_status,
    read_partner_relationship,
    read_request_link,
)
from partnercenter.transport import Transport
from partnercenter.whole_lists import whole_list

_READ = whole_list(read_partner_relationship)


class Relationships:
    """Whom this partner works with."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def indirect_resellers(self) -> tuple[PartnerRelationship, ...]:
        """Return the resellers of this indirect provider."""
        return self._of_type("IsIndirectCloudSolutionProviderOf")

    def indirect_providers(self) -> tuple[PartnerRelationship, ...]:
        """Return the providers of this indirect reseller."""
        return self._of_type("IsIndirectResellerOf")

    def of_customer(self, customer_id: str) -> tuple[PartnerRelationship, ...]:
        """Return the resellers attached to one customer. Raises: CustomerNotFound."""
        path = customer_path(customer_id, "relationships")
        return self._transport.get(path, read=_READ, missing=CustomerNotFound)

    def request_link(
        self, *, indirect_provider_id: str | None = None, indirect_reseller_id: str | None = None
    ) -> str:
        """Return the address at which a customer accepts this partner.

        Both ids are tenants, given when the customer is to have two partners at once.
        """
        params = {
            name: _tenant(value)
            for name, value in (
                ("indirectCloudSolutionProviderId", indirect_provider_id),
                ("indirectResellerId", indirect_reseller_id),
            )
            if value is not None
        }
        return self._transport.get(
            "/v1/customers/relationshiprequests", params=params, read=read_request_link
        )

    def has_signed(self, *, mpn_id: str | None = None, tenant_id: str | None = None) -> bool:
        """Say whether a reseller signed Microsoft's partner agreement.

        Named by partner id or by tenant, never by both. Raises: PartnerAgreementMissing,
        PartnerAccountUnknown, PartnerRegionMismatch, InvalidRequest.
        """
        if (mpn_id is None) == (tenant_id is None):
            raise InvalidRequest("A reseller is named by its partner id or by its tenant id.")
        params = {"mpnid": mpn_id} if mpn_id is not None else {"tenantId": _tenant(tenant_id)}
        return self._transport.get(
            "/v1/compliance/csp/agreementstatus", params=params, read=read_agreement_status
        )

    def _of_type(self, relationship_type: str) -> tuple[PartnerRelationship, ...]:
        return self._transport.get(
            "/v1/relationships", params={"relationship_type": relationship_type}, read=_READ
        )


def _tenant(value: str | None) -> str:
    identity = as_guid(value)
    if identity is None:
        raise InvalidRequest("A partner is named by a tenant id.")
    return identity
