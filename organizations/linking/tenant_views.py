"""One tenant: what Partner Center says of it, to whom it belongs and belonged, what was done."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from organizations.directory.fields import country_names
from organizations.ignoring.queries import attach_ignores
from organizations.linking.places import recall_link
from organizations.linking.queries import get_tenant, link_history
from organizations.suggestions.queries import suggestions_of
from portal.core.audit.queries import history_of
from portal.core.money import Money
from portal.web.pages import Page
from tenants.connections.queries import connections
from tenants.discovery.models import Tenant
from tenants.discovery.queries import same_domain

ADDRESS_LINES = ("address_line1", "address_line2", "postal_code", "city", "state")


class TenantPage(Page):
    """One tenant. Customers see their own, without what it costs and who linked it."""

    capability = "tenants.view"

    def get(self, request: HttpRequest, tenant_id: UUID) -> HttpResponse:
        tenant = get_tenant(self.actor, tenant_id)
        links = link_history(tenant, actor=self.actor)
        context = {
            "title": tenant.name,
            "tenant": tenant,
            "links": links,
            "live_link": next((link for link in links if link.is_live), None),
            "country": country_names().get(tenant.country, tenant.country),
            "address": ", ".join(
                str(tenant.address[line]) for line in ADDRESS_LINES if tenant.address.get(line)
            ),
            "is_staff": self.actor.is_staff,
        }
        if self.actor.is_staff:
            context |= self._staff_context(tenant)
        return render(request, "linking/tenant_detail.html", context)

    def _staff_context(self, tenant: Tenant) -> dict[str, Any]:
        attach_ignores([tenant], actor=self.actor)
        return {
            "namesakes": same_domain(tenant, actor=self.actor),
            "connection": connections(self.actor).get(pk=tenant.connection_id),
            "billed": Money(tenant.billed_amount, tenant.billed_currency)
            if tenant.billed_amount is not None
            else None,
            "history": history_of(tenant, self.actor) if self.actor.may("audit.view") else [],
            "suggestions": suggestions_of(tenant, actor=self.actor),
            "fresh_link": recall_link(self.request, self.actor),
            "may_link": self.actor.may("tenants.link"),
            "may_unlink": self.actor.may("tenants.unlink"),
            "may_ignore": self.actor.may("tenants.ignore"),
            "may_create": self.actor.may("organizations.create"),
        }
