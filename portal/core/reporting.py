"""What Django's error pages and error mails show of a request, its settings and variables.

Django masks settings by name, forms only where a view says so, and nothing at all while debugging
is on. Here whatever has a secret's name is masked, always, and the finished report loses every
secret that is known by value or shape.
"""

import re
from types import FrameType
from typing import Any

from django.http import HttpRequest
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from portal.core.secrecy import without_secrets

ADDRESSES = "DATABASE|REDIS|BROKER|CACHES|EMAIL"
"""Settings that hold a password inside an address."""


class SecretsFilter(SafeExceptionReporterFilter):
    """Masks by name in settings, headers, forms and variables."""

    hidden_settings = re.compile(
        f"{SafeExceptionReporterFilter.hidden_settings.pattern}|{ADDRESSES}", re.IGNORECASE
    )

    def is_active(self, request: HttpRequest | None) -> bool:
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        posted = super().get_post_parameters(request)
        return {name: self.cleanse_setting(name, value) for name, value in posted.items()}

    def get_traceback_frame_variables(
        self, request: HttpRequest | None, tb_frame: FrameType
    ) -> Any:
        variables = super().get_traceback_frame_variables(request, tb_frame)
        return [(name, self.cleanse_setting(name, value)) for name, value in variables]


class SecretsReporter(ExceptionReporter):
    """Masks the address's query by name too, and takes what is left out of the finished report."""

    def get_traceback_data(self) -> dict[str, Any]:
        data = super().get_traceback_data()
        asked = self.request.GET.items() if self.request else ()
        cleansed = [(name, self.filter.cleanse_setting(name, value)) for name, value in asked]
        return data | {"request_GET_items": cleansed}

    def get_traceback_html(self) -> str:  # type: ignore[override]
        return without_secrets(super().get_traceback_html())

    def get_traceback_text(self) -> str:  # type: ignore[override]
        return without_secrets(super().get_traceback_text())
