"""Which tenants a form or a request means: rows one by one, all of a list, all with a suggestion.

All of a list is sent as the list's own query and the number the person saw, never as a hundred
thousand ids. The query is read by the very page that shows the list.
"""

from copy import copy
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, QueryDict

from organizations.bulk.plans import AllTenants, Choice, TheseTenants
from organizations.bulk.suggested import at_least
from organizations.linking.list_views import TenantListPage
from organizations.linking.queries import tenants_for_lists
from organizations.suggestions.models import LinkSuggestion
from portal.core.access import Actor
from portal.core.errors import InvalidInput

SELECTED, ALL, COUNT, QUERY, SUGGESTIONS = "selected", "all", "count", "query", "suggestions"
NOTHING = "Nothing is chosen. Choose tenants on the list, then try again."
NO_COUNT = "The number of tenants that match is missing. Load the list again and choose anew."


class ListedTenants(TenantListPage):
    """The tenants page, asked for all its rows instead of a page of them."""

    capability = "tenants.link"
    table = ""

    @classmethod
    def of(cls, request: HttpRequest, query: str) -> "ListedTenants":
        """Return the page as it is at an address with this query."""
        asked = copy(request)
        asked.GET = QueryDict(query)
        page = cls()
        page.setup(asked)
        return page

    def everything(self) -> QuerySet[Any]:
        """Return the rows of the list and tab in their order.

        Raises:
            InvalidInput: a filter makes no sense.
        """
        if self.filter_errors:
            raise InvalidInput(" ".join(self.filter_errors))
        rows = self._searched_rows()
        if self.tab and self.tab.where is not None:
            rows = rows.filter(self.tab.where)
        return rows.order_by(str(self.order), "pk")


def chosen_in_form(request: HttpRequest) -> Choice:
    """Return what the posted form of a list means.

    Raises:
        InvalidInput: nothing is chosen, or what is sent makes no sense.
    """
    sent = request.POST
    if level := sent.get(SUGGESTIONS):
        return all_suggested(level, _count_in(sent), actor=request.actor)  # type: ignore[attr-defined]
    if sent.get(ALL):
        query = sent.get(QUERY, "")
        rows = ListedTenants.of(request, query).everything()
        return AllTenants(rows, _count_in(sent), query)
    try:
        ids = tuple(UUID(text) for text in sent.getlist(SELECTED))
    except ValueError:
        raise InvalidInput("The list was sent in pieces. Load it again and choose anew.") from None
    if not ids:
        raise InvalidInput(NOTHING, code="nothing_chosen")
    return TheseTenants(ids)


def all_suggested(level: str, expected: int, *, actor: Actor) -> AllTenants:
    """Return all unlinked tenants whose best suggestion is at least of a level."""
    rows = suggested_tenants(level, actor=actor)
    return AllTenants(rows, expected, f"{SUGGESTIONS}={level}")


def suggested_tenants(level: str, *, actor: Actor) -> QuerySet[Any]:
    """Return the unlinked tenants with a suggestion that is good enough, by name.

    Raises:
        InvalidInput: there is no such level.
    """
    best = LinkSuggestion.objects.visible_to(actor).filter(
        tenant=OuterRef("pk"),
        state=LinkSuggestion.State.OPEN,
        rank=1,
        level__in=at_least(level),
    )
    rows: QuerySet[Any] = tenants_for_lists(actor).filter(
        Exists(best), is_linked=False, is_ignored=False
    )
    return rows.order_by("name", "pk")


def _count_in(sent: QueryDict) -> int:
    text = sent.get(COUNT, "")
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise InvalidInput(NO_COUNT, code="count_missing")
    return int(text)
