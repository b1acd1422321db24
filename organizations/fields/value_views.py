"""The pages that fill in custom fields of an account, an organization or a user."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from organizations.directory.places import account_address, crumbs_to, organization_address
from organizations.directory.queries import get_account, get_organization
from organizations.fields.forms import ValuesForm
from organizations.fields.operations import set_values
from organizations.fields.queries import Owner, may_edit, rows_of
from organizations.members.queries import get_member
from portal.core.errors import PortalError
from portal.web.dialogs import UNPROCESSABLE
from portal.web.pages import Page


class ValuesPage(Page):
    """Shows the fields the actor may change, and changes them."""

    abstract = True

    def show(self, owner: Owner, *, back: str, crumbs: list[tuple[str, str]]) -> HttpResponse:
        """Answer the form."""
        return self._show(self._form(owner), owner, back=back, crumbs=crumbs)

    def save(self, owner: Owner, *, back: str, crumbs: list[tuple[str, str]]) -> HttpResponse:
        """Keep what was sent, or say what is wrong with it."""
        form = self._form(owner, self.request.POST)
        if form.is_valid():
            try:
                set_values(owner, actor=self.actor, values=form.values)
            except PortalError as error:
                form.refuse(error)
            else:
                self.say(f"The custom fields of {name_of(owner)} were saved.")
                return self.go_to(back)
        return self._show(form, owner, back=back, crumbs=crumbs, status=UNPROCESSABLE)

    def _form(self, owner: Owner, data: Any = None) -> ValuesForm:
        held = rows_of([owner], actor=self.actor)[owner.pk]
        mine = {field: text for field, text in held.items() if may_edit(field, self.actor)}
        return ValuesForm(data, held=mine)

    def _show(
        self,
        form: ValuesForm,
        owner: Owner,
        *,
        back: str,
        crumbs: list[tuple[str, str]],
        status: int = 200,
    ) -> HttpResponse:
        context = {
            "title": f"Custom fields of {name_of(owner)}",
            "crumbs": crumbs,
            "form": form,
            "groups": list(form.groups()),
            "back": back,
        }
        return render(self.request, "fields/values_form.html", context, status=status)


class AccountValuesPage(ValuesPage):
    """The fields of an account."""

    capability, write_capability = "fields.view", "fields.fill"

    def get(self, request: HttpRequest, account_id: UUID) -> HttpResponse:
        row = get_account(self.actor, account_id)
        crumbs = crumbs_to(row.organization)
        return self.show(row, back=account_address(row), crumbs=crumbs)

    def post(self, request: HttpRequest, account_id: UUID) -> HttpResponse:
        row = get_account(self.actor, account_id)
        crumbs = crumbs_to(row.organization)
        return self.save(row, back=account_address(row), crumbs=crumbs)


class OrganizationValuesPage(ValuesPage):
    """The fields of an organization."""

    capability, write_capability = "fields.view", "fields.fill"

    def get(self, request: HttpRequest, organization_id: UUID) -> HttpResponse:
        row = get_organization(self.actor, organization_id)
        return self.show(row, back=organization_address(row), crumbs=crumbs_to(row))

    def post(self, request: HttpRequest, organization_id: UUID) -> HttpResponse:
        row = get_organization(self.actor, organization_id)
        return self.save(row, back=organization_address(row), crumbs=crumbs_to(row))


class MembershipValuesPage(ValuesPage):
    """The fields of a user."""

    capability, write_capability = "fields.view", "fields.fill"

    def get(self, request: HttpRequest, membership_id: UUID) -> HttpResponse:
        row = get_member(self.actor, membership_id)
        return self.show(row, back=member_address(row.pk), crumbs=member_crumbs())

    def post(self, request: HttpRequest, membership_id: UUID) -> HttpResponse:
        row = get_member(self.actor, membership_id)
        return self.save(row, back=member_address(row.pk), crumbs=member_crumbs())


def name_of(owner: Owner) -> str:
    """Return what pages call an owner."""
    return str(getattr(owner, "label", "") or getattr(owner, "name", ""))


def member_address(membership_id: UUID) -> str:
    """Return the address of a member's page."""
    return reverse("members:member_detail", args=[membership_id])


def member_crumbs() -> list[tuple[str, str]]:
    """Return the way to a member."""
    return [("Members", reverse("members:member_list"))]
