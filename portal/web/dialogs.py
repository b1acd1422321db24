"""One form, two homes: the dialog that htmx opens, and a page of its own.

The same address serves both, so a link opened in a new tab and a browser without JavaScript get the
whole page. A view renders one template, which extends whatever layout the request calls for. After
a success `portal.web.pages.Page.go_to` leaves either.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

DIALOG = "components/dialog.html"
PAGE = "components/dialog_page.html"
UNPROCESSABLE = 422


def wants_fragment(request: HttpRequest) -> bool:
    """Tell whether htmx asks; never decided by what it is going to replace."""
    return request.headers.get("HX-Request") == "true"


def render_dialog(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    title: str,
    invalid: bool = False,
) -> HttpResponse:
    """Render a template that extends ``dialog_layout``; an invalid form is answered with 422."""
    layout = DIALOG if wants_fragment(request) else PAGE
    response = render(
        request,
        template,
        {**context, "title": title, "dialog_layout": layout},
        status=UNPROCESSABLE if invalid else None,
    )
    patch_vary_headers(response, ["HX-Request"])
    return response
