"""Merging as a page: choose the other one, see what will happen, type the name."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from organizations.directory.models import Organization
from organizations.directory.places import crumbs_to, organization_address
from organizations.directory.queries import get_organization, similar_organizations
from organizations.linking.forms import LinkForm
from organizations.merging.forms import MergeForm
from organizations.merging.operations import merge_organizations
from organizations.merging.queries import preview_merge
from portal.core.errors import NotFound, PortalError
from portal.web.pages import Page, add_errors

UNPROCESSABLE = 422
INTO = "into"


class OrganizationMergePage(Page):
    """Merges an organization into another. Without ``?into=`` it asks into which."""

    capability = "organizations.merge"

    def get(self, request: HttpRequest, organization_id: UUID) -> HttpResponse:
        source = get_organization(self.actor, organization_id)
        if INTO in request.GET:
            into = self._find(request.GET[INTO])
            return self._preview(source, into)
        asked = any(name in request.GET for name in ("organization", "organization_text"))
        form = LinkForm(request.GET if asked else None, actor=self.actor)
        if asked and form.is_valid() and form.chosen is not None:
            address = reverse("merging:organization_merge", args=[source.pk])
            return redirect(f"{address}?{INTO}={form.chosen.pk}")
        return self._choose(source, form)

    def post(self, request: HttpRequest, organization_id: UUID) -> HttpResponse:
        source = get_organization(self.actor, organization_id)
        into = self._find(request.POST.get(INTO, ""))
        preview = preview_merge(source, actor=self.actor, into=into)
        form = MergeForm(request.POST, preview=preview)
        if not form.is_valid():
            return self._preview(source, into, form)
        try:
            target = merge_organizations(
                source,
                actor=self.actor,
                into=into,
                reason=form.cleaned_data["reason"],
                fill=form.cleaned_data.get("fill", ()),
            )
        except PortalError as error:
            add_errors(form, error)
            return self._preview(source, into, form)
        self.say(f"{source.name} was merged into {target.name}. Its old address leads here.")
        return self.go_to(organization_address(target))

    def _find(self, text: str) -> Organization:
        """Return the organization an address names; no id at all is as unknown as a foreign one."""
        try:
            return get_organization(self.actor, UUID(text))
        except ValueError:
            raise NotFound from None

    def _choose(self, source: Organization, form: LinkForm) -> HttpResponse:
        similar = similar_organizations(
            self.actor,
            name=source.name,
            primary_domain=source.primary_domain,
            registration_number=source.registration_number,
            exclude=source.pk,
        )
        context = {
            "title": f"Merge {source.name}",
            "crumbs": crumbs_to(source),
            "source": source,
            "form": form,
            "cards": form.cards(similar),
            "back": organization_address(source),
        }
        invalid = form.is_bound and bool(form.errors)
        return render(
            self.request,
            "merging/organization_choose.html",
            context,
            status=UNPROCESSABLE if invalid else 200,
        )

    def _preview(
        self, source: Organization, into: Organization, form: MergeForm | None = None
    ) -> HttpResponse:
        preview = preview_merge(source, actor=self.actor, into=into)
        context = {
            "title": f"Merge {source.name} into {into.name}",
            "crumbs": crumbs_to(source),
            "preview": preview,
            "form": form or MergeForm(preview=preview),
            "choose": reverse("merging:organization_merge", args=[source.pk]),
            "back": organization_address(source),
        }
        return render(
            self.request,
            "merging/organization_merge.html",
            context,
            status=UNPROCESSABLE if form is not None else 200,
        )
