"""First passwords for the reseller's own people: where each stands, and sending one again."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from organizations.passwords.forms import HandingForm, RedirectForm
from organizations.passwords.models import FirstPassword
from organizations.passwords.operations import (
    Handing,
    change_handing,
    redirect_password,
    send_again,
)
from organizations.passwords.queries import (
    first_passwords,
    get_first_password,
    last_letters,
    last_link,
    letters_of,
    settings_of,
    standing_of,
)
from organizations.passwords.recipients import recipient_for
from portal.core.errors import PortalError
from portal.notify.models import Delivery
from portal.web.dialogs import UNPROCESSABLE, render_dialog
from portal.web.lists import Column, Empty, ListPage, Tab
from portal.web.pages import Page, add_errors

State = FirstPassword.State


class FirstPasswordListPage(ListPage):
    """Every first password there was, the newest first, and none of them itself."""

    capability = "passwords.view"
    model = FirstPassword
    title, one, many = "First passwords", "first password", "first passwords"
    template_name = "passwords/password_list.html"
    row_template = "passwords/password_row.html"
    columns: ClassVar[tuple[Column, ...]] = (
        Column("user", "User", sort="domain"),
        Column("account", "Account"),
        Column("recipient", "Goes to"),
        Column("state", "State"),
        Column("kept", "Since", sort="kept_at"),
        Column("actions", "Actions", hidden_label=True),
    )
    default_sort = "-kept_at"
    search_label, search_fields = "Search first passwords", ("username", "domain", "account__name")
    search_placeholder = "User, domain or account"
    tabs: ClassVar[tuple[Tab, ...]] = (
        Tab("", "All"),
        Tab("open", "Not opened", where=Q(wiped_at=None)),
        Tab("expired", "Expired", where=Q(state=State.EXPIRED), tone="warn"),
    )

    def get_rows(self) -> QuerySet[Any]:
        return first_passwords(self.actor)

    def list_context(self) -> dict[str, Any]:
        context, may_send = super().list_context(), self.actor.may("passwords.send")
        rows = context["page"].rows
        letters = last_letters([row.pk for row in rows], actor=self.actor)
        for row in rows:
            row.standing = standing_of(row, letters.get(row.pk))
            row.may_send = may_send and may_send_again(row)
        return context

    def get_context(self) -> dict[str, Any]:
        return {"may_see_handing": self.actor.may("handing.view")}

    def empty(self) -> Empty:
        return Empty(
            "No first passwords yet",
            "When a tenant is created for an account, the first password of its administrator is"
            " kept here, sealed, until it was handed over.",
        )


class FirstPasswordPage(Page):
    """One first password: whom it goes to, which letters went out, and what became of them."""

    capability = "passwords.view"

    def get(self, request: HttpRequest, first_password_id: UUID) -> HttpResponse:
        row = get_first_password(self.actor, first_password_id)
        letters = letters_of(row, actor=self.actor)
        now = None if row.is_wiped else recipient_for(row.account, actor=self.actor)
        context = {
            "title": str(row),
            "crumbs": [("First passwords", reverse("passwords:first_password_list"))],
            "password": row,
            "standing": standing_of(row, letters[0] if letters else None),
            "letters": letters,
            "tones": {Delivery.State.SENT: "good", Delivery.State.FAILED: "bad"},
            "link": last_link(row, actor=self.actor),
            "recipient_now": now if now and now.address != row.recipient else None,
            "may_send": self.actor.may("passwords.send") and may_send_again(row),
            "may_manage": self.actor.may("passwords.manage") and not row.is_wiped,
        }
        return render(request, "passwords/password_detail.html", context)


class FirstPasswordSendPage(Page):
    """Sends the letter again with a new link."""

    capability = "passwords.send"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, first_password_id: UUID) -> HttpResponse:
        row = get_first_password(self.actor, first_password_id)
        send_again(row, actor=self.actor)
        self.say(f"A new link to the first password of {row} goes to {row.recipient}.")
        return self.go_to(reverse("passwords:first_password_detail", args=[row.pk]))


class FirstPasswordRedirectPage(Page):
    """Approves that a first password goes to whom the letter would go to by now."""

    capability = "passwords.manage"

    def get(self, request: HttpRequest, first_password_id: UUID) -> HttpResponse:
        return self._ask(get_first_password(self.actor, first_password_id), RedirectForm())

    def post(self, request: HttpRequest, first_password_id: UUID) -> HttpResponse:
        row = get_first_password(self.actor, first_password_id)
        form = RedirectForm(request.POST)
        if not form.is_valid():
            return self._ask(row, form)
        try:
            changed = redirect_password(row, actor=self.actor, reason=form.cleaned_data["reason"])
        except PortalError as error:
            add_errors(form, error)
            return self._ask(row, form)
        self.say(f"It goes to {changed.recipient} now. Send it again to mail a new link there.")
        return self.go_to(reverse("passwords:first_password_detail", args=[row.pk]))

    def _ask(self, row: FirstPassword, form: RedirectForm) -> HttpResponse:
        context = {
            "password": row,
            "form": form,
            "now": recipient_for(row.account, actor=self.actor),
            "back": reverse("passwords:first_password_detail", args=[row.pk]),
        }
        return render_dialog(
            self.request,
            "passwords/password_redirect.html",
            context,
            title="Send to another address",
            invalid=form.is_bound,
        )


class HandingPage(Page):
    """How first passwords are handed over."""

    capability, write_capability = "handing.view", "passwords.manage"

    def get(self, request: HttpRequest) -> HttpResponse:
        row = settings_of(self.actor)
        initial = {"in_mail": row.in_mail, "own_address": row.own_address}
        return self._show(HandingForm(initial=initial))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = HandingForm(request.POST)
        if not form.is_valid():
            return self._show(form, status=UNPROCESSABLE)
        try:
            change_handing(actor=self.actor, handing=Handing(**form.cleaned_data))
        except PortalError as error:
            add_errors(form, error)
            return self._show(form, status=UNPROCESSABLE)
        self.say("How first passwords are handed over is saved.")
        return self.go_to(reverse("passwords:handing"))

    def _show(self, form: HandingForm, *, status: int = 200) -> HttpResponse:
        context = {
            "title": "Handing over",
            "crumbs": [("First passwords", reverse("passwords:first_password_list"))],
            "form": form,
            "handing": settings_of(self.actor),
            "may_manage": self.actor.may("passwords.manage"),
        }
        return render(self.request, "passwords/handing.html", context, status=status)


def may_send_again(row: FirstPassword) -> bool:
    """Tell whether there still is a password to send, and somebody to send it to."""
    return not row.is_wiped and bool(row.recipient)
