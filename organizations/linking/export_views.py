"""The links that hold now, as a file that an import reads again."""

from functools import partial

from django.http import HttpRequest, HttpResponseBase

from organizations.linking.link_file import COLUMNS, link_rows
from portal.web.exports import format_asked, table_response
from portal.web.pages import Page


class LinkExportPage(Page):
    """Every live link that the actor may see, as CSV or XLSX."""

    capability = "tenants.view"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return table_response(
            name="links",
            header=COLUMNS,
            rows=partial(link_rows, self.actor),
            actor=self.actor,
            as_format=format_asked(request),
        )
