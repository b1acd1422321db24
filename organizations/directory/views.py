"""The pages of organizations."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from organizations.directory.details import LABELS
from organizations.directory.domains import PASTED_LENGTH, clean_domain, readable_domain
from organizations.directory.fields import NAME_LENGTH, REGISTRATION_LENGTH, country_names
from organizations.directory.filters import OrganizationFilter
from organizations.directory.forms import ChangeOrganizationForm, NewOrganizationForm
from organizations.directory.likeness import find_lookalikes
from organizations.directory.models import Organization
from organizations.directory.operations import change_organization, create_organization
from organizations.directory.organization_file import export_for
from organizations.directory.places import crumbs_to, organization_address
from organizations.directory.queries import (
    accounts_of,
    children_of,
    get_organization,
    heir_of,
    matching,
    merged_into,
    organization_options,
    organization_or_tombstone,
    organizations,
)
from organizations.directory.shown import count_tenants, history, linked_tenants
from organizations.fields.shown import shown_fields
from portal.core.errors import InvalidInput, PortalError
from portal.web.exports import format_asked, table_response
from portal.web.lists import Column, Empty, ListPage, Tab
from portal.web.pages import Page

UNPROCESSABLE = 422
CHILDREN_SHOWN = 50


class OrganizationListPage(ListPage):
    """Every organization the actor may see."""

    capability = "organizations.view"
    model = Organization
    fragment_template = "directory/organization_fragment.html"
    title, one, many = "Organizations", "organization", "organizations"
    template_name = "directory/organization_list.html"
    row_template = "directory/organization_row.html"
    columns = (
        Column("name", "Organization", sort="name"),
        Column("number", "Number", sort="number"),
        Column("domain", "Primary domain", sort="primary_domain"),
        Column("country", "Country"),
        Column("tenants", "Tenants", numeric=True),
        Column("created", "Created", sort="created_at", hidden_on_phone=True),
    )
    default_sort = "name"
    search_label = "Search organizations"
    search_placeholder = "Name, number or domain"
    filterset_class = OrganizationFilter
    tabs = (
        Tab("", "All"),
        Tab("incomplete", "Incomplete", where=Q(is_complete=False), tone="warn"),
    )

    def get_rows(self) -> QuerySet[Any]:
        return organizations(self.actor)

    def search(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        """Search through the database's own function, which an index serves."""
        return matching(rows, text, actor=self.actor)  # type: ignore[arg-type]

    def list_context(self) -> dict[str, Any]:
        """Add what each row shows of its links, by one query for the page."""
        context = super().list_context()
        count_tenants(context["page"].rows, actor=self.actor)
        return context

    def get_context(self) -> dict[str, Any]:
        query = self.request.GET.urlencode()
        return {
            "country_names": country_names(),
            "export_url": reverse("directory:organization_export") + (f"?{query}" if query else ""),
        }

    def empty(self) -> Empty:
        if not self.actor.may("organizations.create"):
            return Empty("No organizations yet")
        return Empty(
            "No organizations yet",
            "Create one here, make one from a tenant that is not linked yet, or import a file.",
            "New organization",
            reverse("directory:organization_create"),
        )


class OrganizationExportPage(OrganizationListPage):
    """The same rows as CSV or XLSX, all of them, in the same order."""

    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        if self.filter_errors:
            raise InvalidInput(" ".join(self.filter_errors))
        rows = self._searched_rows()
        if self.tab and self.tab.where is not None:
            rows = rows.filter(self.tab.where)
        export = export_for(self.actor)
        return table_response(  # type: ignore[return-value]
            name="organizations",
            header=export.header,
            rows=partial(export.rows, rows.order_by(str(self.order), "pk")),
            actor=self.actor,
            as_format=format_asked(request),
        )


class OrganizationPage(Page):
    """One organization: facts, accounts, tenants, what belongs to it, and its history."""

    capability = "organizations.view"

    def get(self, request: HttpRequest, organization_id: UUID) -> HttpResponse:
        """Show it; the address of one that was merged leads on for good."""
        organization = organization_or_tombstone(self.actor, organization_id)
        if organization.is_merged:
            heir = heir_of(organization, actor=self.actor)
            return redirect(organization_address(heir), permanent=True)
        children = list(children_of(organization, self.actor)[: CHILDREN_SHOWN + 1])
        context = {
            "title": organization.name,
            "crumbs": crumbs_to(*self._above(organization)),
            "organization": organization,
            "facts": _facts(organization),
            "missing": join_words([LABELS[name].lower() for name in organization.missing_fields]),
            "accounts": list(accounts_of(organization, self.actor)),
            "linked": linked_tenants(organization, actor=self.actor),
            "children": children[:CHILDREN_SHOWN],
            "more_children": len(children) > CHILDREN_SHOWN,
            "history": history(organization, actor=self.actor),
            "may_change": self.actor.may("organizations.change"),
            "may_unlink": self.actor.may("tenants.unlink"),
            "may_merge": self.actor.may("organizations.merge"),
            "shown": shown_fields(organization, actor=self.actor),
            "merged": list(merged_into(organization, self.actor)[:CHILDREN_SHOWN]),
            "is_staff": self.actor.is_staff,
        }
        return render(request, "directory/organization_detail.html", context)

    def _above(self, organization: Organization) -> list[Organization]:
        """Return the sub-reseller it belongs to, if there is one and the actor may see it."""
        if organization.parent_id is None:
            return []
        return list(organizations(self.actor).filter(pk=organization.parent_id))


