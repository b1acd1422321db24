"""Members: who has which role, giving one and taking one away."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from organizations.members.forms import MemberForm
from organizations.members.queries import members
from portal.core.errors import PortalError
from portal.core.identity.models import Membership, Reseller
from portal.core.identity.operations import add_member, remove_member
from portal.web.dialogs import render_dialog
from portal.web.lists import Column, Empty, ListPage, Tab
from portal.web.pages import Page, add_errors


class MemberListPage(ListPage):
    """Everybody with a role."""

    capability = "members.view"
    template_name = "members/member_list.html"
    model = Membership
    title, one, many = "Members", "member", "members"
    columns = (
        Column("person", "Person", sort="email"),
        Column("role", "Role"),
        Column("organization", "Organization"),
        Column("since", "Since", sort="created_at", hidden_on_phone=True),
        Column("actions", "Actions", hidden_label=True),
    )
    row_template = "members/member_row.html"
    default_sort = "email"
    search_label, search_fields = "Search members", ("email", "full_name")
    tabs = (
        Tab("", "All"),
        Tab("staff", "Our people", where=Q(organization_id=None)),
        Tab("customers", "Customers' people", where=Q(organization_id__isnull=False)),
    )

    def get_rows(self) -> QuerySet[Any]:
        return members(self.actor)

    def get_context(self) -> dict[str, Any]:
        return {"may_manage": self.actor.may("members.manage")}

    def empty(self) -> Empty:
        return Empty("Nobody has a role yet")


class MemberCreatePage(Page):
    """Gives somebody a role; the person sets a password through “Forgot your password?”."""

    capability = "members.manage"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(MemberForm(actor=self.actor))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = MemberForm(request.POST, actor=self.actor)
        if form.is_valid():
            organization = form.cleaned_data["organization"]
            try:
                row = add_member(
                    Reseller.objects.get(pk=self.actor.reseller_id),
                    actor=self.actor,
                    email=form.cleaned_data["email"],
                    full_name=form.cleaned_data["full_name"],
                    role=form.cleaned_data["role"],
                    organization_id=organization.pk if organization else None,
                )
            except PortalError as error:
                add_errors(form, error)
            else:
                self.say(f"{row.label} is now {row.get_role_display().lower()}.")
                return self.go_to(reverse("members:member_list"))
        return self.show(form, invalid=True)

    def show(self, form: MemberForm, *, invalid: bool = False) -> HttpResponse:
        return render_dialog(
            self.request,
            "members/member_form.html",
            {"form": form},
            title="Give somebody a role",
            invalid=invalid,
        )


class MemberRemovePage(Page):
    """Asks, and then takes a role away."""

    capability = "members.manage"

    def get(self, request: HttpRequest, membership_id: UUID) -> HttpResponse:
        row = members(self.actor).get_visible(self.actor, pk=membership_id)
        return render_dialog(
            request, "members/member_remove.html", {"member": row}, title="Take the role away?"
        )

    def post(self, request: HttpRequest, membership_id: UUID) -> HttpResponse:
        row = members(self.actor).get_visible(self.actor, pk=membership_id)
        remove_member(row, actor=self.actor)
        self.say(f"{row.label} has no role here any more.")
        return self.go_to(reverse("members:member_list"))
