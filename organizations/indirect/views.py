"""The indirect resellers of a connection: the list, and which organization each of them is."""

from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from organizations.directory.forms import OrganizationForm, known_country
from organizations.indirect.forms import LinkResellerForm
from organizations.indirect.operations import (
    NEEDS,
    create_from_indirect_reseller,
    link_indirect_reseller,
    refresh_indirect_resellers,
)
from organizations.indirect.queries import attach_standings, last_reading, listed_resellers
from portal.core.errors import PortalError
from portal.core.jobs.models import Job
from portal.web.dialogs import render_dialog
from portal.web.lists import Column, Empty, ListPage
from portal.web.pages import Page, add_errors
from tenants.connections.models import Connection
from tenants.connections.queries import connections
from tenants.indirect.models import IndirectReseller


class ResellerListPage(ListPage):
    """The indirect resellers Partner Center lists for a connection."""

    capability = "connections.view"
    model = IndirectReseller
    title, one, many = "Indirect resellers", "indirect reseller", "indirect resellers"
    template_name = "indirect/reseller_list.html"
    row_template = "indirect/reseller_row.html"
    columns = (
        Column("name", "Reseller", sort="name"),
        Column("mpn_id", "Partner id (MPN)", sort="mpn_id"),
        Column("location", "Location", sort="location", hidden_on_phone=True),
        Column("chosen", "Can be chosen"),
        Column("organization", "Organization"),
    )
    default_sort = "name"
    search_label, search_fields = "Search indirect resellers", ("name", "mpn_id")
    search_placeholder = "Name or partner id"

    @cached_property
    def connection(self) -> Connection:
        row: Connection = connections(self.actor).get_visible(
            self.actor, pk=self.kwargs["connection_id"]
        )
        return row

    @cached_property
    def reading(self) -> Job | None:
        return last_reading(self.connection, actor=self.actor)

    def get_rows(self) -> QuerySet[Any]:
        return listed_resellers(self.actor).filter(connection_id=self.connection.pk)

    def list_context(self) -> dict[str, Any]:
        context = super().list_context()
        attach_standings(context["page"].rows, actor=self.actor)
        return {
            **context,
            "connection": self.connection,
            "reading": self.reading,
            "may_link": self.actor.may(NEEDS),
            "may_read": self.actor.may("discovery.run") and self.connection.shows_reseller_mpn,
        }

    def empty(self) -> Empty:
        if not self.connection.shows_reseller_mpn:
            return Empty(
                "A direct connection has no indirect resellers",
                "Only an indirect provider and its country tenants sell through others.",
            )
        if self.reading is None or self.reading.is_open:
            return Empty(
                "Not read yet",
                "Partner Center's list is read when the services definitions are fetched, every"
                " night after that, and when you ask for it.",
            )
        return Empty("Partner Center lists nobody", "Indirect resellers appear once they accept.")


class ResellersReadPage(Page):
    """Asks for the list to be read now."""

    capability = "discovery.run"
    http_method_names = ("post", "options")

    def post(self, request: HttpRequest, connection_id: UUID) -> HttpResponse:
        row = connections(self.actor).get_visible(self.actor, pk=connection_id)
        try:
            refresh_indirect_resellers(row, actor=self.actor)
            self.say("Partner Center is asked for the indirect resellers.")
        except PortalError as error:
            self.refuse(error)
        return self.go_to(_list_of(row.pk))


class ResellerLinkPage(Page):
    """Says which organization an indirect reseller is."""

    capability = NEEDS

    def get(self, request: HttpRequest, indirect_reseller_id: UUID) -> HttpResponse:
        row = listed_resellers(self.actor).get_visible(self.actor, pk=indirect_reseller_id)
        return self._show(row, LinkResellerForm(actor=self.actor))

    def post(self, request: HttpRequest, indirect_reseller_id: UUID) -> HttpResponse:
        row = listed_resellers(self.actor).get_visible(self.actor, pk=indirect_reseller_id)
        form = LinkResellerForm(request.POST, actor=self.actor)
        if not form.is_valid():
            return self._show(row, form)
        try:
            found = link_indirect_reseller(row, form.cleaned_data["organization"], actor=self.actor)
        except PortalError as error:
            add_errors(form, error)
            return self._show(row, form)
        self.say(f"{row.name} is {found}.")
        return self.go_to(_list_of(row.connection_id))

    def _show(self, row: IndirectReseller, form: LinkResellerForm) -> HttpResponse:
        return render_dialog(
            self.request,
            "indirect/reseller_link.html",
            {"listed": row, "form": form, "back": _list_of(row.connection_id)},
            title="Link an indirect reseller",
            invalid=form.is_bound,
        )


class ResellerCreatePage(Page):
    """Makes a sub-reseller out of an indirect reseller."""

    capability = NEEDS

    def get(self, request: HttpRequest, indirect_reseller_id: UUID) -> HttpResponse:
        row = listed_resellers(self.actor).get_visible(self.actor, pk=indirect_reseller_id)
        known = {"name": row.name, "country": known_country(row.location)}
        return self._show(row, OrganizationForm(initial=known))

    def post(self, request: HttpRequest, indirect_reseller_id: UUID) -> HttpResponse:
        row = listed_resellers(self.actor).get_visible(self.actor, pk=indirect_reseller_id)
        form = OrganizationForm(request.POST)
        if not form.is_valid():
            return self._show(row, form)
        values = dict(form.cleaned_data)
        anyway = bool(values.pop("create_anyway", False))
        try:
            made = create_from_indirect_reseller(
                row, actor=self.actor, values=values, create_anyway=anyway
            )
        except PortalError as error:
            form.refuse(error)
            return self._show(row, form, duplicates=error.data.get("duplicates"))
        self.say(f"{made} is a sub-reseller now.")
        return self.go_to(_list_of(row.connection_id))

    def _show(self, row: IndirectReseller, form: OrganizationForm, **context: Any) -> HttpResponse:
        return render_dialog(
            self.request,
            "indirect/reseller_create.html",
            {"listed": row, "form": form, "back": _list_of(row.connection_id), **context},
            title="Create organization from it",
            invalid=form.is_bound,
        )


def _list_of(connection_id: UUID) -> str:
    return reverse("indirect:reseller_list", args=[connection_id])
