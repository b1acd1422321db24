"""The agreement of a tenant: what was said to Microsoft, and saying it."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from organizations.agreements.forms import AgreementForm
from organizations.agreements.operations import NEEDS, confirm_agreement
from organizations.agreements.queries import confirmations
from organizations.linking.queries import get_tenant, live_links
from portal.core.errors import PortalError
from portal.web.pages import Page, add_errors
from tenants.discovery.models import Tenant

SHOWN = 20
UNPROCESSABLE = 422
TONES = {"waiting": "work", "done": "good", "failed": "bad"}


class TenantAgreementPage(Page):
    """Who agreed for a tenant's customer; a POST says it to Microsoft."""

    capability = "jobs.view"
    write_capability = NEEDS

    def get(self, request: HttpRequest, tenant_id: UUID) -> HttpResponse:
        return self._show(get_tenant(self.actor, tenant_id), AgreementForm())

    def post(self, request: HttpRequest, tenant_id: UUID) -> HttpResponse:
        tenant = get_tenant(self.actor, tenant_id)
        form = AgreementForm(request.POST)
        if not form.is_valid() or form.agreed is None:
            return self._show(tenant, form)
        try:
            confirm_agreement(tenant, actor=self.actor, agreed=form.agreed)
        except PortalError as error:
            add_errors(form, error)
            return self._show(tenant, form)
        self.say("It is on its way to Microsoft.")
        return self.go_to(request.path)

    def _show(self, tenant: Tenant, form: AgreementForm) -> HttpResponse:
        rows = list(confirmations(tenant, actor=self.actor)[:SHOWN])
        for row in rows:
            row.tone = TONES[row.state]  # type: ignore[attr-defined]
        context = {
            "title": f"Customer agreement of {tenant.name}",
            "crumbs": [
                ("Tenants", reverse("linking:tenant_list")),
                (tenant.name, reverse("linking:tenant_detail", args=[tenant.pk])),
            ],
            "tenant": tenant,
            "rows": rows,
            "form": form,
            "is_linked": live_links(self.actor).filter(tenant=tenant).exists(),
            "may_confirm": self.actor.may(NEEDS),
        }
        status = UNPROCESSABLE if form.is_bound else 200
        return render(self.request, "agreements/tenant_agreement.html", context, status=status)
