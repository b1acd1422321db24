"""What a mail provider's refusal means, in its own words and without our key."""

from typing import Any

from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from django.conf import settings
from requests import ConnectionError as NotConnected
from requests import ConnectTimeout

from portal.core.errors import InvalidInput, PortalError, Unavailable
from portal.core.secrecy import remembered, without_secrets

WORDS = 200
SPEAKING = ("message", "errormessage", "error", "detail", "description", "reason")
"""Under such names providers say what is wrong."""
OURS = {401, 403, 407}
LATER = {408, 425, 429}


def failure_of(error: AnymailError, *, to: list[str]) -> PortalError:
    """Return what to make of an error: refused for good, or to be tried again.

    ``data["maybe_sent"]`` is true where the provider may have taken the mail all the same.
    """
    name = error.esp_name or settings.MAIL_PROVIDER or "The mail provider"
    status = error.status_code or getattr(error.response, "status_code", None)
    said = f": {words}" if (words := _words(error.response)) else "."
    if isinstance(error, AnymailRecipientsRefused):
        return InvalidInput(f"{name} refuses {', '.join(to)}{said}", code="mail_refused")
    if not isinstance(error, AnymailAPIError):
        return InvalidInput(
            f"{name} cannot be given this mail: {type(error).__name__}.", code="mail_refused"
        )
    if status is None:
        return _unavailable(
            f"{name} did not answer: {type(error.__cause__).__name__}.",
            maybe_sent=not _was_not_reached(error.__cause__),
        )
    if status in OURS:
        return _unavailable(
            f"{name} does not let the portal in ({status}){said} Look at PORTAL_MAIL_API_KEY.",
            maybe_sent=False,
        )
    if 400 <= status < 500 and status not in LATER:
        return InvalidInput(f"{name} refuses it ({status}){said}", code="mail_refused")
    return _unavailable(f"{name} did not take it ({status}){said}", maybe_sent=status not in LATER)


def _unavailable(text: str, *, maybe_sent: bool) -> Unavailable:
    return Unavailable(text, code="mail_unavailable", data={"maybe_sent": maybe_sent})


def _was_not_reached(cause: BaseException | None) -> bool:
    """Tell whether a call failed before anything of it was sent."""
    if isinstance(cause, ConnectTimeout):
        return True
    return isinstance(cause, NotConnected) and "NewConnectionError" in repr(cause)


def _words(response: Any) -> str:
    """Return what a provider says, as one line; a provider may repeat the key it was given."""
    if response is None:
        return ""
    try:
        text = _said_in(response.json()) or ""
    except ValueError:
        text = "" if "<" in response.text[:1_000] else response.text[:1_000]
    for value in settings.ANYMAIL.values():
        remembered(str(value))
    return " ".join(without_secrets(text).split())[:WORDS]


def _said_in(content: Any) -> str | None:
    """Return the first text under a name that speaks, the outermost first."""
    if isinstance(content, list):
        return next(filter(None, map(_said_in, content)), None)
    if not isinstance(content, dict):
        return None
    by_name = {str(name).lower(): value for name, value in content.items()}
    spoken = [by_name[name] for name in SPEAKING if isinstance(by_name.get(name), str)]
    return next(filter(None, spoken), None) or _said_in(list(content.values()))
