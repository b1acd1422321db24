"""Translates every error of an API view into one shape: ``detail``, ``code``, ``fields``."""

from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from portal.core.errors import NotFound
from portal.web.api.parsers import TooLarge
from portal.web.failures import sayable


def api_failure(error: Exception, context: dict[str, Any]) -> Response | None:
    """Translate every error of an API view into ``detail``, ``code``, ``fields``."""
    if isinstance(error, Http404):
        error = NotFound()
    if isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if isinstance(error, RequestDataTooBig):
        error = TooLarge()
    if answer := sayable(error):
        set_rollback()
        return Response(answer.body(), status=answer.status, headers=answer.headers())
    if isinstance(error, exceptions.APIException):
        set_rollback()
        headers = {}
        if getattr(error, "auth_header", None):
            headers["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
        if getattr(error, "wait", None):
            headers["Retry-After"] = str(int(error.wait))  # type: ignore[attr-defined]
        return Response(_drf_body(error), status=error.status_code, headers=headers)
    return None


def _drf_body(error: exceptions.APIException) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        return {
            "detail": "Some fields are not valid.",
            "code": "invalid",
            "fields": _field_messages(error.detail),
        }
    code = error.get_codes()
    return {
        "detail": str(error.detail),
        "code": code if isinstance(code, str) else "error",
        "fields": {},
    }


def _field_messages(detail: Any) -> dict[str, Any]:
    if not isinstance(detail, dict):
        return {"non_field_errors": [str(message) for message in detail]}
    return {
        name: [str(message) for message in messages] if isinstance(messages, list) else messages
        for name, messages in detail.items()
    }
