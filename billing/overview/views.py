"""The start page: what calls for something to be done, for each persona."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from billing.overview.queries import (
    StaffOverview,
    customer_overview,
    staff_overview,
    sub_reseller_overview,
)
from billing.reports.chart import SERIES, month_charts
from organizations.alert.words import describe_start
from portal.core.access import Actor
from portal.web.pages import Page


class StartPage(Page):
    """Where everybody lands after signing in."""

    capability = "start.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        if self.actor.is_sub_reseller:
            below = sub_reseller_overview(self.actor)
            context = {
                "title": below.organization.name,
                "overview": below,
                "may_create": self.actor.may("organizations.create"),
            }
            return render(request, "billing/start_sub_reseller.html", context)
        if self.actor.is_customer:
            overview = customer_overview(self.actor)
            context = {"title": overview.organization.name, "overview": overview}
            return render(request, "billing/start_customer.html", context)
        overview_of_staff = staff_overview(self.actor)
        context = staff_context(overview_of_staff, self.actor)
        return render(request, "billing/start.html", context)


def staff_context(overview: StaffOverview, actor: Actor) -> dict[str, Any]:
    """Return what the start page of staff shows."""
    return {
        "title": "Start",
        "overview": overview,
        "alert": describe_start(overview.alert),
        "charts": month_charts(overview.months),
        "series": SERIES,
        "steps": first_steps(overview, actor) if overview.is_new else [],
        "may_link": actor.may("tenants.link"),
        "may_see_report": actor.may("reports.view"),
    }


def first_steps(overview: StaffOverview, actor: Actor) -> list[dict[str, Any]]:
    """Return the path from an empty portal to a bill, each step with whether it is done."""
    steps = [
        (
            "Connect your Partner Center",
            bool(overview.connections),
            "connections:connection_create",
            "connections.manage",
        ),
        (
            "Discover its tenants",
            bool(overview.alert.known),
            "connections:connection_list",
            "discovery.run",
        ),
        (
            "Link each tenant to an organization",
            bool(overview.alert.known) and not overview.alert.count,
            "linking:tenant_list",
            "tenants.link",
        ),
        (
            "Import the month's invoices and see the report",
            overview.has_invoices,
            "invoices:import",
            "invoices.import",
        ),
    ]
    return [
        {"text": text, "done": done, "url": reverse(url) if actor.may(needed) else ""}
        for text, done, url, needed in steps
    ]
