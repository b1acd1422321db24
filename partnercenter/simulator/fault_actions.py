"""What a fault rule can do to a call: instead of it, or to its answer.

status          any status with `body` (JSON or text) and `headers`
throttle        429 with `seconds`; `as_date` sends Retry-After as a date
html            an HTML page of a gateway, with `status`
delay           wait `seconds`, then go on
drop            close the connection before the call has any effect
drop_after      close the connection after the call had its effect
fail_after      `status` as an HTML page after the call had its effect
torn            send only the first `fraction` of the body, as if that were all
cut             announce the whole body, send `fraction`, close the connection
bom             send the body with (`on`: true) or without a byte order mark
repeat_page     answer with the body of the previous matching call
duplicate_item  repeat the first item at the end of the page
empty_page      a page without items whose `next` leads to the items left out
wrong_token     a `next` whose continuation token is not valid
endless         a last page whose `next` leads back to the first
"""

import copy
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from partnercenter.simulator.throttle import throttled
from partnercenter.simulator.wire import PageMark, Request, Response

Arguments = Mapping[str, Any]
Before = Callable[[Request, Arguments, datetime], Response | None]
After = Callable[[Request, Response, Arguments, Mapping[str, Any]], Response]


def _go_on(request: Request, arguments: Arguments, now: datetime) -> Response | None:
    return None


def _as_it_is(
    request: Request, response: Response, arguments: Arguments, earlier: Mapping[str, Any]
) -> Response:
    return response


@dataclass(frozen=True, slots=True)
class Action:
    """The two moments an action can step in, and the arguments it reads."""

    before: Before = _go_on
    after: After = _as_it_is
    arguments: dict[str, type] = field(default_factory=dict)


def _status(request: Request, arguments: Arguments, now: datetime) -> Response:
    body = arguments.get("body")
    headers = {str(name): str(value) for name, value in arguments.get("headers", {}).items()}
    if isinstance(body, str):
        headers.setdefault("Content-Type", "text/plain; charset=utf-8")
        body = body.encode()
    return Response(status=arguments.get("status", 500), headers=headers, body=body)


def _throttle(request: Request, arguments: Arguments, now: datetime) -> Response:
    seconds = int(arguments.get("seconds", 1))
    date = format_datetime(now.astimezone(UTC) + timedelta(seconds=seconds), usegmt=True)
    return throttled(seconds, retry_after=date if arguments.get("as_date") else None)


def _html(request: Request, arguments: Arguments, now: datetime) -> Response:
    return _page(arguments)


def _page(arguments: Arguments) -> Response:
    status = arguments.get("status", 502)
    page = (
        "<!DOCTYPE html><html><head><title>Gateway error</title></head>"
        f"<body><h1>{status}</h1><p>The service is not reachable &amp; will be back.</p>"
        "</body></html>"
    )
    return Response(status=status, headers={"Content-Type": "text/html"}, body=page.encode())


def _delay(request: Request, arguments: Arguments, now: datetime) -> None:
    time.sleep(arguments.get("seconds", 1.0))


def _drop(request: Request, arguments: Arguments, now: datetime) -> Response:
    raise ConnectionResetError("The simulator dropped the connection.")


def _drop_after(
    request: Request, response: Response, arguments: Arguments, earlier: Mapping[str, Any]
) -> Response:
    raise ConnectionResetError("The simulator dropped the connection after the effect.")


def _fail_after(
    request: Request, response: Response, arguments: Arguments, earlier: Mapping[str, Any]
) -> Response:
    return _page(arguments)


def _torn(
    request: Request, response: Response, arguments: Arguments, earlier: Mapping[str, Any]
) -> Response:
    response.keep = arguments.get("fraction", 0.5)
    return response


def _cut(
    request: Request, response: Response, arguments: Arguments, earlier: Mapping[str, Any]
) -> Response:
    response.keep = arguments.get("fraction", 0.5)
    response.cut = True
    return response


def _bom(
    request: Request, response: Response, arguments: Arguments, earlier: Mapping[str, Any]
) -> Response:
    response.bom = arguments.get("on", True)
    return response


def _repeat_page(
    request: Request, response: Response, arguments: Arguments, earlier: Mapping[str, Any]
) -> Response:
    response.body = earlier.get("body", response.body)
    return response


def _duplicate_item(
    request: Request, response: Response, arguments: Arguments, earlier: Mapping[str, Any]
) -> Response:
    if _items(response):
        items = [*response.body["items"], copy.deepcopy(response.body["items"][0])]
        response.body = response.body | {"items": items, "totalCount": len(items)}
    return response


def _empty_page(
    request: Request, response: Response, arguments: Arguments, earlier: Mapping[str, Any]
) -> Response:
    if response.page is not None:
        response.body = response.body | {"items": [], "totalCount": 0}
        _point_next(response, response.page, response.page.here)
    return response


def _wrong_token(
    request: Request, response: Response, arguments: Arguments, earlier: Mapping[str, Any]
) -> Response:
    if response.page is not None and "next" in response.body.get("links", {}):
        _point_next(response, response.page, response.page.here[::-1])
    return response


def _endless(
    request: Request, response: Response, arguments: Arguments, earlier: Mapping[str, Any]
) -> Response:
    if response.page is not None and "next" not in response.body.get("links", {}):
        _point_next(response, response.page, response.page.start)
    return response


def _items(response: Response) -> list[Any]:
    return response.body.get("items", []) if isinstance(response.body, dict) else []


def _point_next(response: Response, page: PageMark, token: str) -> None:
    headers = [{"key": "MS-ContinuationToken", "value": token}]
    following = {"uri": page.uri, "method": "GET", "headers": headers}
    links = {**response.body.get("links", {}), "next": following}
    response.body = response.body | {"links": links}
    if "continuationToken" in response.body:
        response.body["continuationToken"] = token


ACTIONS: dict[str, Action] = {
    "status": Action(before=_status, arguments={"status": int, "body": object, "headers": dict}),
    "throttle": Action(before=_throttle, arguments={"seconds": int, "as_date": bool}),
    "html": Action(before=_html, arguments={"status": int}),
    "delay": Action(before=_delay, arguments={"seconds": float}),
    "drop": Action(before=_drop),
    "drop_after": Action(after=_drop_after),
    "fail_after": Action(after=_fail_after, arguments={"status": int}),
    "torn": Action(after=_torn, arguments={"fraction": float}),
    "cut": Action(after=_cut, arguments={"fraction": float}),
    "bom": Action(after=_bom, arguments={"on": bool}),
    "repeat_page": Action(after=_repeat_page),
    "duplicate_item": Action(after=_duplicate_item),
    "empty_page": Action(after=_empty_page),
    "wrong_token": Action(after=_wrong_token),
    "endless": Action(after=_endless),
}
