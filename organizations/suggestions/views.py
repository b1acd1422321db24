"""Accepting, dismissing and restoring a suggestion, and the page that says how they stand.

All are plain forms. Where a person comes from is where it goes back to; a dismissal in the dialog
of a tenant answers with that dialog as it is now, since htmx takes a redirect for a page.
"""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from organizations.alert.queries import unlinked_alert
from organizations.linking.forms import LinkForm
from organizations.linking.link_views import TenantLinkPage
from organizations.linking.places import BACK, place_before, remember_link
from organizations.linking.queries import get_tenant
from organizations.suggestions.asking import open_job
from organizations.suggestions.models import LinkSuggestion
from organizations.suggestions.operations import (
    accept_suggestion,
    automatic_state,
    dismiss_suggestion,
    request_suggestions,
    restore_suggestion,
    switch_automatic,
)
from organizations.suggestions.queries import newest_run, suggestions
from organizations.suggestions.shown import certain_shown
from portal.web.dialogs import wants_fragment
from portal.web.pages import Page

DIALOG = "dialog"
SWITCH = "applies"


class SuggestionsPage(Page):
    """How the suggestions stand: the latest run, and what happens with certain ones."""

    capability = "suggestions.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        context = {
            "title": "Suggestions",
            "state": automatic_state(self.actor),
            "job": open_job(self.actor),
            "latest": newest_run(self.actor),
            **certain_shown(unlinked_alert(self.actor).certain, actor=self.actor),
            "may_link": self.actor.may("tenants.link"),
            "may_manage": self.actor.may("suggestions.manage"),
        }
        return render(request, "suggestions/overview.html", context)


class SuggestionsAskPage(Page):
    """Has suggestions looked for now."""

    capability = "tenants.link"
    http_method_names = ("post",)

    def post(self, request: HttpRequest) -> HttpResponse:
        request_suggestions(actor=self.actor)
        self.say("Suggestions are being looked for.")
        return self.go_to(reverse("suggestions:overview"))


class SuggestionsAutomaticPage(Page):
    """Lets certain suggestions link by themselves, or ends that."""

    capability = "suggestions.manage"
    http_method_names = ("post",)

    def post(self, request: HttpRequest) -> HttpResponse:
        state = switch_automatic(actor=self.actor, applies=request.POST.get(SWITCH) == "true")
        if state.applies_certain:
            self.say("Tenants with a certain suggestion are now linked by themselves.")
        else:
            self.say("Nothing is linked by itself any more. Links that were made stay.")
        return self.go_to(reverse("suggestions:overview"))


class _OnSuggestion(Page):
    """A decision about one suggestion."""

    abstract = True
    http_method_names = ("post",)

    def suggestion(self, suggestion_id: UUID) -> LinkSuggestion:
        row: LinkSuggestion = suggestions(self.actor).get_visible(self.actor, pk=suggestion_id)
        return row


class SuggestionAcceptPage(_OnSuggestion):
    """Links the tenant as suggested; the next page offers to take it back."""

    capability = "tenants.link"

    def post(self, request: HttpRequest, suggestion_id: UUID) -> HttpResponse:
        link = accept_suggestion(self.suggestion(suggestion_id), actor=self.actor)
        remember_link(request, link)
        return self.go_to(place_before(request))


class SuggestionDismissPage(_OnSuggestion):
    """Says that an organization is not the one."""

    capability = "tenants.link"

    def post(self, request: HttpRequest, suggestion_id: UUID) -> HttpResponse:
        row = dismiss_suggestion(
            self.suggestion(suggestion_id),
            actor=self.actor,
            reason=request.POST.get("reason", ""),
        )
        back = place_before(request)
        if DIALOG in request.GET and wants_fragment(request):
            page = TenantLinkPage()
            page.setup(request)
            return page.show(get_tenant(self.actor, row.tenant_id), LinkForm(actor=self.actor))
        if DIALOG in request.GET:
            address = reverse("linking:tenant_link", args=[row.tenant_id])
            return redirect(f"{address}?{urlencode({BACK: back})}")
        self.say(f"{row.organization} is no longer suggested for {row.tenant}.")
        return self.go_to(back)


class SuggestionRestorePage(_OnSuggestion):
    """Takes a dismissal back."""

    capability = "tenants.link"

    def post(self, request: HttpRequest, suggestion_id: UUID) -> HttpResponse:
        row = restore_suggestion(self.suggestion(suggestion_id), actor=self.actor)
        self.say(f"{row.organization} is suggested for {row.tenant} again.")
        return self.go_to(place_before(request))
