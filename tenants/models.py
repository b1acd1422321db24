"""The tables of the tenants floor, gathered for Django."""

from tenants.connections.models import (
    AccessToken,
    Connection,
    Consent,
    ConsentRequest,
    FamilyHealth,
    PartnerClaim,
)
from tenants.countries.models import CountryRuleSet
from tenants.discovery.models import DiscoveryRun, SightedTenant, Tenant, TenantTally, UnbilledSum
from tenants.indirect.models import IndirectReseller
from tenants.integration.models import IntegrationStep, IntegrationTest
from tenants.notifications.models import (
    AuditCursor,
    Look,
    ReceivedEvent,
    SeenRecord,
    WebhookRegistration,
)

__all__ = [
    "AccessToken",
    "AuditCursor",
    "Connection",
    "Consent",
    "ConsentRequest",
    "CountryRuleSet",
    "DiscoveryRun",
    "FamilyHealth",
    "IndirectReseller",
    "IntegrationStep",
    "IntegrationTest",
    "Look",
    "PartnerClaim",
    "ReceivedEvent",
    "SeenRecord",
    "SightedTenant",
    "Tenant",
    "TenantTally",
    "UnbilledSum",
    "WebhookRegistration",
]
