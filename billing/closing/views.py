"""Closing a month and opening it again, as pages and dialogs."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from billing.closing.forms import CloseForm, ReopenForm
from billing.closing.operations import close_month, reopen_month
from billing.closing.queries import books_of, hindrances
from billing.invoices.months import read_month, write_month
from billing.reports.lines import MonthReport
from billing.reports.queries import month_report, require_month
from portal.core.books import closed_until
from portal.core.errors import PortalError
from portal.web.dialogs import render_dialog
from portal.web.pages import Page, add_errors


class ClosingPage(Page):
    """Base of both: the month, and the way back to its report."""

    abstract = True
    capability = "months.close"

    def show(
        self, template: str, context: dict[str, Any], *, month: date, title: str, invalid: bool
    ) -> HttpResponse:
        context |= {"month": month, "month_key": write_month(month), "back": _report(month)}
        return render_dialog(self.request, template, context, title=title, invalid=invalid)


class MonthClosePage(ClosingPage):
    """Closes a month, or says what stands in the way."""

    def get(self, request: HttpRequest, month: str) -> HttpResponse:
        report = month_report(self.actor, read_month(month))
        return self._show(report, CloseForm(has_unassigned=report.unassigned_tenants > 0))

    def post(self, request: HttpRequest, month: str) -> HttpResponse:
        report = month_report(self.actor, read_month(month))
        form = CloseForm(request.POST, has_unassigned=report.unassigned_tenants > 0)
        if not form.is_valid():
            return self._show(report, form)
        try:
            close_month(report.month, actor=self.actor, **form.cleaned_data)
        except PortalError as error:
            add_errors(form, error)
            return self._show(report, form)
        self.say(f"{report.month:%B %Y} is closed.")
        return self.go_to(_report(report.month))

    def _show(self, report: MonthReport, form: CloseForm) -> HttpResponse:
        closed = closed_until(self.actor)
        context = {
            "report": report,
            "form": form,
            "is_closed": closed is not None and report.month < closed,
            "hindrances": hindrances(self.actor, report, closed=closed, accept_unassigned=True),
        }
        return self.show(
            "billing/month_close.html",
            context,
            month=report.month,
            title=f"Close {report.month:%B %Y}",
            invalid=form.is_bound,
        )


class MonthReopenPage(ClosingPage):
    """Opens the month that was closed last."""

    def get(self, request: HttpRequest, month: str) -> HttpResponse:
        return self._show(read_month(month), ReopenForm())

    def post(self, request: HttpRequest, month: str) -> HttpResponse:
        day, form = read_month(month), ReopenForm(request.POST)
        if not form.is_valid():
            return self._show(day, form)
        try:
            reopen_month(day, actor=self.actor, **form.cleaned_data)
        except PortalError as error:
            add_errors(form, error)
            return self._show(day, form)
        self.say(f"{day:%B %Y} is open again.")
        return self.go_to(_report(day))

    def _show(self, day: date, form: ReopenForm) -> HttpResponse:
        require_month(self.actor, day)
        context = {"form": form, "closing": books_of(self.actor, day).closing}
        return self.show(
            "billing/month_reopen.html",
            context,
            month=day,
            title=f"Reopen {day:%B %Y}",
            invalid=form.is_bound,
        )


def _report(month: date) -> str:
    return reverse("reports:report_detail", args=[write_month(month)])
