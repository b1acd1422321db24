"""Giving alerts to somebody, letting them wait, taking that back: dialogs for one or many.

The list posts the chosen rows here; a row's own button names its one. Either way the first answer
is the form, with the rows in it, and the form's own button does the work. Without JavaScript the
same is a page.
"""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from organizations.alert.forms import AcknowledgeForm, AssignForm, ReopenForm
from organizations.alert.models import Condition
from organizations.alert.operations import (
    MOST,
    acknowledge_conditions,
    assign_conditions,
    reopen_conditions,
)
from organizations.alert.queries import conditions
from portal.core.errors import InvalidInput, NotFound, PortalError
from portal.web.dialogs import render_dialog
from portal.web.pages import Page, add_errors
from portal.web.wording import write_count

SELECTED, SURE = "selected", "sure"
NAMED = 10


class ConditionActionPage(Page):
    """Base: shows the form for the chosen alerts, then does what it says."""

    abstract = True
    capability = "alerts.manage"
    template: ClassVar[str] = "alert/condition_action.html"
    verb: ClassVar[str]
    button: ClassVar[str]
    url_name: ClassVar[str]

    def make_form(self, data: Any = None) -> Form:
        """Return the form, empty or filled."""
        raise NotImplementedError

    def act(self, ids: Sequence[UUID], form: Form) -> str:
        """Do it and return what is said of it."""
        raise NotImplementedError

    def get(self, request: HttpRequest) -> HttpResponse:
        if SELECTED not in request.GET:
            return self._show([], self.make_form())
        return self._show(self._chosen(request.GET.getlist(SELECTED)), self.make_form())

    def post(self, request: HttpRequest) -> HttpResponse:
        rows = self._chosen(request.POST.getlist(SELECTED))
        if SURE not in request.POST:
            return self._show(rows, self.make_form())
        form = self.make_form(request.POST)
        if not form.is_valid():
            return self._show(rows, form)
        try:
            said = self.act([row.pk for row in rows], form)
        except PortalError as error:
            add_errors(form, error)
            return self._show(rows, form)
        self.say(said)
        return self.go_to(reverse("alert:condition_list"))

    def _chosen(self, texts: Sequence[str]) -> list[Condition]:
        """Return the chosen alerts: all of them, or `NotFound` if one is nobody's or foreign."""
        if not texts or len(texts) > MOST:
            raise InvalidInput(f"Choose from 1 to {MOST:,} alerts in the list, then try again.")
        try:
            wanted = {UUID(text) for text in texts}
        except ValueError:
            raise NotFound from None
        rows = list(conditions(self.actor).filter(pk__in=wanted).order_by("label", "id"))
        if len(rows) != len(wanted):
            raise NotFound
        return rows

    def _show(self, rows: list[Condition], form: Form) -> HttpResponse:
        counted = rows[0].label if len(rows) == 1 else write_count(len(rows), "alert")
        title = f"{self.verb} {counted}" if rows else f"{self.verb} alerts"
        context = {
            "rows": rows,
            "named": rows[:NAMED],
            "left_out": len(rows) - NAMED,
            "form": form,
            "button": self.button,
            "action": reverse(self.url_name),
            "back": reverse("alert:condition_list"),
        }
        return render_dialog(
            self.request,
            self.template,
            context,
            title=title,
            invalid=form.is_bound,
        )


class AssignPage(ConditionActionPage):
    """Gives alerts to somebody."""

    verb, button, url_name = "Assign", "Assign", "alert:assign"

    def make_form(self, data: Any = None) -> AssignForm:
        return AssignForm(data, actor=self.actor)

    def act(self, ids: Sequence[UUID], form: Form) -> str:
        assert isinstance(form, AssignForm)
        person = form.person
        rows = assign_conditions(
            ids, actor=self.actor, assignee=person, why=form.cleaned_data["why"]
        )
        whose = f"given to {person.label}" if person else "given to nobody"
        return f"{write_count(len(rows), 'alert')} {whose}."


class AcknowledgePage(ConditionActionPage):
    """Lets alerts wait."""

    verb, button, url_name = "Acknowledge", "Acknowledge", "alert:acknowledge"

    def make_form(self, data: Any = None) -> AcknowledgeForm:
        return AcknowledgeForm(data)

    def act(self, ids: Sequence[UUID], form: Form) -> str:
        until = form.cleaned_data["until"]
        rows = acknowledge_conditions(
            ids, actor=self.actor, until=until, reason=form.cleaned_data["reason"]
        )
        return f"{write_count(len(rows), 'alert')} acknowledged until {until:%Y-%m-%d}."


class ReopenPage(ConditionActionPage):
    """Ends acknowledgements."""

    verb, button, url_name = "Reopen", "Reopen", "alert:reopen"

    def make_form(self, data: Any = None) -> ReopenForm:
        return ReopenForm(data)

    def act(self, ids: Sequence[UUID], form: Form) -> str:
        rows = reopen_conditions(ids, actor=self.actor, why=form.cleaned_data["why"])
        return f"{write_count(len(rows), 'alert')} open again."
