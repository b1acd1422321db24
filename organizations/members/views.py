"""The pages of members: who there is, adding somebody, and taking a role away."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from organizations.fields.shown import shown_fields
from organizations.members.forms import MemberForm
from organizations.members.operations import invite_member, remove_member
from organizations.members.queries import attach_organizations, get_member, members
from portal.core.errors import PortalError
from portal.core.identity.models import Membership
from portal.web.dialogs import render_dialog
from portal.web.lists import Column, Empty, ListPage, Tab
from portal.web.pages import Page, add_errors

UNPROCESSABLE = 422


class MemberListPage(ListPage):
    """Everybody with a role; customers see the people of their organization."""

    capability = "members.view"
    model = Membership
    title, one, many = "Members", "member", "members"
    template_name = "members/member_list.html"
    row_template = "members/member_row.html"
    columns = (
        Column("name", "Person", sort="email"),
        Column("role", "Role", sort="role"),
        Column("organization", "Organization"),
        Column("created", "Since", sort="created_at", hidden_on_phone=True),
        Column("actions", "Actions", hidden_label=True),
    )
    default_sort = "email"
    search_label = "Search members"
    search_placeholder = "Name or e-mail address"
    search_fields = ("full_name", "email")
    tabs = (
        Tab("", "All"),
        Tab("staff", "Staff", where=Q(organization_id=None)),
        Tab("customers", "Customers' people", where=Q(organization_id__isnull=False)),
    )

    def get_rows(self) -> QuerySet[Any]:
        return members(self.actor)

    def list_context(self) -> dict[str, Any]:
        """Add the names of organizations, by one query for the page."""
        context = super().list_context()
        attach_organizations(context["page"].rows, actor=self.actor)
        return context

    def get_context(self) -> dict[str, Any]:
        return {"may_manage": self.actor.may("members.manage")}

    def empty(self) -> Empty:
        return Empty("No members yet")


class MemberPage(Page):
    """One member: the role, and what custom fields hold."""

    capability = "members.view"

    def get(self, request: HttpRequest, membership_id: UUID) -> HttpResponse:
        member = get_member(self.actor, membership_id)
        attach_organizations([member], actor=self.actor)
        context = {
            "title": member.label,
            "crumbs": [("Members", reverse("members:member_list"))],
            "member": member,
            "shown": shown_fields(member, actor=self.actor),
            "may_manage": self.actor.may("members.manage"),
        }
        return render(request, "members/member_detail.html", context)


class MemberCreatePage(Page):
    """Gives somebody a role."""

    capability = "members.manage"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(MemberForm(actor=self.actor))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = MemberForm(request.POST, actor=self.actor)
        if not form.is_valid():
            return self._show(form, status=UNPROCESSABLE)
        values = form.cleaned_data
        organization = values["organization"]
        try:
            member = invite_member(
                actor=self.actor,
                email=values["email"],
                full_name=values["full_name"],
                role=values["role"],
                organization_id=organization.pk if organization else None,
            )
        except PortalError as error:
            add_errors(form, error)
            return self._show(form, status=UNPROCESSABLE)
        self.say(
            f"{member.label} is now {member.get_role_display()}. Nothing was e-mailed: somebody new"
            " sets a password with “Forgot your password?” on the sign-in page."
        )
        return self.go_to(reverse("members:member_list"))

    def _show(self, form: MemberForm, *, status: int = 200) -> HttpResponse:
        crumbs = [("Members", reverse("members:member_list"))]
        context = {"title": "Add a member", "crumbs": crumbs, "form": form}
        return render(self.request, "members/member_form.html", context, status=status)


class MemberRemovePage(Page):
    """Asks, then takes a role away."""

    capability = "members.manage"

    def get(self, request: HttpRequest, membership_id: UUID) -> HttpResponse:
        return self._show(get_member(self.actor, membership_id))

    def post(self, request: HttpRequest, membership_id: UUID) -> HttpResponse:
        member = get_member(self.actor, membership_id)
        try:
            remove_member(member, actor=self.actor)
        except PortalError as error:
            return self._show(member, problem=error.detail)
        self.say(f"{member.label} can no longer work here as {member.get_role_display()}.")
        return self.go_to(reverse("members:member_list"))

    def _show(self, member: Membership, *, problem: str = "") -> HttpResponse:
        attach_organizations([member], actor=self.actor)
        return render_dialog(
            self.request,
            "members/member_remove.html",
            {"member": member, "problem": problem},
            title=f"Remove {member.label}",
            invalid=bool(problem),
        )
