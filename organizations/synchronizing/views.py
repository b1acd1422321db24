"""From the account to its sync options: the list of systems, the form, and what is asked of
Microsoft while it is filled in."""

from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator

from organizations.directory.accounts import change_account
from organizations.directory.models import Account
from organizations.directory.places import account_address, crumbs_to
from organizations.directory.queries import get_account
from organizations.readiness.availability import check_availability
from organizations.readiness.checking import check_readiness
from organizations.readiness.sending import address_to_send
from organizations.readiness.verifying import AddressVerdict, verify_address
from organizations.synchronizing.forms import SuggestedAddressForm, SyncOptionsForm
from organizations.synchronizing.microsoft import MICROSOFT
from organizations.synchronizing.operations import get_services_definitions
from organizations.synchronizing.options import has_definitions, read_options, save_options
from organizations.synchronizing.systems import provisioning_systems
from portal.core.errors import InvalidInput, PortalError
from portal.web.dialogs import render_dialog
from portal.web.pages import Page, add_errors
from tenants.connections.models import Connection
from tenants.connections.queries import connections

UNPROCESSABLE = 422
TOKEN_LENGTH = 64


class SystemListPage(Page):
    """The provisioning systems an account can be synchronized with, as a dialog or a page."""

    capability = "organizations.view"

    def get(self, request: HttpRequest, account_id: UUID) -> HttpResponse:
        account = get_account(self.actor, account_id)
        doors = [
            door
            for system in provisioning_systems()
            for door in system.doors(account, actor=self.actor)
        ]
        context = {
            "account": account,
            "doors": doors,
            "is_staff": self.actor.is_staff,
            "back": account_address(account),
        }
        return render_dialog(
            request, "synchronizing/system_list.html", context, title="Provisioning systems"
        )


class OptionsPage(Page):
    """What the pages of one account and connection have in common."""

    abstract = True

    def pair(self, account_id: UUID, connection_id: UUID) -> tuple[Account, Connection]:
        """Return both rows, or raise `NotFound`."""
        account = get_account(self.actor, account_id)
        row: Connection = connections(self.actor).get_visible(self.actor, pk=connection_id)
        return account, row


