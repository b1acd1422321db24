"""Saving views and choosing columns from the page of a list; plain forms that lead back to it."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from portal.core.access import Actor
from portal.core.errors import InvalidInput, NotFound, PortalError
from portal.core.tables.models import TableView
from portal.core.tables.operations import choose_columns, clean_query, remove_view, save_view
from portal.core.tables.queries import own_views
from portal.web.dialogs import render_dialog
from portal.web.lists import TABLES, ListPage
from portal.web.looks import EVERYTHING, VIEW, Look
from portal.web.pages import Page

FULL_QUERY = "full_query"
"""What a new view holds; ``query`` is where the person stands, to come back to."""


def list_of(table: str) -> type[ListPage]:
    """Return the page of a table, or raise `NotFound`."""
    page = TABLES.get(table)
    if page is None:
        raise NotFound
    return page


def check_columns(table: str, names: list[str], *, actor: Actor) -> list[str]:
    """Return the names, or refuse those that are no column of the table one may choose."""
    offered = [column.name for column in list_of(table).columns_for(actor) if not column.fixed]
    if unknown := sorted(set(names) - set(offered)):
        wrong = (
            f"{', '.join(unknown)[:200]}: there is no such column; choose from"
            f" {', '.join(offered)}."
        )
        raise InvalidInput(wrong, fields={"columns": [wrong]})
    return names


class _TableForm(Page):
    """A form posted from a list: does its work, says so, and leads back."""

    abstract = True
    capability = "views.manage"
    http_method_names = ("post",)

    def list_address(self, table: str, query: str) -> str:
        address = reverse(list_of(table).list_name)
        try:
            kept = clean_query(query)
        except InvalidInput:
            kept = ""
        return f"{address}?{kept or f'{VIEW}={EVERYTHING}'}"

    def own_view(self, view_id: UUID) -> TableView:
        view = own_views(self.actor).filter(pk=view_id).first()
        if view is None:
            raise NotFound
        return view


class ArrangePage(Page):
    """The columns and the saved views of a list, as a page and as a dialog.

    Views can be opened by whoever has them; while nothing may be changed, that is all.
    """

    capability = "profile.view"

    def get(self, request: HttpRequest, table: str) -> HttpResponse:
        page = list_of(table)
        place = reverse(page.list_name)
        try:
            query = clean_query(request.GET.get("query", ""))
        except InvalidInput:
            query = ""
        look = Look(
            table=table,
            columns=page.columns_for(self.actor),
            actor=self.actor,
            path=place,
            query=QueryDict(query),
        )
        context = {
            "table": table,
            "may_change": self.actor.may("views.manage"),
            "look": look,
            "origin": request.build_absolute_uri("/").rstrip("/"),
            "back": f"{place}?{query}" if query else place,
            "many": page.many,
        }
        title = f"Columns and views of {page.title.lower()}"
        return render_dialog(request, "tables/arrange.html", context, title=title)


class ColumnsPage(_TableForm):
    """Remembers which columns of a list the person wants; ``reset`` forgets it."""

    def post(self, request: HttpRequest, table: str) -> HttpResponse:
        names = [] if "reset" in request.POST else request.POST.getlist("columns")
        choose_columns(
            table, actor=self.actor, columns=check_columns(table, names, actor=self.actor)
        )
        return self.go_to(self.list_address(table, request.POST.get("query", "")))


class ViewCreatePage(_TableForm):
    """Saves the list as it is shown under a name."""

    def post(self, request: HttpRequest, table: str) -> HttpResponse:
        sent: MultiValueDict[str, str] = request.POST
        query = sent.get(FULL_QUERY, "")
        address = self.list_address(table, query)
        try:
            view = save_view(
                table,
                actor=self.actor,
                name=sent.get("name", ""),
                query=query,
                is_default="is_default" in sent,
            )
        except PortalError as error:
            self.refuse(error)
            return self.go_to(address)
        self.say(f"This view is saved as “{view.name}”.")
        return self.go_to(address)


class ViewDefaultPage(_TableForm):
    """Makes a view the one its list opens with, or no longer."""

    def post(self, request: HttpRequest, view_id: UUID) -> HttpResponse:
        view = self.own_view(view_id)
        row = save_view(
            view.table,
            actor=self.actor,
            name=view.name,
            query=view.query,
            is_default=not view.is_default,
        )
        self.say(
            f"The list now opens with “{row.name}”."
            if row.is_default
            else f"The list no longer opens with “{row.name}”."
        )
        return self.go_to(self.list_address(row.table, row.query))


class ViewRemovePage(_TableForm):
    """Removes a view."""

    def post(self, request: HttpRequest, view_id: UUID) -> HttpResponse:
        view = remove_view(self.own_view(view_id), actor=self.actor)
        self.say(f"The view “{view.name}” is removed.")
        return self.go_to(self.list_address(view.table, request.POST.get("query", "")))
