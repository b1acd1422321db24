"""Linking, unlinking and undo as pages and dialogs; all three work without JavaScript."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode

from organizations.linking.forms import LinkForm, UnlinkForm
from organizations.linking.models import Link
from organizations.linking.operations import undo_link, unlink_tenant
from organizations.linking.periods import FROM
from organizations.linking.places import BACK, place_before, remember_link
from organizations.linking.queries import get_tenant, live_links, similar_to
from organizations.suggestions.operations import link_chosen
from organizations.suggestions.queries import suggestions_of
from portal.core.errors import PortalError
from portal.web.dialogs import render_dialog
from portal.web.pages import Page, add_errors
from tenants.discovery.models import Tenant


class TenantLinkPage(Page):
    """Links a tenant to an organization that exists."""

    capability = "tenants.link"

    def get(self, request: HttpRequest, tenant_id: UUID) -> HttpResponse:
        tenant = get_tenant(self.actor, tenant_id)
        return self.show(tenant, LinkForm(actor=self.actor))

    def post(self, request: HttpRequest, tenant_id: UUID) -> HttpResponse:
        tenant = get_tenant(self.actor, tenant_id)
        form = LinkForm(request.POST, actor=self.actor)
        if not form.is_valid():
            return self.show(tenant, form)
        if form.wants_new:
            query = {"name": form.cleaned_data["organization_text"], BACK: place_before(request)}
            address = reverse("linking:tenant_create_organization", args=[tenant.pk])
            return self.go_to(f"{address}?{urlencode(query)}")
        try:
            link = link_chosen(tenant, actor=self.actor, organization=form.chosen)
        except PortalError as error:
            add_errors(form, error)
            return self.show(tenant, form)
        remember_link(request, link)
        return self.go_to(place_before(request))

    def show(self, tenant: Tenant, form: LinkForm) -> HttpResponse:
        """Render the dialog, or the page, in which the tenant is linked."""
        known = suggestions_of(tenant, actor=self.actor)
        suggested = [row for row in known if row.is_open]
        # Until the first run has come by, what shares a domain, a number or a name is offered; but
        # not what somebody has dismissed.
        similar = form.cards([] if known else similar_to(tenant, actor=self.actor))
        context = {
            "tenant": tenant,
            "form": form,
            "cards": similar,
            "suggestions": [] if form.found else suggested,
            "live_link": live_links(self.actor).filter(tenant=tenant).first(),
            "back": place_before(self.request),
            "picked": form.data.get("organization", "") if form.is_bound else "",
            "search_label": "Or search all organizations"
            if similar or suggested
            else "Search all organizations",
            "may_create": self.actor.may("organizations.create"),
            "may_unlink": self.actor.may("tenants.unlink"),
        }
        return render_dialog(
            self.request,
            "linking/tenant_link.html",
            context,
            title="Link tenant to an organization",
            invalid=form.is_bound,
        )


class TenantUnlinkPage(Page):
    """Ends the link of a tenant, with a reason."""

    capability = "tenants.unlink"

    def get(self, request: HttpRequest, tenant_id: UUID) -> HttpResponse:
        return self._show(get_tenant(self.actor, tenant_id), UnlinkForm())

    def post(self, request: HttpRequest, tenant_id: UUID) -> HttpResponse:
        tenant = get_tenant(self.actor, tenant_id)
        form = UnlinkForm(request.POST)
        if not form.is_valid():
            return self._show(tenant, form)
        try:
            link = unlink_tenant(
                tenant,
                actor=self.actor,
                reason=form.cleaned_data["reason"],
                ends_on=form.cleaned_data[FROM],
            )
        except PortalError as error:
            add_errors(form, error)
            return self._show(tenant, form)
        self.say(f"{tenant.name} is no longer linked to {link.organization.name}.")
        return self.go_to(place_before(request))

    def _show(self, tenant: Tenant, form: UnlinkForm) -> HttpResponse:
        context = {
            "tenant": tenant,
            "form": form,
            "live_link": live_links(self.actor).filter(tenant=tenant).first(),
            "back": place_before(self.request),
        }
        return render_dialog(
            self.request,
            "linking/tenant_unlink.html",
            context,
            title="Unlink tenant",
            invalid=form.is_bound,
        )


class LinkUndoPage(Page):
    """Takes a wrong link back."""

    capability = "tenants.unlink"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, link_id: UUID) -> HttpResponse:
        link: Link = Link.objects.select_related("tenant").get_visible(self.actor, pk=link_id)
        undone = undo_link(link, actor=self.actor)
        self.say(f"The link of {link.tenant.name} to {undone.organization.name} was taken back.")
        return self.go_to(place_before(request))
