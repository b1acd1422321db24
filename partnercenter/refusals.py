"""From an answer that says no to the narrowest error.

Only status and code decide, never words: descriptions are translated and rewritten. A code alone
does not decide either, because some numbers mean other things on other routes: the codes are in
``refusal_codes``.
"""

import html
import re
from collections.abc import Mapping
from typing import Any

from partnercenter import errors
from partnercenter.decoding import decode_json
from partnercenter.errors import PartnerCenterError
from partnercenter.refusal_codes import kind_of
from partnercenter.retrying import asked_wait

LONGEST_DETAIL = 300
# An error body is a few hundred bytes; what is longer is a page and is not read.
LONGEST_ENVELOPE = 65_536

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_QUERY = re.compile(r"\?[^\s\"'<>]*=[^\s\"'<>]*")
_TOKEN = re.compile(r"\beyJ[\w-]{8,}(?:\.[\w-]*)*|\bBearer\s+\S+", re.IGNORECASE)
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,64}")

_BY_STATUS: dict[int, type[PartnerCenterError]] = {
    401: errors.TokenRefused,
    403: errors.PermissionRefused,
    404: errors.NotFound,
    408: errors.ServiceFailed,
    409: errors.Conflict,
    410: errors.NotFound,
    412: errors.PreconditionFailed,
    417: errors.PreconditionFailed,
    428: errors.PreconditionFailed,
    429: errors.Throttled,
}


def plain_text(value: object) -> str:
    """Return a stranger's text fit for one line of a log or a page.

    Control characters, address queries and anything shaped like a token are taken out; HTML
    entities, which Microsoft puts into descriptions, become characters.
    """
    text = html.unescape(str(value)[: 4 * LONGEST_DETAIL])
    text = _TOKEN.sub("[removed]", _QUERY.sub("?[removed]", _CONTROL.sub(" ", text)))
    return " ".join(text.split())[:LONGEST_DETAIL]


def refusal(
    *,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    call: str,
    missing: type[errors.NotFound] = errors.NotFound,
) -> PartnerCenterError:
    """Return the error for an answer that is no success.

    ``call`` names the call without its query; ``missing`` is the class for a plain 404 there.
    """
    envelope = _envelope(headers, body)
    code, detail = _code(envelope), _detail(envelope)
    kind = kind_of(status, code, path=call.partition(" ")[2]) or _by_status(status)
    if kind is errors.NotFound:
        kind = missing
    elif kind is errors.TokenRefused and not body.strip():
        # A fresh token answered with nothing at all is how a sign-in without MFA is refused.
        kind = errors.MfaRequired
    return kind(
        f"{call} was answered with status {status}.",
        status=status,
        code=code,
        detail=detail,
        retry_after=asked_wait(headers) if status in (408, 429) or status >= 500 else None,
        transient=False if status == 501 else None,
    )


def _by_status(status: int) -> type[PartnerCenterError]:
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if 300 <= status < 400:
        return errors.RedirectRefused
    if 400 <= status < 500:
        return errors.InvalidRequest
    return errors.ServiceFailed if status >= 500 else errors.MalformedAnswer


def _envelope(headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """Return the error object with lower-case keys, empty when the body is none."""
    if not body or len(body) > LONGEST_ENVELOPE:
        return {}
    try:
        value = decode_json(body, content_type=headers.get("Content-Type", ""))
    except errors.MalformedAnswer:
        return {}
    if not isinstance(value, dict):
        return {}
    outer = {key.lower(): member for key, member in value.items()}
    # Directory-backed routes and Graph put the object one level down.
    for nested in (outer.get("odata.error"), outer.get("error")):
        if isinstance(nested, dict):
            return {key.lower(): member for key, member in nested.items()}
    return outer


def _code(envelope: Mapping[str, Any]) -> str:
    code = envelope.get("code", envelope.get("errorcode"))
    if isinstance(code, bool) or not isinstance(code, (int, str)):
        return ""
    text = str(code).strip()
    return text if _CODE.fullmatch(text) else ""


def _detail(envelope: Mapping[str, Any]) -> str:
    for name in ("description", "message", "error_description"):
        text = envelope.get(name)
        if isinstance(text, dict):
            text = text.get("value")
        if isinstance(text, str) and text.strip():
            return plain_text(text)
    return ""
