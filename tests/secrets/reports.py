"""What a failure looks like to those who report it: Django's page and mail, and crash reporters."""

import traceback

from django.test import RequestFactory

from portal.core.reporting import SecretsReporter


def reports_of(error: BaseException) -> dict[str, str]:
    """Return everything that is made of an exception, by channel.

    The last is what tools such as Sentry send before any scrubbing: every frame's variables by
    their ``repr``, for the whole chain of causes.
    """
    request = RequestFactory().get("/")
    reporter = SecretsReporter(request, type(error), error, error.__traceback__)
    with_locals = traceback.TracebackException.from_exception(error, capture_locals=True)
    return {
        "error page": reporter.get_traceback_html(),
        "error mail": reporter.get_traceback_text(),
        "traceback": "".join(traceback.format_exception(error)),
        "traceback with variables": "".join(with_locals.format(chain=True)),
        "text of the exception": f"{error} {error!r}",
    }
