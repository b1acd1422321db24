"""Requests and responses as the rooms see them, and their translation from and to WSGI.

Rooms work with these two values only. What the live service does to every answer (echoed ids,
duplicated locale, byte order mark) happens here once, so that no room can forget it.
"""

import base64
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import format_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from partnercenter.simulator.errors import Problem

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

JSON_TYPE = "application/json; charset=utf-8"
_BOM = b"\xef\xbb\xbf"
LARGEST_BODY = 8 * 1024 * 1024
_APPLICATION = uuid.uuid5(uuid.NAMESPACE_DNS, "simulator.partnercenter")


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; names of headers and query are lower case, as their case is ignored."""

    method: str
    path: str
    raw_query: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    scheme: str
    host: str
    peer: str
    request_id: str
    correlation_id: str

    def json(self) -> Any:
        """Return the decoded body.

        Raises Problem 400 when it is not JSON.
        """
        try:
            return json.loads(self.body.decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            raise Problem(400, 800002, f"The request body is not valid JSON: {error}") from error

    def form(self) -> dict[str, str]:
        """Return the fields of a form-encoded body."""
        text = self.body.decode("utf-8", "replace")
        return dict(parse_qsl(text, keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class PageMark:
    """Where a page of a seek-paged collection sits; faults use it to bend the paging."""

    uri: str
    here: str
    start: str


@dataclass(slots=True)
class Response:
    """What a room answers.

    `body` is JSON data, bytes that go out untouched, or None for an empty body. `stream` is sent
    instead of it, part by part, so that a million rows need not be in memory.
    """

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    reason: str | None = None
    page: PageMark | None = None
    replayed: Any = None
    """What a repeated request id is answered with, when that is not `body` itself."""
    chunked: bool = False
    bom: bool | None = None
    keep: float | None = None
    """Fraction of the bytes that are sent; None sends all of them."""
    cut: bool = False
    """Announce the full length but close the connection when the kept bytes are out."""
    stream: Iterable[bytes] | None = None


def read_request(environ: "WSGIEnvironment") -> Request:
    """Build the request from a WSGI environment.

    Raises Problem for a body without a length or beyond 8 MiB.
    """
    headers = {
        key[5:].replace("_", "-").lower(): str(value)
        for key, value in environ.items()
        if key.startswith("HTTP_")
    }
    if environ.get("CONTENT_TYPE"):
        headers["content-type"] = environ["CONTENT_TYPE"]
    raw_query = environ.get("QUERY_STRING", "")
    query: dict[str, str] = {}
    for name, value in parse_qsl(raw_query, keep_blank_values=True):
        query.setdefault(name.lower(), value)
    return Request(
        method=environ["REQUEST_METHOD"].upper(),
        # WSGI hands over bytes as latin-1 text; the path on the wire is UTF-8.
        path=environ.get("PATH_INFO", "/").encode("latin-1").decode("utf-8", "replace"),
        raw_query=raw_query,
        query=query,
        headers=headers,
        body=_read_body(environ),
        scheme=environ.get("wsgi.url_scheme", "http"),
        host=headers.get("host") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}",
        peer=environ.get("REMOTE_ADDR", "127.0.0.1"),
        request_id=headers.get("ms-requestid") or str(uuid.uuid4()),
        correlation_id=headers.get("ms-correlationid") or str(uuid.uuid4()),
    )


def _read_body(environ: "WSGIEnvironment") -> bytes:
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isdigit():
        raise Problem(400, 800002, "Content-Length is not a number.")
    if int(length) > LARGEST_BODY:
        raise Problem(413, 800002, f"The request body is larger than {LARGEST_BODY} bytes.")
    body: bytes = environ["wsgi.input"].read(int(length)) if int(length) else b""
    return body


def encode(body: Any, *, bom: bool) -> bytes:
    """Return the bytes of a body, with a byte order mark in front of JSON when asked."""
    if body is None:
        return b""
    if isinstance(body, bytes):
        return body
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=_json_default)
    # Text from outside may hold half a surrogate pair, which has no UTF-8.
    payload = text.encode("utf-8", "replace")
    return _BOM + payload if bom else payload


def _json_default(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} cannot be sent as JSON")


def write_response(
    request: Request,
    response: Response,
    start_response: "StartResponse",
    *,
    now: datetime,
    bom: bool,
) -> Iterable[bytes]:
    """Send a response through WSGI, with the headers every answer of the service carries."""
    if response.stream is not None and response.keep is None:
        return _write_stream(request, response, response.stream, start_response, now=now)
    if response.stream is not None:
        # A scripted fault sends a fraction of the whole, whose length shows only at its end.
        response.body = b"".join(response.stream)
    payload = encode(response.body, bom=bom if response.bom is None else response.bom)
    reason = response.reason or _reason(response.status)
    headers = _common_headers(request, now)
    if isinstance(response.body, (dict, list, bool, str)):
        headers["Content-Type"] = JSON_TYPE
    headers.update(response.headers)
    sent = payload if response.keep is None else payload[: int(len(payload) * response.keep)]
    if not response.chunked and response.status != 204:
        headers["Content-Length"] = str(len(payload) if response.cut else len(sent))
    start_response(f"{response.status} {reason}", list(headers.items()))
    if request.method == "HEAD":
        return [b""]
    return _cut(sent) if response.cut else [sent]


def _write_stream(
    request: Request,
    response: Response,
    stream: Iterable[bytes],
    start_response: "StartResponse",
    *,
    now: datetime,
) -> Iterable[bytes]:
    headers = _common_headers(request, now) | response.headers
    start_response(f"{response.status} {_reason(response.status)}", list(headers.items()))
    return [b""] if request.method == "HEAD" else stream


def _cut(sent: bytes) -> Iterator[bytes]:
    yield sent
    raise ConnectionResetError("The simulator cut the connection in the middle of a body.")


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _common_headers(request: Request, now: datetime) -> dict[str, str]:
    vector = base64.b64encode(request.correlation_id.encode()[:12])
    return {
        "MS-RequestId": request.request_id,
        "MS-CorrelationId": request.correlation_id,
        "MS-CV": f"{vector.decode()}.0",
        "MS-ServerId": "101112202",
        # The live service sends the locale twice in one header.
        "X-Locale": ",".join([request.headers.get("x-locale", "en-US")] * 2),
        "Request-Context": f"appId=cid-v1:{_APPLICATION}",
        "Date": format_datetime(now.astimezone(UTC), usegmt=True),
    }
