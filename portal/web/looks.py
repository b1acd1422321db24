"""How one list looks to one person: which columns it shows, and the views saved of it.

Everything that shapes a list is in its address, the columns too (``?columns=status,billed``), so an
address shows everybody the same. What a person has settled counts only where the address says
nothing: the columns chosen last, and, for an address without any question, the view kept as the
default. ``?view=all`` is the whole list whatever the default is; ``?view=<id>`` is a saved view,
which a colleague may be sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from portal.core.access import Actor
from portal.core.tables.models import TableView
from portal.core.tables.operations import COLUMNS, clean_query, write_columns
from portal.core.tables.queries import settled, shared_view
from portal.web.listparts import Column
from portal.web.sorting import PAGE, link_with

VIEW, EVERYTHING = "view", "all"


@dataclass(frozen=True, slots=True)
class ColumnBox:
    """A column to tick."""

    name: str
    label: str
    shown: bool


@dataclass(frozen=True, slots=True)
class ViewLink:
    """A saved view: where it leads, and the place to share."""

    view: TableView
    url: str
    share: str
    active: bool


class Look:
    """One list as one person sees it. Costs one query, none for a list that has no ``table``.

    ``path`` and ``query`` are the list's address.
    """

    def __init__(
        self, *, table: str, columns: Sequence[Column], actor: Actor, path: str, query: QueryDict
    ) -> None:
        self.table = table
        self.columns = columns
        self.actor = actor
        self.path = path
        self.asked = query

    @cached_property
    def settled(self) -> list[TableView]:
        return list(settled(self.actor, table=self.table)) if self.table else []

    @cached_property
    def default(self) -> TableView | None:
        return next((view for view in self.settled if view.is_default), None)

    @cached_property
    def query(self) -> QueryDict:
        """The address's query for links; none of them falls back on the default view."""
        query = self.asked.copy()
        if self.default is not None and not query.get(VIEW):
            query[VIEW] = EVERYTHING
        return query

    @property
    def home(self) -> str:
        """The address of the whole list."""
        return f"{self.path}?{VIEW}={EVERYTHING}" if self.default else self.path

    @cached_property
    def asked_view(self) -> TableView | None:
        asked = self.asked.get(VIEW, "")
        if not self.table or asked in ("", EVERYTHING):
            return None
        return shared_view(self.actor, asked, table=self.table)

    @property
    def view_is_gone(self) -> bool:
        """Tell whether the address asks for a view that is not there (any more)."""
        asked = self.asked.get(VIEW, "")
        return bool(self.table and asked not in ("", EVERYTHING) and self.asked_view is None)

    def elsewhere(self) -> str:
        """Return the address this one stands for: that of a saved view; "" for itself."""
        if not self.table:
            return ""
        view = self.asked_view or (self.default if not self.asked else None)
        return self._address(view) if view else ""

    def shown(self) -> tuple[Column, ...]:
        """Return the columns to show: those asked for, else those chosen last, else the usual."""
        if self.table:
            for names in (self.asked.get(COLUMNS, ""), self._kept):
                wanted = set(names.split(","))
                if any(column.name in wanted for column in self.columns if not column.fixed):
                    return tuple(
                        column for column in self.columns if column.fixed or column.name in wanted
                    )
        return tuple(column for column in self.columns if column.default)

    def arrange_url(self) -> str:
        """Return the page on which this list is arranged; "" where it cannot be."""
        if not self.table or not self.actor.may("profile.view"):
            return ""
        address = reverse("tables:arrange", args=[self.table])
        return f"{address}?{urlencode({'query': self.full_query})}"

    @property
    def full_query(self) -> str:
        """The list's query with the columns it shows, so that it shows anybody the same."""
        names = [column.name for column in self.shown() if not column.fixed]
        return "&".join(part for part in (self.bare_query, write_columns(names)) if part)

    @property
    def bare_query(self) -> str:
        """The list's query without columns: it follows what is chosen next."""
        asked = link_with(self.asked, **{PAGE: None, VIEW: None, COLUMNS: None})
        return asked.removeprefix("?")

    def boxes(self) -> list[ColumnBox]:
        """Return the columns there are to choose from."""
        shown = self.shown()
        return [
            ColumnBox(column.name, column.label, column in shown)
            for column in self.columns
            if not column.fixed
        ]

    def views(self) -> list[ViewLink]:
        """Return the person's saved views, by name."""
        here = dict(QueryDict(clean_query(self.asked.urlencode())).lists())
        return [
            ViewLink(
                view=view,
                url=self._address(view),
                share=f"{self.path}?{VIEW}={view.pk}",
                active=here == dict(QueryDict(view.query).lists()),
            )
            for view in self.settled
            if view.name
        ]

    @property
    def _kept(self) -> str:
        kept = next((view.query for view in self.settled if not view.name), "")
        return QueryDict(kept).get(COLUMNS, "")

    def _address(self, view: TableView) -> str:
        return f"{self.path}?{view.query or f'{VIEW}={EVERYTHING}'}"
