"""What the rooms of commerce do alike: ask for one thing or a whole list, and write.

Two traps are closed here for all of them. An OK status may carry an error code instead of the
thing asked for. And a write may be answered unreadably: then it has happened or not, which the
error says by ``outcome_unknown``, like every other write whose effect nobody knows.
"""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from partnercenter.errors import (
    AnswerRefused,
    InvalidRequest,
    MixedUpAnswer,
    NotFound,
    PagingError,
    PartnerCenterError,
)
from partnercenter.refusals import refusal
from partnercenter.schemas.fields import Fields, as_guid, as_text
from partnercenter.secrecy import SecretDict
from partnercenter.transport import Transport
from partnercenter.wire import Answer, Params

T = TypeVar("T")
Read = Callable[[Any], T]


def same_id(one: str, other: str) -> bool:
    """Say whether two ids mean the same: routes spell ids in different case."""
    return _comparable(one) == _comparable(other)


def check_about(answered: str, asked: str, thing: str) -> None:
    """Refuse an answer about another thing; what says nothing passes. Raises: MixedUpAnswer."""
    if answered and not same_id(answered, asked):
        raise MixedUpAnswer(f"The answer is about another {thing}.")


def checked(read: Read[T], *, call: str) -> Read[T]:
    """Return a reader that first raises what a code under an OK status means.

    ``call`` is method and path, because a code can mean other things on other routes.
    """

    def read_checked(body: Any) -> T:
        if isinstance(body, dict):
            fields = Fields(body)
            code = as_text(fields.get("code", "errorcode"))
            if code and not fields.text("id") and fields.get("items") is None:
                detail = fields.text("description", "message")
                told = json.dumps({"code": code, "description": detail}).encode()
                raise refusal(status=200, headers={}, body=told, call=call)
        return read(body)

    return read_checked


def ask(
    transport: Transport,
    path: str,
    *,
    read: Read[T],
    params: Params | None = None,
    missing: type[NotFound] = NotFound,
) -> T:
    """Read one answer. Raises: as ``Transport.get``, and what an OK status with a code means."""
    read = checked(read, call=f"GET {path}")
    return transport.get(path, params=params, read=read, missing=missing)


def ask_by_post(
    transport: Transport, path: str, *, body: Any, read: Read[T], params: Params | None = None
) -> T:
    """Ask a question whose terms travel in a body: it changes nothing, so it may be repeated."""
    try:
        return transport.send(
            "POST",
            path,
            params=params,
            body=body,
            read=checked(read, call=f"POST {path}"),
            idempotent=True,
        )
    except PartnerCenterError as error:
        error.outcome_unknown = False
        raise


def write(
    transport: Transport,
    method: str,
    path: str,
    *,
    request_id: str,
    read: Read[T],
    body: Any = None,
    headers: Mapping[str, str] | None = None,
    idempotent: bool = False,
    secret: bool = False,
    missing: type[NotFound] = NotFound,
) -> T:
    """Change something once and return what ``read`` makes of the values answered.

    ``request_id`` is a GUID the caller has stored before, so that after a crash the same write can
    be sent again as the same. ``idempotent`` only where Microsoft recognises it. The answer of a
    ``secret`` write is printed by nothing.
    Raises: InvalidRequest when it is no GUID; as ``Transport.send``.
    """
    reader = checked(read, call=f"{method} {path}")
    return transport.send(
        method,
        path,
        headers=headers,
        body=None if body is None else wire_values(body),
        request_id=_request_key(request_id),
        read=_hidden(reader) if secret else reader,
        idempotent=idempotent,
        missing=missing,
    )


def write_and_look(
    transport: Transport,
    method: str,
    path: str,
    *,
    request_id: str,
    read: Callable[[Answer], T],
    body: Any = None,
    headers: Mapping[str, str] | None = None,
) -> T:
    """Change something whose answer is told by its status too, with or without a body.

    The rest is as in ``write``; never repeated by itself.
    """
    key = _request_key(request_id)
    answer = transport.call(
        method,
        path,
        headers=headers,
        body=None if body is None else wire_values(body),
        request_id=key,
    )
    try:
        if answer.body.strip():
            checked(_ignored, call=f"{method} {path}")(answer.data())
        return read(answer)
    except PartnerCenterError as error:
        error.outcome_unknown = isinstance(error, AnswerRefused)
        error.request_id = error.request_id or key
        error.correlation_id = error.correlation_id or answer.headers.get("MS-CorrelationId", "")
        raise


def _hidden(read: Read[T]) -> Read[T]:
    def read_hidden(body: Any) -> T:
        # Bound anew, so that nothing which prints the variables of a failure prints this one.
        body = SecretDict(body) if isinstance(body, dict) else body
        return read(body)

    return read_hidden


def whole(
    body: object, *, read: Read[T], identity: Callable[[T], str] | None, key: str = "items"
) -> tuple[T, ...]:
    """Return the members of a collection, or of a bare array, that comes in one piece.

    Raises: PagingError when it goes on somewhere or names a thing twice: half a list looks exactly
    like one whose other half was cancelled.
    """
    rows = body if isinstance(body, list) else _rows(Fields(body), key)
    items = tuple(read(row) for row in rows)
    if identity is not None and len({_comparable(identity(item)) for item in items}) != len(items):
        raise PagingError("An item came twice.")
    return items


def wire_values(value: Any) -> Any:
    """Return JSON values with plain numbers where received ones are ``Decimal``.

    Raises: InvalidRequest for a number that would not arrive exactly.
    """
    if isinstance(value, Decimal):
        plain: int | float = int(value) if value == value.to_integral_value() else float(value)
        if Decimal(str(plain)) != value:
            raise InvalidRequest("A number cannot be sent exactly.")
        return plain
    if isinstance(value, Mapping):
        return {key: wire_values(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [wire_values(item) for item in value]
    return value


def country_code(country: str) -> str:
    """Return a country as queries want it. Raises: InvalidRequest when it is no ISO code."""
    code = country.strip().upper()
    if len(code) != 2 or not code.isascii() or not code.isalpha():
        raise InvalidRequest("A country is named by its two-letter code.")
    return code


def _comparable(identity: str) -> str:
    return as_guid(identity) or identity.strip().casefold()


def _request_key(request_id: str) -> str:
    key = as_guid(request_id)
    if key is None:
        raise InvalidRequest("A write is named by a request id that is a GUID.")
    return key


def _ignored(_: object) -> None:
    """Read nothing."""


def _rows(fields: Fields, key: str) -> list[Any]:
    links = fields.inner("links")
    if fields.text("continuationtoken") or (links is not None and links.inner("next")):
        raise PagingError("A list that should be whole goes on elsewhere.")
    rows = fields.get(key, "items")
    if not isinstance(rows, list):
        raise PagingError("A list has no items.")
    return rows
