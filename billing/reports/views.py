"""Pages of the report: the months, one month, and from there down to each line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from billing.closing.queries import books_of
from billing.invoices.months import read_month, write_month
from billing.reconciliation.reconcile import CurrencyTotal
from billing.reports.chart import SERIES, month_charts
from billing.reports.exports import export_month_lines, export_report
from billing.reports.lines import MonthReport
from billing.reports.paging import fetch_slice
from billing.reports.queries import (
    month_report,
    months,
    organizations_of,
    require_month,
    tenants_of,
    unassigned_of,
)
from organizations.directory.models import Organization
from portal.core.books import closed_until
from portal.web.exports import format_asked
from portal.web.pages import Page
from portal.web.wording import write_count, write_money

FIRST_UNASSIGNED = 10


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a month is complete, as `components/alert.html` takes it."""

    level: str
    title: str
    text: str


def judge(report: MonthReport, *, is_closed: bool = False) -> Verdict:
    """Say in a sentence how a month stands."""
    if not report.agrees:
        return Verdict(
            "danger",
            "This month does not agree with Microsoft's invoices",
            "The difference is shown below. Import the month again; if it stays, tell support.",
        )
    if report.is_complete:
        return Verdict(
            "success",
            "The report is complete",
            "Every line belongs to an organization, and together they are Microsoft's invoices to"
            " the cent.",
        )
    if is_closed:
        return Verdict(
            "info",
            f"{write_count(report.unassigned_tenants, 'tenant')} with {_money(report.totals)}"
            f" stayed unassigned",
            "The month is closed: nobody is charged for it any more.",
        )
    return Verdict(
        "warning",
        f"{write_count(report.unassigned_tenants, 'tenant')} with {_money(report.totals)}"
        f" {'is' if report.unassigned_tenants == 1 else 'are'} unassigned",
        "Link them and this month fills up by itself.",
    )


class ReportListPage(Page):
    """The months that have invoices."""

    capability = "reports.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        totals = months(self.actor)
        context = {
            "title": "Billing report",
            "months": totals,
            "charts": month_charts(totals),
            "series": SERIES,
            "may_import": self.actor.may("invoices.import"),
        }
        return render(request, "billing/report_list.html", context)


class MonthPage(Page):
    """Base of the pages of one month."""

    abstract = True
    capability = "reports.view"

    def month_context(self, month: date, title: str) -> dict[str, Any]:
        """Return what every page of a month shows of it."""
        return {
            "title": title,
            "month": month,
            "month_key": write_month(month),
            "may_export": self.actor.may("reports.export"),
        }

    def may_link(self, *, is_closed: bool) -> bool:
        """Tell whether linking is offered; it would leave a closed month as it is."""
        return not is_closed and self.actor.may("tenants.link")


class ReportDetailPage(MonthPage):
    """A month: agreement with Microsoft, Unassigned, and every organization."""

    def get(self, request: HttpRequest, month: str) -> HttpResponse:
        day = read_month(month)
        report = month_report(self.actor, day)
        unassigned = unassigned_of(self.actor, day, limit=FIRST_UNASSIGNED)
        books = books_of(self.actor, day)
        context = self.month_context(day, f"Report of {day:%B %Y}") | {
            "report": report,
            "books": books,
            "verdict": judge(report, is_closed=books.is_closed),
            "may_link": self.may_link(is_closed=books.is_closed),
            "may_close": self.actor.may("months.close"),
            "unassigned": unassigned,
            "more_unassigned": unassigned.count - len(unassigned.lines),
            "page": fetch_slice(partial(organizations_of, self.actor, day), request.GET),
        }
        return render(request, "billing/report_detail.html", context)


class UnassignedPage(MonthPage):
    """Everything in the month's Unassigned, the largest first."""

    def get(self, request: HttpRequest, month: str) -> HttpResponse:
        day = read_month(month)
        require_month(self.actor, day)
        until = closed_until(self.actor)
        context = self.month_context(day, f"Unassigned in {day:%B %Y}") | {
            "may_link": self.may_link(is_closed=until is not None and day < until),
            "page": fetch_slice(partial(unassigned_of, self.actor, day), request.GET),
        }
        return render(request, "billing/report_unassigned.html", context)


class OrganizationReportPage(MonthPage):
    """What one organization has in the month, tenant by tenant."""

    def get(self, request: HttpRequest, month: str, organization_id: UUID) -> HttpResponse:
        day = read_month(month)
        require_month(self.actor, day)
        organization = Organization.objects.get_visible(self.actor, pk=organization_id)
        fetch = partial(tenants_of, self.actor, day, organization.pk)
        context = self.month_context(day, organization.name) | {
            "organization": organization,
            "page": fetch_slice(fetch, request.GET),
        }
        return render(request, "billing/report_organization.html", context)


class ReportExportPage(Page):
    """The month's report as CSV."""

    capability = "reports.export"

    def get(self, request: HttpRequest, month: str) -> HttpResponseBase:
        return export_report(self.actor, read_month(month), as_format=format_asked(request))


class MonthLinesExportPage(Page):
    """Every line of the month's invoices as CSV."""

    capability = "reports.export"

    def get(self, request: HttpRequest, month: str) -> HttpResponseBase:
        return export_month_lines(self.actor, read_month(month), as_format=format_asked(request))


def _money(totals: Sequence[CurrencyTotal]) -> str:
    return ", ".join(
        write_money(total.unassigned, total.currency) for total in totals if total.unassigned
    ) or write_money(totals[0].unassigned, totals[0].currency)
