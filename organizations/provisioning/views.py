"""Pages of provisioning: the requests, one with its journal, and what can be done with it."""

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from organizations.provisioning.forms import RequestForm
from organizations.provisioning.models import ProvisioningRequest
from organizations.provisioning.operations import request_provisioning
from organizations.provisioning.queries import get_request, requests, state_of
from organizations.provisioning.shown import describe, tone_of
from organizations.provisioning.steering import (
    cancel_provisioning,
    confirm_existing,
    resume_provisioning,
    retry_provisioning,
)
from portal.core.errors import PortalError
from portal.web.dialogs import render_dialog
from portal.web.lists import Column, Empty, ListPage, Tab
from portal.web.pages import Page, add_errors

READING, PROVISIONING = "provisioning.view", "tenants.provision"
State = ProvisioningRequest.State


class RequestListPage(ListPage):
    """All requests, newest first."""

    capability = READING
    model = ProvisioningRequest
    title, one, many = "Provisioning", "request", "requests"
    template_name = "provisioning/request_list.html"
    row_template = "provisioning/request_row.html"
    columns = (
        Column("domain", "Domain", sort="domain"),
        Column("account", "Account"),
        Column("state", "State"),
        Column("connection", "Connection", hidden_on_phone=True),
        Column("asked_by", "Asked by", hidden_on_phone=True),
        Column("created", "Asked", sort="created_at"),
    )
    default_sort = "-created_at"
    search_label = "Search requests"
    search_fields = ("domain", "account__name", "account__organization__number", "asked_by")
    search_placeholder = "Domain, account or number"
    tabs = (
        Tab("", "All"),
        Tab("open", "Running", where=Q(state__in=[State.WAITING, State.RUNNING])),
        Tab(
            "stopped",
            "Waiting for somebody",
            where=Q(state__in=[State.ASKING, State.FAILED, State.PERSON]),
        ),
        Tab("done", "Done", where=Q(state=State.DONE)),
    )

    def get_rows(self) -> QuerySet[Any]:
        return requests(self.actor)

    def list_context(self) -> dict[str, Any]:
        context = super().list_context()
        for row in context["page"].rows:
            row.shown_state, row.tone = state_of(row), tone_of(row)
        may_provision = self.actor.may(PROVISIONING)
        may_import = may_provision and self.actor.may("tenants.link")
        return {**context, "may_provision": may_provision, "may_import": may_import}

    def empty(self) -> Empty:
        title = "No tenant was asked for yet"
        text = "A customer's account becomes a Microsoft tenant here; each step of it is kept."
        if not self.actor.may(PROVISIONING):
            return Empty(title, text)
        return Empty(title, text, "Provision an account", reverse("provisioning:request_create"))


class RequestCreatePage(Page):
    """Asks for a tenant and leads to its journal."""

    capability = READING
    write_capability = PROVISIONING

    def get(self, request: HttpRequest) -> HttpResponse:
        number = request.GET.get("number", "")
        return self._show(RequestForm(actor=self.actor, initial={"number": number}))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = RequestForm(request.POST, actor=self.actor)
        if form.is_valid():
            try:
                row = request_provisioning(
                    form.cleaned_data["number"], actor=self.actor, **form.arguments()
                )
            except PortalError as error:
                add_errors(form, error)
                _add_of_account(form, error)
            else:
                return self.go_to(reverse("provisioning:request_detail", args=[row.pk]))
        return self._show(form, invalid=True)

    def _show(self, form: RequestForm, *, invalid: bool = False) -> HttpResponse:
        return render_dialog(
            self.request,
            "provisioning/request_form.html",
            {"form": form, "may_provision": self.actor.may(PROVISIONING)},
            title="Provision an account",
            invalid=invalid,
        )


class RequestPage(Page):
    """One request with its journal."""

    capability = READING
    template_name = "provisioning/request_detail.html"

    def get(self, request: HttpRequest, provisioning_id: UUID) -> HttpResponse:
        row = get_request(self.actor, provisioning_id)
        return render(request, self.template_name, self.context(row))

    def context(self, row: ProvisioningRequest) -> dict[str, Any]:
        """Return what page and progress fragment show."""
        return {
            "title": row.domain,
            "request_row": row,
            "shown": describe(row, actor=self.actor),
            "is_staff": self.actor.is_staff,
            "progress_url": reverse("provisioning:request_progress", args=[row.pk]),
        }


class RequestProgressFragment(RequestPage):
    """How far it is, asked for every two seconds while the page is looked at."""

    template_name = "provisioning/_progress.html"

    def context(self, row: ProvisioningRequest) -> dict[str, Any]:
        """Tell the page to load itself anew once it no longer moves."""
        return {**super().context(row), "polled": True}


class RequestConfirmPage(Page):
    """Synchronizes the account with the tenant that exists."""

    capability = PROVISIONING
    http_method_names = ("post",)
    said: ClassVar[str] = "{row.account.name} is synchronized with {row.domain}."

    def post(self, request: HttpRequest, provisioning_id: UUID) -> HttpResponse:
        row = get_request(self.actor, provisioning_id)
        try:
            done = self.do(row, actor=self.actor)
        except PortalError as error:
            self.refuse(error)
        else:
            self.say(self.said.format(row=done))
        return self.go_to(reverse("provisioning:request_detail", args=[row.pk]))

    @property
    def do(self) -> Callable[..., ProvisioningRequest]:
        return confirm_existing


class RequestRetryPage(RequestConfirmPage):
    """Tries a refused request again with what its account says now."""

    said = "{row.domain} is tried again."

    @property
    def do(self) -> Callable[..., ProvisioningRequest]:
        return retry_provisioning


class RequestResumePage(RequestConfirmPage):
    """Goes on where a request stood."""

    said = "{row.domain} goes on where it stood."

    @property
    def do(self) -> Callable[..., ProvisioningRequest]:
        return resume_provisioning


class RequestCancelPage(RequestConfirmPage):
    """Gives a request up."""

    said = "The request for {row.domain} is given up."

    @property
    def do(self) -> Callable[..., ProvisioningRequest]:
        return cancel_provisioning


def _add_of_account(form: RequestForm, error: PortalError) -> None:
    """Say on top what is wrong with the account, whose fields are on another page."""
    elsewhere = [
        text for name, said in error.fields.items() if name not in form.fields for text in said
    ]
    if elsewhere and any(name in form.fields for name in error.fields):
        for text in elsewhere:
            form.add_error(None, text)
    elif elsewhere:
        for text in elsewhere:
            form.add_error("number", text)
