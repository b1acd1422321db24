"""Turns errors into answers: a page with the error's sentence, or the API's body on its paths.

A refusal of the database is one of them (I12), wherever it comes from: a view, the commit after it,
or a middleware before it, whose failures Django hands to `server_error`.
"""

import sys
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from structlog import get_logger

from portal.core.database.refusals import refusal_of, sqlstate_of
from portal.core.errors import NotFound, PortalError

API_PREFIX = "/api/"
log = get_logger(__name__)


class PortalErrorMiddleware:
    """Answers a `PortalError`, or a refusal of the database, that a view let through."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return the page for what can be said in a sentence; everything else goes on to Django."""
        error = sayable(exception)
        return error_page(request, error) if error else None


def sayable(exception: BaseException | None) -> PortalError | None:
    """Return the error a failure amounts to, logged when it is no answer to what was asked.

    None: nobody foresaw it.
    """
    error = exception if isinstance(exception, PortalError) else refusal_of(exception)
    if error and (error is not exception or error.status >= 500):
        log.warning(
            "request_failed",
            code=error.code,
            detail=error.detail,
            sqlstate=sqlstate_of(exception),
        )
    return error


def error_page(request: HttpRequest, error: PortalError) -> HttpResponse:
    """Return the page (or the API body, on API paths) for an error."""
    if request.path.startswith(API_PREFIX):
        return JsonResponse(error.body(), status=error.status, headers=error.headers())
    template = {400: "400.html", 403: "403.html", 404: "404.html"}.get(error.status, "error.html")
    response = render(request, template, {"error": error}, status=error.status)
    for name, value in error.headers().items():
        response[name] = value
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose token is missing or old."""
    return render(request, "403_csrf.html", {"reason": reason}, status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an unknown address exactly as a foreign object is answered."""
    return error_page(request, NotFound())


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a failure nobody foresaw, without a query and without a word of its cause."""
    if refusal := sayable(sys.exc_info()[1]):
        return error_page(request, refusal)
    if request.path.startswith(API_PREFIX):
        body = {"detail": "Something went wrong on our side.", "code": "error", "fields": {}}
        return JsonResponse(body, status=500)
    return HttpResponse(render_to_string("500.html"), status=500)
