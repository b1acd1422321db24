"""Pages of the API's tenant list that hold every row exactly once, whatever it is ordered by.

The framework's own cursor counts rows that tie on the ordered field, up to a thousand of them. A
discovery gives a hundred thousand tenants one moment of first sight, so here the cursor is that of
the pages: the value and the key of a row.
"""

from typing import Any

from django.http import QueryDict
from rest_framework.exceptions import NotFound
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from portal.web.api.pagination import CursorPages
from portal.web.paging import BadCursor, Order, Page, fetch_page
from portal.web.sorting import PAGE


class SeekPages(CursorPages):
    """The API's pages on the cursor of `portal.web.paging`."""

    asked: str
    found: Page[Any]

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> list[Any]:
        """Return the rows of the page the address names.

        Raises:
            NotFound: the cursor is not one this list gives out in this order.
        """
        self.asked = request.build_absolute_uri()
        order = Order.parse(self.get_ordering(request, queryset, view)[0])
        query = QueryDict(mutable=True)
        query[PAGE] = request.query_params.get(self.cursor_query_param, "")
        try:
            self.found = fetch_page(
                queryset, order=order, size=self.get_page_size(request), query=query
            )
        except BadCursor:
            raise NotFound("This page of the list does not exist.") from None
        return list(self.found.rows)

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {
                "next": self._address(self.found.next),
                "previous": self._address(self.found.previous),
                "results": data,
            }
        )

    def _address(self, link: str | None) -> str | None:
        if link is None:
            return None
        cursor = QueryDict(link.removeprefix("?")).get(PAGE) or ""
        address: str = replace_query_param(self.asked, self.cursor_query_param, cursor)
        return address
