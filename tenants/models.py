"""The tables of the tenants floor, gathered for Django."""

from tenants.connections.models import Connection
from tenants.discovery.models import DiscoveryRun, SightedTenant, Tenant, TenantTally
from tenants.notifications.models import (
    AuditCursor,
    Look,
    ReceivedEvent,
    SeenRecord,
    WebhookRegistration,
)

__all__ = [
    "AuditCursor",
    "Connection",
    "DiscoveryRun",
    "Look",
    "ReceivedEvent",
    "SeenRecord",
    "SightedTenant",
    "Tenant",
    "TenantTally",
    "WebhookRegistration",
]
