"""The alert page: what is open, whose it is, and what a person does about it."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django_filters import FilterSet

from organizations.alert.choosing import choose_preferences
from organizations.alert.facts import KINDS
from organizations.alert.filters import ConditionFilter
from organizations.alert.forms import PreferencesForm
from organizations.alert.models import Condition
from organizations.alert.queries import (
    UnlinkedAlert,
    conditions,
    days_to_link,
    decisions,
    events_of,
    get_condition,
    search_conditions,
    unlinked_alert,
)
from organizations.alert.trend import draw_trend
from organizations.alert.words import alert_sentence
from portal.core.errors import PortalError
from portal.core.identity.models import Membership
from portal.notify.queries import preferences_of
from portal.web.dialogs import UNPROCESSABLE, render_dialog, wants_fragment
from portal.web.exports import format_asked, table_response
from portal.web.lists import BulkAction, Column, Empty, ListPage, Tab
from portal.web.pages import Page, add_errors
from tenants.connections.models import Connection
from tenants.connections.queries import connections

EXPORT_HEADER = (
    "at",
    "what",
    "kind",
    "about",
    "microsoft_id",
    "who",
    "why",
    "detail",
    "days",
    "state_now",
)
EXPORT_STEP = 2_000
State = Condition.State
CONNECTION_TONES = {
    Connection.State.NEW: "idle",
    Connection.State.WORKING: "good",
    Connection.State.FAILING: "bad",
}


class ConditionListPage(ListPage):
    """Every alert of the reseller, the dearest first."""

    capability = "alerts.view"
    model = Condition
    title, one, many = "Alerts", "alert", "alerts"
    template_name = "alert/condition_list.html"
    row_template = "alert/condition_row.html"
    columns: ClassVar[tuple[Column, ...]] = (
        Column("label", "About", sort="label"),
        Column("opened", "First seen", sort="opened_at", hidden_on_phone=True),
        Column("billed", "Last invoice", sort="billed_amount", numeric=True),
        Column("unbilled", "Unbilled", sort="unbilled_amount", numeric=True),
        Column("owner", "Owner"),
        Column("state", "State"),
        Column("actions", "Actions", hidden_label=True),
    )
    default_sort = "-worth"
    search_label = "Search alerts"
    search_placeholder = "Name, domain or Microsoft ID"
    filterset_class: ClassVar[type[FilterSet] | None] = ConditionFilter
    tabs: ClassVar[tuple[Tab, ...]] = (
        Tab("", "Open", where=Q(state=State.OPEN), tone="warn"),
        Tab("acknowledged", "Acknowledged", where=Q(state=State.ACKNOWLEDGED)),
        Tab("resolved", "Resolved", where=Q(state=State.RESOLVED)),
        Tab("all", "All"),
    )

    def get_rows(self) -> QuerySet[Any]:
        return conditions(self.actor)

    def search(self, rows: Any, text: str) -> QuerySet[Any]:
        return search_conditions(rows, text)

    def list_context(self) -> dict[str, Any]:
        """Take the open ones for the whole: without any, all is well, and nothing is searched."""
        context = super().list_context()
        first = self.tab is None or not self.tab.key
        if first and not self.search_text and not context["chips"]:
            context["narrowed"] = False
        return context

    @cached_property
    def per_state(self) -> dict[str, int]:
        rows = self._searched_rows().order_by().values_list("state")
        return dict(rows.annotate(count=Count("pk")))

    def count_tabs(self, rows: QuerySet[Any]) -> Mapping[str, int | None]:
        return {
            "": self.per_state.get(State.OPEN, 0),
            "acknowledged": self.per_state.get(State.ACKNOWLEDGED, 0),
            "resolved": self.per_state.get(State.RESOLVED, 0),
            "all": sum(self.per_state.values()),
        }

    def count(self, rows: QuerySet[Any]) -> int | None:
        return self.count_tabs(rows)[self.tab.key if self.tab else ""]

    def bulk_actions(self) -> tuple[BulkAction, ...]:
        if not self.actor.may("alerts.manage"):
            return ()
        return (
            BulkAction("Assign", reverse("alert:assign"), primary=True, icon_name="user-plus"),
            BulkAction("Acknowledge", reverse("alert:acknowledge"), icon_name="clock"),
        )

    @cached_property
    def alert(self) -> UnlinkedAlert:
        return unlinked_alert(self.actor)

    def get_context(self) -> dict[str, Any]:
        context: dict[str, Any] = {
            "may_manage": self.actor.may("alerts.manage"),
            "may_link": self.actor.may("tenants.link"),
        }
        if wants_fragment(self.request):
            return context
        return context | {
            "sentence": alert_sentence(self.alert) if self.alert.due else "",
            "unlinked_count": self.alert.due,
            "connections": [
                (row, CONNECTION_TONES[Connection.State(row.state)])
                for row in connections(self.actor)
            ],
            "trend": draw_trend(days_to_link(self.actor)),
        }

    def empty(self) -> Empty:
        """Say that all is well, or that the alert is on its way."""
        if self.alert.due:
            return Empty(
                "Being put together",
                "Tenants were found a moment ago; their alerts are here within two minutes.",
                "See the tenants",
                f"{reverse('linking:tenant_list')}?tab=unlinked",
            )
        return Empty(
            "Nothing needs you",
            "Every tenant belongs to an organization and every connection works. What changes that"
            " appears here by itself.",
        )


class ConditionPage(Page):
    """What became of one alert, newest first."""

    capability = "alerts.view"

    def get(self, request: HttpRequest, condition_id: UUID) -> HttpResponse:
        condition = get_condition(self.actor, condition_id)
        context = {
            "condition": condition,
            "kind": KINDS[condition.kind],
            "events": events_of(condition, actor=self.actor),
            "may_manage": condition.is_live and self.actor.may("alerts.manage"),
            "may_link": condition.is_live and condition.tenant and self.actor.may("tenants.link"),
            "back": reverse("alert:condition_list"),
        }
        return render_dialog(request, "alert/condition_detail.html", context, title=str(condition))


class DecisionExport(Page):
    """The decision log: everything that became of every alert, newest first."""

    capability = "alerts.view"

    def get(self, request: HttpRequest) -> StreamingHttpResponse:
        return table_response(
            name="alert-decisions",
            header=EXPORT_HEADER,
            rows=self._rows,
            actor=self.actor,
            as_format=format_asked(request),
        )

    def _rows(self) -> Iterator[tuple[Any, ...]]:
        for event in decisions(self.actor).iterator(EXPORT_STEP):
            about = event.condition
            yield (
                event.at.isoformat(),
                event.what,
                about.kind,
                about.label,
                about.tenant.microsoft_id if about.tenant else "",
                event.who,
                event.why,
                event.detail,
                event.days,
                about.state,
            )


class PreferencesPage(Page):
    """What the signed-in person is told by mail, and when."""

    capability = "alerts.manage"

    def get(self, request: HttpRequest) -> HttpResponse:
        chosen = preferences_of([self._member()], actor=self.actor)[self._member().pk]
        form = PreferencesForm(actor=self.actor, initial=PreferencesForm.initial_of(chosen))
        return self._show(form)

    def post(self, request: HttpRequest) -> HttpResponse:
        form = PreferencesForm(request.POST, actor=self.actor)
        if not form.is_valid():
            return self._show(form, status=UNPROCESSABLE)
        try:
            choose_preferences(self._member(), actor=self.actor, wishes=form.wishes())
        except PortalError as error:
            add_errors(form, error)
            return self._show(form, status=UNPROCESSABLE)
        self.say("Your choice is kept.")
        return self.go_to(reverse("alert:preferences"))

    def _member(self) -> Membership:
        row: Membership = Membership.objects.get_visible(self.actor, pk=self.actor.membership_id)
        return row

    def _show(self, form: PreferencesForm, *, status: int = 200) -> HttpResponse:
        context = {
            "title": "Mails to you",
            "crumbs": [("Your profile", reverse("profile"))],
            "form": form,
        }
        return render(self.request, "alert/preferences.html", context, status=status)
