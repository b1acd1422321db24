"""The items of a bulk link as a file: what was not possible, or all of it."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from organizations.bulk.models import BulkItem
from organizations.bulk.queries import get_bulk, items_of
from organizations.bulk.views import NOT_POSSIBLE
from portal.web.exports import format_asked, table_response
from portal.web.pages import Page

EXPORT_STEP = 2_000
EXPORT_HEADER = (
    "position",
    "line",
    "microsoft_id",
    "tenant",
    "organization_number",
    "organization",
    "action",
    "outcome",
    "code",
    "detail",
)


class BulkExportPage(Page):
    """The items as CSV: those that were not possible, or all with ``all=1``."""

    capability = "jobs.view"

    def get(self, request: HttpRequest, bulk_id: UUID) -> HttpResponse:
        bulk = get_bulk(self.actor, bulk_id)
        rows = items_of(bulk, actor=self.actor)
        if not request.GET.get("all"):
            rows = rows.filter(outcome__in=[*NOT_POSSIBLE, "skipped"])

        def cells() -> Iterator[tuple[Any, ...]]:
            for item in rows.order_by("position").iterator(chunk_size=EXPORT_STEP):
                yield cells_of(item)

        return table_response(  # type: ignore[return-value]
            name="bulk-link",
            header=EXPORT_HEADER,
            rows=cells,
            actor=self.actor,
            as_format=format_asked(request),
        )


def cells_of(item: BulkItem) -> tuple[Any, ...]:
    """Return the cells of one item in the order of `EXPORT_HEADER`."""
    return (
        item.position,
        item.line,
        item.tenant.microsoft_id if item.tenant else "",
        item.tenant_name,
        item.organization.number if item.organization else "",
        item.organization.name if item.organization else item.draft.get("name", ""),
        item.action,
        item.outcome,
        item.code,
        item.detail,
    )
