"""The tables of the tenants floor, gathered for Django."""

from tenants.connections.models import Connection
from tenants.discovery.models import DiscoveryRun, SightedTenant, Tenant, TenantTally

__all__ = ["Connection", "DiscoveryRun", "SightedTenant", "Tenant", "TenantTally"]