class OrganizationCreatePage(Page):
    """A new organization, typed in by hand."""

    capability = "organizations.create"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(NewOrganizationForm(actor=self.actor))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = NewOrganizationForm(request.POST, actor=self.actor)
        if not form.is_valid():
            return self._show(form, status=UNPROCESSABLE)
        try:
            row = create_organization(actor=self.actor, **form.cleaned_data)
        except PortalError as error:
            form.refuse(error)
            return self._show(form, status=UNPROCESSABLE, found=error.data)
        self.say(f"{row.name} was created with the number {row.number}.")
        return self.go_to(organization_address(row))

    def _show(
        self,
        form: NewOrganizationForm,
        *,
        status: int = 200,
        found: Mapping[str, Any] | None = None,
    ) -> HttpResponse:
        context = {
            "title": "New organization",
            "crumbs": crumbs_to(),
            "form": form,
            "lookalikes": found or {},
            "lookalikes_url": reverse("directory:organization_lookalikes"),
            "may_link": self.actor.may("tenants.link"),
            "submit_label": "Create organization",
            "back": reverse("directory:organization_list"),
        }
        return render(self.request, "directory/organization_form.html", context, status=status)


class OrganizationLookalikesPage(Page):
    """What an organization looks like while it is typed in (``?name=&primary_domain=``)."""

    capability = "organizations.create"

    def get(self, request: HttpRequest) -> HttpResponse:
        typed = request.GET
        found = find_lookalikes(
            self.actor,
            name=typed.get("name", "")[:NAME_LENGTH],
            primary_domain=_typed_domain(typed.get("primary_domain", "")),
            registration_number=typed.get("registration_number", "")[:REGISTRATION_LENGTH],
        )
        context = {"lookalikes": found.as_data(), "may_link": self.actor.may("tenants.link")}
        return render(request, "directory/_lookalikes.html", context)


class OrganizationEditPage(Page):
    """Changes an organization."""

    capability = "organizations.change"

    def get(self, request: HttpRequest, organization_id: UUID) -> HttpResponse:
        row = get_organization(self.actor, organization_id)
        return self._show(row, ChangeOrganizationForm(actor=self.actor, organization=row))

    def post(self, request: HttpRequest, organization_id: UUID) -> HttpResponse:
        row = get_organization(self.actor, organization_id)
        form = ChangeOrganizationForm(request.POST, actor=self.actor, organization=row)
        if not form.is_valid():
            return self._show(row, form, status=UNPROCESSABLE)
        try:
            changed = change_organization(row, actor=self.actor, changes=form.cleaned_data)
        except PortalError as error:
            form.refuse(error)
            return self._show(row, form, status=UNPROCESSABLE)
        self.say(f"{changed.name} was saved.")
        return self.go_to(organization_address(row))

    def _show(
        self, row: Organization, form: ChangeOrganizationForm, *, status: int = 200
    ) -> HttpResponse:
        context = {
            "title": f"Edit {row.name}",
            "crumbs": crumbs_to(row),
            "form": form,
            "submit_label": "Save",
            "back": organization_address(row),
        }
        return render(self.request, "directory/organization_form.html", context, status=status)


class OrganizationOptionsPage(Page):
    """The lines of the combobox for what was typed so far (``?q=``)."""

    capability = "organizations.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        query = request.GET.get("q", "")
        options = organization_options(self.actor, query)
        return render(
            request, "components/combobox_options.html", {"options": options, "query": query}
        )


def _typed_domain(text: str) -> str:
    """Return the domain that was typed so far; nothing while it is none."""
    try:
        return clean_domain(text.replace("\x00", "")[:PASTED_LENGTH]) if text.strip() else ""
    except ValidationError:
        return ""


def join_words(words: Sequence[str]) -> str:
    """Write ``a``, ``a and b`` or ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _domain(domain: str) -> str:
    """Write a domain as people know it, and beside it as it is kept, where the two differ."""
    readable = readable_domain(domain)
    return readable if readable == domain else f"{readable} ({domain})"


def _facts(organization: Organization) -> list[tuple[str, str, bool]]:
    """Return label, text and whether it is missing, for the facts people fill in."""
    texts = {
        "primary_domain": _domain(organization.primary_domain),
        "registration_number": organization.registration_number,
        "country": country_names().get(organization.country, organization.country),
        "notification_email": organization.notification_email,
        "contact_phone": organization.contact_phone,
    }
    missing = organization.missing_fields
    return [(LABELS[name], text, name in missing) for name, text in texts.items()]
