"""Create organization and link: the form comes filled from Partner Center, one button does both.

The call to Partner Center lies between two transactions of its own, so the request has none. When
there is no answer the form opens with what is stored and says so.
"""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator

from organizations.directory.details import LABELS, REQUIRED_BY_PEOPLE
from organizations.directory.forms import OrganizationForm
from organizations.linking.creating import FreshTenant, read_fresh
from organizations.linking.operations import create_organization_from_tenant
from organizations.linking.places import place_before, remember_link
from organizations.linking.prefill import billing_address, draft_organization
from organizations.linking.queries import get_tenant, similar_to
from portal.core.errors import PortalError
from portal.web.dialogs import render_dialog
from portal.web.pages import Page
from tenants.discovery.models import Tenant

NAME_LENGTH = 200


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class TenantCreateOrganizationPage(Page):
    """Makes an organization out of a tenant and links them."""

    capability = "tenants.link"
    write_capability = "tenants.link"

    def get(self, request: HttpRequest, tenant_id: UUID) -> HttpResponse:
        with transaction.atomic():
            tenant = get_tenant(self.actor, tenant_id)
        fresh = read_fresh(tenant, actor=self.actor)
        draft = draft_organization(fresh.tenant)
        draft["name"] = request.GET.get("name", "").strip()[:NAME_LENGTH] or draft["name"]
        with transaction.atomic():
            similar = similar_to(fresh.tenant, actor=self.actor)
        return self._show(
            fresh,
            OrganizationForm(initial=draft),
            similar=similar,
            missing=_write_missing(draft),
        )

    def post(self, request: HttpRequest, tenant_id: UUID) -> HttpResponse:
        with transaction.atomic():
            tenant = get_tenant(self.actor, tenant_id)
        form = OrganizationForm(request.POST)
        if not form.is_valid():
            return self._show(FreshTenant(tenant), form)
        values = dict(form.cleaned_data)
        try:
            link = create_organization_from_tenant(
                tenant,
                actor=self.actor,
                create_anyway=bool(values.pop("create_anyway", False)),
                values=values,
                account=billing_address(tenant),
            )
        except PortalError as error:
            form.refuse(error)
            return self._show(FreshTenant(tenant), form, duplicates=error.data.get("duplicates"))
        remember_link(request, link)
        return self.go_to(place_before(request))

    def _show(self, fresh: FreshTenant, form: OrganizationForm, **context: Any) -> HttpResponse:
        tenant: Tenant = fresh.tenant
        return render_dialog(
            self.request,
            "linking/tenant_create_organization.html",
            {
                "tenant": tenant,
                "form": form,
                "failure": fresh.failure,
                "back": place_before(self.request),
                "may_link": self.actor.may("tenants.link"),
                **context,
            },
            title="Create organization and link",
            invalid=form.is_bound,
        )


def _write_missing(draft: dict[str, str]) -> str:
    """Say which required fields Partner Center left empty; nothing if it has them all."""
    missing = [
        LABELS[name].lower()
        for name, value in draft.items()
        if name in REQUIRED_BY_PEOPLE and not value
    ]
    return f"Please fill in: {', '.join(missing)}." if missing else ""
