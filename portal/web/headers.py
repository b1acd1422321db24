"""Headers every answer carries, whatever made it (DEC19)."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

NOT_STORED = "no-store, private"
PUBLIC_PATHS = ("/static/",)


class ResponseHeadersMiddleware:
    """Keeps people's pages out of every cache, and closes what browsers need not offer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
        )
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not request.path.startswith(PUBLIC_PATHS):
            response.headers.setdefault("Cache-Control", NOT_STORED)
            patch_vary_headers(response, ["HX-Request"])
        return response
