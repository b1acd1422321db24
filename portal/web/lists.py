"""The list page: search, filters, tabs, sorting, paging and choosing rows, the same everywhere.

A list is written by saying what it holds:

    class TenantListPage(ListPage):
        capability = "tenants.view"
        title, one, many = "Tenants", "tenant", "tenants"
        columns = (Column("name", "Tenant", sort="name"), Column("seen", "Seen", sort="seen_at"))
        row_template = "linking/tenant_row.html"  # the cells of one row; gets ``row``, ``shown``
        default_sort = "name"
        search_label, search_fields = "Search tenants", ("name", "domain")
        filterset_class = TenantFilter
        tabs = (Tab("", "All"), Tab("unlinked", "Not linked", where=Q(link=None), tone="warn"))

        def get_rows(self) -> QuerySet[Tenant]:
            return Tenant.objects.visible_to(self.actor).select_related("organization")

For htmx the answer is the fragment that the page itself includes. Everything that shapes the list
is in the address, so it can be shared, and works without JavaScript. No count reads more than
`COUNT_LIMIT` rows unless a list says how to do better. A list with a ``table`` name of its own lets
people choose its columns and save views of it (`portal.web.looks`).
"""

from collections.abc import Mapping
from functools import cached_property, reduce
from operator import or_
from typing import Any, ClassVar

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django_filters import FilterSet

from portal.core.access import Actor
from portal.core.tables.operations import COLUMNS
from portal.web.chips import active_names, filter_chips
from portal.web.dialogs import UNPROCESSABLE, wants_fragment
from portal.web.listparts import BulkAction, Column, Empty, Tab, TabLink
from portal.web.looks import VIEW, Look
from portal.web.pages import Page as BasePage
from portal.web.paging import BadCursor, Order, Page, fetch_page
from portal.web.sorting import PAGE, SORT, HeadCell, head_cell, link_with

SEARCH, TAB, SIZE = "search", "tab", "size"
CARRIED = (TAB, SORT, SIZE, COLUMNS, VIEW)
"""What the form of a list does not ask for and yet has to keep."""
WHERE_NOT_WHAT = (PAGE, SIZE, VIEW, COLUMNS)
"""Parameters that change nothing about which rows a list holds."""
SEARCH_LENGTH = 200
COUNT_LIMIT = 10_000
ROWS = "#list-body"

TABLES: dict[str, type["ListPage"]] = {}
"""The lists people may arrange, by the name of their table."""

__all__ = ["TABLES", "BulkAction", "Column", "Empty", "ListPage", "Tab"]