class SyncOptionsPage(OptionsPage):
    """Microsoft Cloud Services > Sync options of one account."""

    capability = "provisioning.view"
    write_capability = "tenants.provision"

    def get(self, request: HttpRequest, account_id: UUID, connection_id: UUID) -> HttpResponse:
        return self._show(*self.pair(account_id, connection_id))

    def post(self, request: HttpRequest, account_id: UUID, connection_id: UUID) -> HttpResponse:
        account, connection = self.pair(account_id, connection_id)
        options = read_options(account, actor=self.actor, connection=connection)
        form = SyncOptionsForm(
            request.POST, actor=self.actor, connection=connection, options=options
        )
        if not form.is_valid():
            return self._show(account, connection, form, status=UNPROCESSABLE)
        try:
            saved = save_options(
                account, actor=self.actor, connection=connection, options=form.options
            )
            if "synchronize" in request.POST:
                row = MICROSOFT.request(
                    account,
                    actor=self.actor,
                    connection=connection,
                    options=saved,
                    key=request.POST.get("token", "")[:TOKEN_LENGTH],
                )
                return self.go_to(reverse("provisioning:request_detail", args=[row.pk]))
        except PortalError as error:
            _add_all(form, error)
            return self._show(account, connection, form, status=UNPROCESSABLE)
        self.say(f"The sync options of {account.name} are saved.")
        return self.go_to(self.request.path)

    def _show(
        self,
        account: Account,
        connection: Connection,
        form: SyncOptionsForm | None = None,
        *,
        status: int = 200,
    ) -> HttpResponse:
        actor = self.actor
        options = read_options(account, actor=actor, connection=connection)
        readiness = check_readiness(account, actor=actor, connection=connection, options=options)
        context: dict[str, Any] = {
            "title": f"Sync options of {account.name}",
            "crumbs": [*crumbs_to(account.organization), (account.name, account_address(account))],
            "account": account,
            "connection": connection,
            "options": options,
            "form": form or SyncOptionsForm(actor=actor, connection=connection, options=options),
            "has_definitions": has_definitions(connection, actor=actor),
            "readiness": readiness,
            "sent": readiness.sent,
            "is_existing": readiness.is_existing,
            "may_provision": actor.may("tenants.provision"),
            "is_staff": actor.is_staff,
            "token": self.request.POST.get("token", "")[:TOKEN_LENGTH] or str(uuid4()),
        }
        return render(self.request, "synchronizing/sync_options.html", context, status=status)


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class PrefixCheckPage(OptionsPage):
    """Whether the prefix that is typed is free (``?domain_prefix=``): a few words for the form."""

    capability = "provisioning.view"

    def get(self, request: HttpRequest, account_id: UUID, connection_id: UUID) -> HttpResponse:
        with transaction.atomic():
            _account, connection = self.pair(account_id, connection_id)
        found = None
        if self.actor.may("tenants.provision"):
            typed = request.GET.get("domain_prefix", "").replace("\x00", "")
            found = check_availability(typed, actor=self.actor, connection=connection)
        return render(request, "synchronizing/_availability.html", {"found": found})


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class AddressCheckPage(OptionsPage):
    """Has Microsoft verify the address that would be sent, and offers what it suggests."""

    capability = "provisioning.view"
    write_capability = "tenants.provision"

    def get(self, request: HttpRequest, account_id: UUID, connection_id: UUID) -> HttpResponse:
        with transaction.atomic():
            return self._show(*self.pair(account_id, connection_id))

    def post(self, request: HttpRequest, account_id: UUID, connection_id: UUID) -> HttpResponse:
        with transaction.atomic():
            account, connection = self.pair(account_id, connection_id)
        try:
            verdict = verify_address(account, actor=self.actor, connection=connection)
        except PortalError as error:
            with transaction.atomic():
                return self._show(account, connection, failure=error.detail)
        with transaction.atomic():
            return self._show(account, connection, verdict)

    def _show(
        self,
        account: Account,
        connection: Connection,
        verdict: AddressVerdict | None = None,
        *,
        failure: str = "",
    ) -> HttpResponse:
        context = {
            "account": account,
            "connection": connection,
            "verdict": verdict,
            "failure": failure,
            "sent": address_to_send(account, actor=self.actor, connection=connection),
            "offers": [
                (one, SuggestedAddressForm(initial=one.values, auto_id=False))
                for one in (verdict.suggestions if verdict else ())
            ],
            "may_provision": self.actor.may("tenants.provision"),
            "may_change": self.actor.may("organizations.change"),
            "back": reverse("synchronizing:sync_options", args=[account.pk, connection.pk]),
        }
        return render_dialog(
            self.request, "synchronizing/address_check.html", context, title="Verify the address"
        )


class AddressAcceptPage(OptionsPage):
    """Takes an address Microsoft suggested over into the account whose address is sent."""

    capability = "tenants.provision"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, account_id: UUID, connection_id: UUID) -> HttpResponse:
        account, connection = self.pair(account_id, connection_id)
        form = SuggestedAddressForm(request.POST)
        if not form.is_valid():
            raise InvalidInput("This is no address that was suggested.", fields=_texts(form))
        sent = address_to_send(account, actor=self.actor, connection=connection)
        changed = change_account(sent.account, actor=self.actor, changes=form.cleaned_data)
        self.say(f"The address of {changed.name} is now as Microsoft writes it.")
        back = reverse("synchronizing:sync_options", args=[account.pk, connection.pk])
        return self.go_to(back)


class ServicesDefinitionsPage(Page):
    """Gets the services definitions of a connection: one button on its page."""

    capability = "fields.manage"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, connection_id: UUID) -> HttpResponse:
        row: Connection = connections(self.actor).get_visible(self.actor, pk=connection_id)
        found = get_services_definitions(row, actor=self.actor)
        names = ", ".join(field.label for field in found)
        self.say(f"The services definitions of {row.name} are here: {names}.")
        return self.go_to(reverse("connections:connection_detail", args=[row.pk]))


def _add_all(form: SyncOptionsForm, error: PortalError) -> None:
    """Put a refusal on the form; what is about the account, whose fields are elsewhere, on top."""
    add_errors(form, error)
    elsewhere = [
        text for name, texts in error.fields.items() if name not in form.fields for text in texts
    ]
    if any(name in form.fields for name in error.fields):
        for text in elsewhere:
            form.add_error(None, text)


def _texts(form: SuggestedAddressForm) -> dict[str, list[str]]:
    return {name: [str(text) for text in texts] for name, texts in form.errors.items()}
