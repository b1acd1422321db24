"""From chosen rows to a preview: what shall be done, and with which organization or level."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from organizations.bulk.choosing import (
    ALL,
    COUNT,
    QUERY,
    SELECTED,
    SUGGESTIONS,
    chosen_in_form,
    suggested_tenants,
)
from organizations.bulk.forms import BulkLinkForm, BulkSuggestionsForm
from organizations.bulk.models import BulkLink
from organizations.bulk.operations import preview_bulk
from organizations.bulk.plans import (
    AcceptSuggestions,
    CreateOrganizations,
    LinkTo,
    Plan,
    TheseTenants,
)
from portal.core.errors import InvalidInput, PortalError
from portal.web.dialogs import UNPROCESSABLE
from portal.web.pages import Page, add_errors

PLAN, PREVIEW = "plan", "preview"
Kind = BulkLink.Kind
TITLES: dict[str, str] = {
    Kind.LINK: "Link to an organization",
    Kind.SUGGESTIONS: "Accept suggestions",
}


class BulkNewPage(Page):
    """What is to be done with the chosen tenants; ends in a preview.

    A list posts ``selected`` once for each row, or ``all``, its ``query`` and the ``count`` it
    showed; ``plan`` says what for. ``suggestions`` with a level stands for all tenants that have
    such a suggestion. Nothing is written before ``preview`` is sent along.
    """

    capability = "tenants.link"

    def get(self, request: HttpRequest) -> HttpResponse:
        level = request.GET.get(SUGGESTIONS, "")
        if not level:
            return self._show(None, carried=[])
        count = suggested_tenants(level, actor=self.actor).count()
        carried = [(SUGGESTIONS, level), (COUNT, str(count)), (PLAN, Kind.SUGGESTIONS)]
        form = BulkSuggestionsForm(initial={"level": level})
        return self._show(form, carried=carried, count=count, plan=Kind.SUGGESTIONS, level=level)

    def post(self, request: HttpRequest) -> HttpResponse:
        choice = chosen_in_form(request)
        plan = request.POST.get(PLAN) or request.GET.get(PLAN, "")
        if request.POST.get(SUGGESTIONS):
            return self._preview(choice, AcceptSuggestions(request.POST[SUGGESTIONS]))
        if plan == Kind.CREATE:
            return self._preview(choice, CreateOrganizations())
        asked = request.POST if PREVIEW in request.POST else None
        count = len(set(choice.ids)) if isinstance(choice, TheseTenants) else choice.expected or 0
        form: forms.Form
        if plan == Kind.SUGGESTIONS:
            form = BulkSuggestionsForm(asked)
        elif plan == Kind.LINK:
            form = BulkLinkForm(asked, actor=self.actor)
        else:
            raise InvalidInput("Choose what is to be done with the tenants.", code="no_plan")
        if asked is not None and form.is_valid():
            try:
                return self._preview(choice, _plan_of(form), why=form.cleaned_data.get("why", ""))
            except PortalError as error:
                add_errors(form, error)
        return self._show(form, carried=self._carried(plan), count=count, plan=plan)

    def _preview(self, choice: Any, plan: Plan, *, why: str = "") -> HttpResponse:
        draft = preview_bulk(actor=self.actor, choice=choice, plan=plan, why=why)
        return self.go_to(reverse("bulk:bulk_detail", args=[draft.pk]))

    def _carried(self, plan: str) -> list[tuple[str, str]]:
        """Return what the form has to send again so that the same tenants are meant."""
        sent = self.request.POST
        fields = [(PLAN, plan)]
        if sent.get(ALL):
            return [*fields, (ALL, "1"), (COUNT, sent.get(COUNT, "")), (QUERY, sent.get(QUERY, ""))]
        return [*fields, *((SELECTED, text) for text in sent.getlist(SELECTED))]

    def _show(
        self,
        form: forms.Form | None,
        *,
        carried: list[tuple[str, str]],
        count: int = 0,
        plan: str = "",
        level: str = "",
    ) -> HttpResponse:
        cards = form.cards([]) if isinstance(form, BulkLinkForm) else []
        context = {
            "title": TITLES.get(plan, "Bulk link"),
            "form": form,
            "plan": plan,
            "level": level,
            "count": count,
            "carried": carried,
            "cards": cards,
            "picked": form.data.get("organization", "") if form and form.is_bound else "",
        }
        invalid = form is not None and form.is_bound
        return render(
            self.request, "bulk/bulk_new.html", context, status=UNPROCESSABLE if invalid else None
        )


def _plan_of(form: forms.Form) -> Plan:
    if isinstance(form, BulkLinkForm) and form.chosen:
        return LinkTo(form.chosen)
    return AcceptSuggestions(form.cleaned_data["level"])