class ListPage(BasePage):
    """Base of every list; see the module for how one is written."""

    abstract = True

    model: ClassVar[type[Model]]
    title: ClassVar[str]
    one: ClassVar[str]
    many: ClassVar[str]
    columns: ClassVar[tuple[Column, ...]]
    table: ClassVar[str] = ""
    list_name: ClassVar[str] = ""
    row_template: ClassVar[str]
    default_sort: ClassVar[str] = "pk"
    template_name: ClassVar[str] = "components/list_page.html"
    fragment_template: ClassVar[str] = "components/list_fragment.html"
    search_label: ClassVar[str] = ""
    search_placeholder: ClassVar[str] = ""
    search_fields: ClassVar[tuple[str, ...]] = ()
    filterset_class: ClassVar[type[FilterSet] | None] = None
    tabs: ClassVar[tuple[Tab, ...]] = ()
    sizes: ClassVar[tuple[int, ...]] = (25, 50, 100)
    count_limit: ClassVar[int] = COUNT_LIMIT

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if table := cls.__dict__.get("table"):
            TABLES[table] = cls

    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Answer the page, or its fragment for htmx; 422 when a filter makes no sense."""
        fragment = wants_fragment(request)
        if not fragment and (place := self.look.elsewhere()):
            return redirect(place)
        response = render(
            request,
            self.fragment_template if fragment else self.template_name,
            {**self.list_context(), **self.get_context()},
            status=UNPROCESSABLE if self.filter_errors else None,
        )
        patch_vary_headers(response, ["HX-Request"])
        return response

    # --- what a list may say about itself ---

    @classmethod
    def columns_for(cls, _actor: Actor) -> tuple[Column, ...]:
        """Return the columns the actor may choose from."""
        return cls.columns

    def get_rows(self) -> QuerySet[Any]:
        """Return the rows the actor may see, with everything a row shows."""
        rows: QuerySet[Any] = self.model._default_manager.visible_to(self.actor)  # type: ignore[attr-defined]
        return rows

    def search(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        """Keep the rows in which one of ``search_fields`` contains the text."""
        conditions = [Q(**{f"{field}__icontains": text}) for field in self.search_fields]
        return rows.filter(reduce(or_, conditions)) if conditions else rows

    def count_tabs(self, rows: QuerySet[Any]) -> Mapping[str, int | None]:
        """Return how many of ``rows`` (searched and filtered) each tab holds, if it is to show."""
        return {}

    def count(self, rows: QuerySet[Any]) -> int | None:
        """Count the rows, or return None if there are more than ``count_limit``."""
        found = rows.order_by()[: self.count_limit + 1].count()
        return found if found <= self.count_limit else None

    def bulk_actions(self) -> tuple[BulkAction, ...]:
        """Return what the actor may do with chosen rows; none hides the boxes."""
        return ()

    def empty(self) -> Empty:
        """Say what to do while there is nothing at all."""
        return Empty(f"No {self.many} yet")

    def get_context(self) -> dict[str, Any]:
        """Return what the page's own template needs beside the list."""
        return {}

    def shown_columns(self) -> tuple[Column, ...]:
        """Return the columns to show, in order."""
        return self.look.shown()

    # --- what the address asks for ---

    @cached_property
    def look(self) -> Look:
        """The columns and views this person has settled on."""
        return Look(
            table=self.table,
            columns=self.columns,
            actor=self.actor,
            path=self.request.path,
            query=self.request.GET,
        )

    @cached_property
    def search_text(self) -> str:
        text = self.request.GET.get(SEARCH, "").replace("\x00", "").strip()
        return text[:SEARCH_LENGTH] if self.search_label else ""

    @cached_property
    def tab(self) -> Tab | None:
        key = self.request.GET.get(TAB, "")
        return next(
            (tab for tab in self.tabs if tab.key == key), self.tabs[0] if self.tabs else None
        )

    @cached_property
    def order(self) -> Order:
        asked = Order.parse(self.request.GET.get(SORT, ""))
        allowed = {column.sort for column in self.columns if column.sort}
        return asked if asked.field in allowed else Order.parse(self.default_sort)

    @cached_property
    def size(self) -> int:
        asked = self.request.GET.get(SIZE, "")
        return next((size for size in self.sizes if str(size) == asked), self.sizes[0])

    @cached_property
    def filterset(self) -> FilterSet | None:
        if self.filterset_class is None:
            return None
        return self.filterset_class(
            self.request.GET, queryset=self.get_rows(), request=self.request
        )

    @cached_property
    def filter_errors(self) -> list[str]:
        """What is wrong with the filters, in sentences."""
        if self.filterset is None or self.filterset.is_valid():
            return []
        form = self.filterset.form
        return [
            f"{form.fields[name].label if name in form.fields else 'Filter'}: {message}"
            for name, messages in form.errors.items()
            for message in messages
        ]

    # --- the list as the templates show it ---

    def list_context(self) -> dict[str, Any]:
        """Return everything the list's own templates show."""
        query = self.look.query
        searched = self._searched_rows()
        page, moved = self._fetch(searched)
        chips = (
            []
            if self.filterset is None or self.filter_errors
            else filter_chips(self.filterset.form, query, without={SEARCH})
        )
        narrowed = bool(self.search_text or chips or (self.tab and self.tab.where is not None))
        return {
            "title": self.title,
            "page": page,
            "page_moved": moved,
            "one": self.one,
            "many": self.many,
            "head": self._head(),
            "shown": frozenset(column.name for column in self.shown_columns()),
            "row_template": self.row_template,
            "tab_links": self._tab_links(searched),
            "chips": chips,
            "filter_form": self._filter_form(),
            "filter_errors": self.filter_errors,
            "search_label": self.search_label,
            "search_placeholder": self.search_placeholder,
            "search_text": self.search_text,
            "carried": [(name, query[name]) for name in CARRIED if query.get(name)],
            "sizes": self._size_links(),
            "count_limit": self.count_limit,
            "bulk_actions": self.bulk_actions(),
            "narrowed": narrowed,
            "empty": self.empty(),
            "list_url": self.request.path,
            "home_url": self.look.home,
            "list_target": ROWS,
            "list_query": link_with(query, **dict.fromkeys(WHERE_NOT_WHAT)).removeprefix("?"),
            "arrange_url": self.look.arrange_url(),
            "view_is_gone": self.look.view_is_gone,
        }

    def _searched_rows(self) -> QuerySet[Any]:
        rows = self.get_rows()
        if self.filter_errors:
            return rows.none()
        if self.filterset is not None and active_names(self.filterset.form):
            rows = self.filterset.qs
        return self.search(rows, self.search_text) if self.search_text else rows

    def _fetch(self, searched: QuerySet[Any]) -> tuple[Page[Any], bool]:
        """Return the page, and whether it is the first one only because the asked one is gone."""
        rows = searched.filter(self.tab.where) if self.tab and self.tab.where else searched
        query = self.look.query.copy()
        options: dict[str, Any] = {
            "order": self.order,
            "size": self.size,
            "count": self.count(rows),
        }
        try:
            return fetch_page(rows, query=query, **options), False
        except BadCursor:
            query.pop(PAGE, None)
            return fetch_page(rows, query=query, **options), True

    def _head(self) -> list[HeadCell]:
        return [self._head_cell(column) for column in self.shown_columns()]

    def _head_cell(self, column: Column) -> HeadCell:
        css_class = "hide-on-phone" if column.hidden_on_phone else ""
        if column.sort:
            return head_cell(
                self.look.query,
                field=column.sort,
                label=column.label,
                current=str(self.order),
                numeric=column.numeric,
                css_class=css_class,
                default=self.default_sort,
            )
        return HeadCell(
            label=column.label,
            numeric=column.numeric,
            hidden_label=column.hidden_label,
            css_class=css_class,
        )

    def _tab_links(self, searched: QuerySet[Any]) -> list[TabLink]:
        counts = self.count_tabs(searched) if self.tabs else {}
        return [
            TabLink(
                label=tab.label,
                url=link_with(self.look.query, page=None, tab=tab.key or None),
                active=tab == self.tab,
                count=counts.get(tab.key),
                tone=tab.tone,
            )
            for tab in self.tabs
        ]

    def _size_links(self) -> list[tuple[int, str, bool]]:
        return [
            (size, link_with(self.look.query, page=None, size=str(size)), size == self.size)
            for size in self.sizes
        ]

    def _filter_form(self) -> Any:
        """Return the form of the filter menu, or None when there is nothing to filter by."""
        if self.filterset is None:
            return None
        form = self.filterset.form
        form.fields.pop(SEARCH, None)
        return form if form.fields else None
