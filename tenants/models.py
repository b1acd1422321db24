"""The tables of the tenants floor, gathered for Django."""

from tenants.connections.models import (
    AccessToken,
    Connection,
    Consent,
    ConsentRequest,
    FamilyHealth,
    PartnerClaim,
)
from tenants.discovery.models import DiscoveryRun, SightedTenant, Tenant, TenantTally
from tenants.integration.models import IntegrationStep, IntegrationTest

__all__ = [
    "AccessToken",
    "Connection",
    "Consent",
    "ConsentRequest",
    "DiscoveryRun",
    "FamilyHealth",
    "IntegrationStep",
    "IntegrationTest",
    "PartnerClaim",
    "SightedTenant",
    "Tenant",
    "TenantTally",
]
