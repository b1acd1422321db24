"""The checklist of a tenant that leaves, as a page.

What Microsoft still has is asked between two transactions; without an answer the rest of the list
is there all the same.
"""

from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator

from organizations.linking.queries import get_tenant
from organizations.offboarding.operations import NOTE_LENGTH, tick_step
from organizations.offboarding.queries import checklist_of
from portal.web.pages import Page
from tenants.discovery.remains import read_remains


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class TenantOffboardingPage(Page):
    """What is still to be done before a tenant is gone; a POST ticks one step."""

    capability = "tenants.unlink"

    def get(self, request: HttpRequest, tenant_id: UUID) -> HttpResponse:
        with transaction.atomic():
            tenant = get_tenant(self.actor, tenant_id)
        remains = read_remains(tenant, actor=self.actor)
        with transaction.atomic():
            context = {
                "title": f"Off-boarding of {tenant.name}",
                "crumbs": [
                    ("Tenants", reverse("linking:tenant_list")),
                    (tenant.name, reverse("linking:tenant_detail", args=[tenant.pk])),
                ],
                "tenant": tenant,
                "checklist": checklist_of(tenant, remains, actor=self.actor),
            }
        return render(request, "offboarding/tenant_offboarding.html", context)

    def post(self, request: HttpRequest, tenant_id: UUID) -> HttpResponse:
        with transaction.atomic():
            tenant = get_tenant(self.actor, tenant_id)
        tick_step(
            tenant,
            actor=self.actor,
            step=request.POST.get("step", ""),
            done=request.POST.get("done") == "true",
            note=request.POST.get("note", "")[: NOTE_LENGTH + 1],
        )
        return self.go_to(reverse("offboarding:tenant_offboarding", args=[tenant.pk]))
