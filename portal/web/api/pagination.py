"""Lists of the API: keyset pages that cost the same at any depth."""

from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.filters import OrderingFilter
from rest_framework.pagination import CursorPagination


class CursorPages(CursorPagination):
    """``results``, ``next``, ``previous``; ``page_size`` up to 1,000; the row's id breaks ties."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 1_000
    ordering = ("id",)

    def get_ordering(self, request: Any, queryset: Any, view: Any) -> tuple[str, ...]:
        """Return the ordering asked for, if the view offers it, with the id at its end."""
        offered: dict[str, str] = getattr(view, "orderings", {})
        asked = request.query_params.get(OrderingFilter.ordering_param) or getattr(
            view, "default_ordering", ""
        )
        name = asked.removeprefix("-")
        if asked and name not in offered:
            raise ValidationError({"ordering": [f"Order by one of: {', '.join(sorted(offered))}."]})
        minus = "-" if asked.startswith("-") else ""
        return (f"{minus}{offered[name]}", f"{minus}id") if asked else ("id",)

    def get_page_size(self, request: Any) -> int:
        """Return the size asked for; zero, negative or unreadable sizes are an error, not 50."""
        asked = request.query_params.get(self.page_size_query_param)
        if asked is None:
            return self.page_size
        if (
            not asked.isascii()
            or not asked.isdigit()
            or not 0 < int(asked[:9]) <= self.max_page_size
        ):
            raise ValidationError({"page_size": [f"Use a number from 1 to {self.max_page_size}."]})
        return int(asked)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "nullable": True, "format": "uri"}
        return {
            "type": "object",
            "required": ["results"],
            "properties": {
                "next": link,
                "previous": link,
                "results": schema,
            },
        }
