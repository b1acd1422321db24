"""How the field that finds anything finds tenants."""

from django.urls import reverse

from organizations.linking.queries import visible_tenants
from portal.core.access import Actor
from portal.web.finding.queries import Finder, Found, register_finder
from portal.web.wording import shorten_id
from tenants.discovery.models import Tenant
from tenants.discovery.queries import search_tenants


def find_tenants(actor: Actor, words: str, limit: int) -> list[Found]:
    """Return tenants by name, domain or Microsoft id (1 query)."""
    rows = search_tenants(visible_tenants(actor), words, actor=actor)
    return [_found(tenant) for tenant in rows.order_by("name", "pk")[:limit]]


def _found(tenant: Tenant) -> Found:
    parts = (
        tenant.domain,
        shorten_id(tenant.microsoft_id),
        "" if tenant.is_linked else "not linked",
    )
    return Found(
        label=tenant.name,
        detail=" · ".join(part for part in parts if part),
        url=reverse("linking:tenant_detail", args=[tenant.pk]),
    )


register_finder(Finder("Tenant", "Tenants", "tenants.view", find_tenants, position=1))
