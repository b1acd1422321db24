"""The statement per sub-reseller: a page of the month, and its export."""

from functools import partial

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from billing.invoices.months import read_month, write_month
from billing.reports.exports import record_export
from billing.reports.partners import (
    KINDS,
    STATEMENT_COLUMNS,
    statement_of,
    statement_rows,
    totals_of,
)
from billing.reports.queries import require_month
from billing.reports.views import MonthPage
from portal.web.exports import format_asked, table_response
from portal.web.pages import Page


class PartnersPage(MonthPage):
    """What was sold direct and through each sub-reseller; ``?view=`` shows one of the two."""

    def get(self, request: HttpRequest, month: str) -> HttpResponse:
        day = read_month(month)
        view = request.GET.get("view", "")
        view = view if view in KINDS else ""
        lines = [line for line in statement_of(self.actor, day) if not view or line.kind == view]
        context = self.month_context(day, f"Sub-resellers in {day:%B %Y}") | {
            "lines": lines,
            "totals": totals_of(lines),
            "tabs": [
                {"label": label, "url": f"?view={key}", "active": key == view}
                for key, label in (("", "All"), *((kind, kind.capitalize()) for kind in KINDS))
            ],
        }
        return render(request, "billing/report_partners.html", context)


class PartnersExportPage(Page):
    """The same as CSV or XLSX."""

    capability = "reports.export"

    def get(self, request: HttpRequest, month: str) -> HttpResponseBase:
        day = read_month(month)
        require_month(self.actor, day)
        written = write_month(day)
        record_export(self.actor, written, label=f"{written}, sub-resellers")
        return table_response(
            name=f"sub-resellers-{written}",
            header=STATEMENT_COLUMNS,
            rows=partial(statement_rows, self.actor, day),
            actor=self.actor,
            as_format=format_asked(request),
        )
