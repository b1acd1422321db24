"""Ignoring and bringing back as pages and dialogs; all of them work without JavaScript."""

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from organizations.ignoring.forms import IgnoreForm, UnignoreForm
from organizations.ignoring.operations import (
    AT_ONCE,
    ignore_tenant,
    ignore_tenants,
    unignore_tenant,
    why_left,
)
from organizations.ignoring.queries import attach_ignores
from organizations.linking.places import place_before
from organizations.linking.queries import get_tenant
from portal.core.errors import InvalidInput, NotFound, PortalError
from portal.web.dialogs import render_dialog
from portal.web.pages import Page, add_errors
from portal.web.wording import write_count, write_exact
from tenants.discovery.models import Tenant

CHOSEN = "selected"
NAMED = 10
"""So many of the chosen are named; the others are counted."""


class TenantIgnorePage(Page):
    """Leaves one tenant out."""

    capability = "tenants.ignore"

    def get(self, request: HttpRequest, tenant_id: UUID) -> HttpResponse:
        return self._show(get_tenant(self.actor, tenant_id), IgnoreForm())

    def post(self, request: HttpRequest, tenant_id: UUID) -> HttpResponse:
        tenant = get_tenant(self.actor, tenant_id)
        form = IgnoreForm(request.POST)
        if not form.is_valid():
            return self._show(tenant, form)
        try:
            row = ignore_tenant(tenant, actor=self.actor, **form.cleaned_data)
        except PortalError as error:
            add_errors(form, error)
            return self._show(tenant, form)
        end = f" until {write_exact(row.until)}" if row.until else ""
        self.say(f"{tenant.name} is ignored{end}. Its money stays in Unassigned.")
        return self.go_to(place_before(request))

    def _show(self, tenant: Tenant, form: IgnoreForm) -> HttpResponse:
        attach_ignores([tenant], actor=self.actor)
        context = {"tenant": tenant, "form": form, "back": place_before(self.request)}
        return render_dialog(
            self.request,
            "ignoring/tenant_ignore.html",
            context,
            title="Ignore tenant",
            invalid=form.is_bound,
        )


class TenantUnignorePage(Page):
    """Brings a tenant back."""

    capability = "tenants.ignore"

    def get(self, request: HttpRequest, tenant_id: UUID) -> HttpResponse:
        return self._show(get_tenant(self.actor, tenant_id), UnignoreForm())

    def post(self, request: HttpRequest, tenant_id: UUID) -> HttpResponse:
        tenant = get_tenant(self.actor, tenant_id)
        form = UnignoreForm(request.POST)
        if not form.is_valid():
            return self._show(tenant, form)
        try:
            unignore_tenant(tenant, actor=self.actor, **form.cleaned_data)
        except PortalError as error:
            add_errors(form, error)
            return self._show(tenant, form)
        self.say(f"{tenant.name} is no longer ignored; it waits for a link.")
        return self.go_to(place_before(request))

    def _show(self, tenant: Tenant, form: UnignoreForm) -> HttpResponse:
        attach_ignores([tenant], actor=self.actor)
        context = {"tenant": tenant, "form": form, "back": place_before(self.request)}
        return render_dialog(
            self.request,
            "ignoring/tenant_unignore.html",
            context,
            title="Stop ignoring tenant",
            invalid=form.is_bound,
        )


class TenantsIgnorePage(Page):
    """Leaves the chosen rows of the list out: first asked why, then done, all in one go."""

    capability = "tenants.ignore"
    http_method_names = ("post",)

    def post(self, request: HttpRequest) -> HttpResponse:
        chosen = self._chosen(request.POST.getlist(CHOSEN))
        if "kind" not in request.POST:
            return self._show(chosen, IgnoreForm())
        form = IgnoreForm(request.POST)
        if not form.is_valid():
            return self._show(chosen, form)
        try:
            batch = ignore_tenants(
                [row.pk for row in chosen], actor=self.actor, **form.cleaned_data
            )
        except PortalError as error:
            add_errors(form, error)
            return self._show(chosen, form)
        said = f"{write_count(len(batch.ignored), 'tenant')} ignored"
        if batch.skipped:
            said = f"{said}; {write_count(len(batch.skipped), 'other')} stayed as before"
        self.say(f"{said}.")
        return self.go_to(place_before(request))

    def _chosen(self, ids: Sequence[str]) -> list[Tenant]:
        """Return the tenants that were chosen, all of them or none."""
        if not ids or len(ids) > AT_ONCE:
            raise InvalidInput(
                f"Choose between 1 and {AT_ONCE} tenants in the list, then ignore them."
            )
        try:
            wanted = {UUID(text) for text in ids}
        except ValueError:
            raise NotFound from None
        rows = list(Tenant.objects.visible_to(self.actor).filter(pk__in=wanted).order_by("name"))
        if len(rows) != len(wanted):
            raise NotFound
        return rows

    def _show(self, chosen: list[Tenant], form: IgnoreForm) -> HttpResponse:
        left = [said for row in chosen if (said := why_left(row))]
        free = [row for row in chosen if not why_left(row)]
        context = {
            "chosen": chosen,
            "free": free[:NAMED],
            "free_count": len(free),
            "more": max(0, len(free) - NAMED),
            "left": left[:NAMED],
            "more_left": max(0, len(left) - NAMED),
            "form": form,
            "back": place_before(self.request),
        }
        return render_dialog(
            self.request,
            "ignoring/tenants_ignore.html",
            context,
            title="Ignore tenants",
            invalid=form.is_bound,
        )
