"""Reading what is ignored, and what came back by itself. Customers see none of it."""

from collections.abc import Iterable
from uuid import UUID

from organizations.ignoring.models import IgnoredTenant
from portal.core.access import Actor
from portal.core.rows import ScopedQuerySet
from tenants.discovery.models import Tenant


def live_ignores(actor: Actor) -> "ScopedQuerySet[IgnoredTenant]":
    """Return the decisions that hold now."""
    rows: ScopedQuerySet[IgnoredTenant] = IgnoredTenant.objects.visible_to(actor)
    return rows.filter(ended_at=None)


def ignores_of(tenant: Tenant, *, actor: Actor) -> list[IgnoredTenant]:
    """Return every decision there was about a tenant, newest first (1 query)."""
    rows = IgnoredTenant.objects.visible_to(actor).filter(tenant=tenant)
    return list(rows.order_by("-begins_at", "-id"))


def ignores_by_tenant(tenant_ids: Iterable[UUID], *, actor: Actor) -> dict[UUID, IgnoredTenant]:
    """Return the decision that holds of each tenant that is ignored (1 query, 0 for none)."""
    ids = list(tenant_ids)
    if not ids:
        return {}
    return {row.tenant_id: row for row in live_ignores(actor).filter(tenant__in=ids)}


def attach_ignores(tenants: Iterable[Tenant], *, actor: Actor) -> None:
    """Set ``ignore`` on every tenant of a page that is not linked (1 query, 0 if all are).

    It is the decision that holds, or the one that ended by itself and was the last; else None.
    """
    found = list(tenants)
    open_ones = [tenant.pk for tenant in found if not tenant.is_linked]
    latest: dict[UUID, IgnoredTenant] = {}
    if open_ones:
        rows = IgnoredTenant.objects.visible_to(actor).filter(tenant__in=open_ones)
        newest = rows.order_by("tenant_id", "-begins_at", "-id").distinct("tenant_id")
        latest = {row.tenant_id: row for row in newest}
    for tenant in found:
        row = latest.get(tenant.pk)
        tenant.ignore = row if row and (row.is_live or row.came_back) else None  # type: ignore[attr-defined]
