"""The Microsoft CSP page under My services: the alert, the steps of the job, the connections."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from organizations.alert.queries import UnlinkedAlert, unlinked_alert
from organizations.alert.words import describe_alert
from organizations.linking.discoveries import Discoveries, latest_discoveries
from organizations.linking.places import recall_link
from organizations.suggestions.shown import certain_shown
from portal.core.access import Actor
from portal.web.pages import Page
from portal.web.wording import write_count
from tenants.connections.models import Connection
from tenants.connections.queries import connections
from tenants.discovery.models import DiscoveryRun

TONES = {
    Connection.State.NEW: "idle",
    Connection.State.WORKING: "good",
    Connection.State.FAILING: "bad",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the job; ``url`` empty where the actor has nothing to do there."""

    title: str
    text: str
    done: bool
    action: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class ConnectionCard:
    """A connection as this page shows it."""

    connection: Connection
    tone: str
    run: DiscoveryRun | None


class MicrosoftCspPage(Page):
    """Where the job begins. Customers see what the service is to them, and nothing more."""

    capability = "tenants.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        context = {"title": "Microsoft CSP"} | (
            {} if not self.actor.is_staff else self._staff_context(request)
        )
        return render(request, "linking/microsoft_csp.html", context)

    def _staff_context(self, request: HttpRequest) -> dict[str, object]:
        rows = list(connections(self.actor))
        discoveries = latest_discoveries(self.actor)
        runs = {run.connection_id: run for run in discoveries.latest}
        alert = unlinked_alert(self.actor)
        certain = certain_shown(alert.certain, actor=self.actor)
        return {
            **certain,
            "alert": describe_alert(alert),
            "steps": job_steps(self.actor, rows, discoveries, alert, certain["certain"]),
            "cards": [ConnectionCard(row, TONES[row.state], runs.get(row.pk)) for row in rows],  # type: ignore[index]
            "fresh_link": recall_link(request, self.actor),
            "may_link": self.actor.may("tenants.link"),
            "may_manage": self.actor.may("connections.manage"),
            "may_see_report": self.actor.may("reports.view"),
        }


def job_steps(
    actor: Actor,
    rows: list[Connection],
    discoveries: Discoveries,
    alert: UnlinkedAlert,
    certain: int,
) -> list[Step]:
    """Return connect, discover, link and test, each with whether it is done.

    ``certain``: how many tenants have a certain suggestion.
    """
    connected = any(row.state == Connection.State.WORKING for row in rows)
    list_url = reverse("connections:connection_list")
    connect_url = "" if rows else reverse("connections:connection_create")
    return [
        Step(
            "Connect Partner Center",
            "Give the portal access to your account and prove that it works.",
            done=connected,
            action="Open connections" if rows else "Connect Partner Center",
            url=(connect_url or list_url) if actor.may("connections.manage") else "",
        ),
        Step(
            "Discover tenants",
            "Every customer of the account is read; this repeats by itself every night.",
            done=any(row.discovered_at for row in rows),
            action="Open connections" if rows else "",
            url=list_url if rows and actor.may("discovery.run") else "",
        ),
        Step(
            "Link tenants to organizations",
            "A tenant without an organization is in nobody's bill, and its services cannot be"
            " managed here. New tenants can appear at any time: keep an eye on the alert."
            + (
                f" {write_count(certain, 'tenant has', 'tenants have')} a certain suggestion: one"
                " click links each."
                if certain and alert.count
                else ""
            ),
            done=bool(alert.known) and not alert.count,
            action="Link tenants",
            url=f"{reverse('linking:tenant_list')}?tab=unlinked" if alert.count else "",
        ),
        Step(
            "Test the integration",
            "Import the month's invoice and see that report and invoice agree to the cent.",
            done=False,
            action="Open the report",
            url=reverse("reports:report_list") if actor.may("reports.view") else "",
        ),
    ]
