"""The pages that add and change an account."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from organizations.directory.account_parts import account_parts
from organizations.directory.accounts import change_account, create_account, inherited_account
from organizations.directory.details import AccountDetails
from organizations.directory.fields import country_names
from organizations.directory.forms import AccountForm
from organizations.directory.models import Account, Organization
from organizations.directory.places import account_address, crumbs_to, organization_address
from organizations.directory.queries import get_account, get_organization, organizations
from organizations.fields.shown import shown_fields
from portal.core.errors import PortalError
from portal.web.pages import Page, add_errors

UNPROCESSABLE = 422


class AccountPage(Page):
    """One account: its details, what custom fields hold, and what others show of it."""

    capability = "organizations.view"

    def get(self, request: HttpRequest, account_id: UUID) -> HttpResponse:
        account = get_account(self.actor, account_id)
        organization = account.organization
        parents = organizations(self.actor).filter(pk=organization.parent_id)
        context = {
            "title": account.name,
            "crumbs": crumbs_to(organization),
            "account": account,
            "parent": parents.first() if organization.parent_id else None,
            "address": address_lines(account),
            "parts": account_parts(account, actor=self.actor),
            "shown": shown_fields(account, actor=self.actor),
            "may_change": self.actor.may("organizations.change"),
        }
        return render(request, "directory/account_detail.html", context)


class AccountFormPage(Page):
    """What adding and changing have in common."""

    abstract = True

    def show(
        self, form: AccountForm, organization: Organization, *, title: str, status: int = 200
    ) -> HttpResponse:
        """Answer the form on a page of its own."""
        context: dict[str, Any] = {
            "title": title,
            "form": form,
            "crumbs": crumbs_to(organization),
            "submit_label": "Save",
            "back": organization_address(organization),
        }
        return render(self.request, "directory/organization_form.html", context, status=status)


class AccountCreatePage(AccountFormPage):
    """One more account for an organization."""

    capability = "organizations.change"
    heading = "New account"

    def get(self, request: HttpRequest, organization_id: UUID) -> HttpResponse:
        owner = get_organization(self.actor, organization_id)
        details = inherited_account(owner, actor=self.actor)
        return self.show(AccountForm(details=details), owner, title=self.heading)

    def post(self, request: HttpRequest, organization_id: UUID) -> HttpResponse:
        owner = get_organization(self.actor, organization_id)
        form = AccountForm(request.POST)
        if not form.is_valid():
            return self.show(form, owner, title=self.heading, status=UNPROCESSABLE)
        values = dict(form.cleaned_data)
        make_primary = values.pop("is_primary")
        try:
            row = create_account(
                owner,
                actor=self.actor,
                details=AccountDetails(**values),
                make_primary=make_primary,
            )
        except PortalError as error:
            add_errors(form, error)
            return self.show(form, owner, title=self.heading, status=UNPROCESSABLE)
        self.say(f"The account {row.name} was added.")
        return self.go_to(organization_address(owner))


class AccountEditPage(AccountFormPage):
    """Changes an account."""

    capability = "organizations.change"

    def get(self, request: HttpRequest, account_id: UUID) -> HttpResponse:
        account = get_account(self.actor, account_id)
        form = AccountForm(account=account)
        return self.show(form, account.organization, title=f"Edit {account.name}")

    def post(self, request: HttpRequest, account_id: UUID) -> HttpResponse:
        account = get_account(self.actor, account_id)
        title = f"Edit {account.name}"
        form = AccountForm(request.POST, account=account)
        if not form.is_valid():
            return self.show(form, account.organization, title=title, status=UNPROCESSABLE)
        try:
            changed = change_account(account, actor=self.actor, changes=form.cleaned_data)
        except PortalError as error:
            add_errors(form, error)
            return self.show(form, account.organization, title=title, status=UNPROCESSABLE)
        self.say(f"The account {changed.name} was saved.")
        return self.go_to(account_address(changed))


def address_lines(account: Account) -> list[str]:
    """Return the lines of the billing address, without those that are empty."""
    place = " ".join(part for part in (account.postal_code, account.city) if part)
    lines = (
        account.address_line1,
        account.address_line2,
        place,
        account.state,
        country_names().get(account.country, account.country),
    )
    written = [line for line in lines if line]
    return written if any(lines[:4]) else []
