"""The page behind the field that finds anything, and the lines it offers while somebody types."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from portal.web.dialogs import wants_fragment
from portal.web.finding.queries import SHORTEST, find, tidy
from portal.web.pages import Page


class FindPage(Page):
    """Tenants, organizations, invoices: whatever the words fit and the person may see."""

    capability = "start.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        words = tidy(request.GET.get("q", ""))
        groups = find(self.actor, words)
        context = {
            "title": "Find",
            "query": words,
            "groups": groups,
            "shortest": SHORTEST,
            "too_short": len(words) < SHORTEST,
        }
        template = "find/options.html" if wants_fragment(request) else "find/find.html"
        response = render(request, template, context)
        patch_vary_headers(response, ["HX-Request"])
        return response
