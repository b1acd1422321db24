"""A call as it is sent: address, headers, body and ids, the same on every one of its tries."""

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from partnercenter.dialects import Dialect
from partnercenter.errors import InvalidRequest, PartnerCenterError
from partnercenter.secrecy import SecretBytes
from partnercenter.wire import Params

_SAFE_METHODS = frozenset({"GET", "HEAD"})
_PATH = re.compile(r"(?:/[A-Za-z0-9._~%@:+,=!$&'()*;-]+)+")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One call as it is sent on every try."""

    method: str
    path: str
    params: Params | None
    headers: Mapping[str, str]
    body: bytes | None
    request_id: str
    correlation_id: str

    @property
    def name(self) -> str:
        """The call as errors name it: method and path, without the query."""
        return f"{self.method} {self.path}"

    @property
    def safe(self) -> bool:
        """Whether the call changes nothing, whatever becomes of it."""
        return self.method in _SAFE_METHODS

    @contextmanager
    def identified(self) -> Iterator[None]:
        """Put the ids under which Microsoft finds this call on every error that passes."""
        try:
            yield
        except PartnerCenterError as error:
            error.request_id = error.request_id or self.request_id
            # A refused sign-in has its own, which is the one to be found there.
            error.correlation_id = error.correlation_id or self.correlation_id
            raise


def prepare(
    method: str,
    path: str,
    *,
    dialect: Dialect,
    locale: str,
    params: Params | None,
    headers: Mapping[str, str] | None,
    body: Any = None,
    request_id: str | None = None,
    correlation_id: str | None = None,
) -> Outgoing:
    """Return a call ready to be sent; ids that are not given are made up.

    Raises: InvalidRequest for a path or a header that cannot be sent as it is.
    """
    if not _PATH.fullmatch(path) or "//" in path or "/../" in f"{path}/":
        raise InvalidRequest("A path is not usable in an address.")
    request_id = request_id or str(uuid.uuid4())
    correlation_id = correlation_id or str(uuid.uuid4())
    ids = dialect.headers(request_id=request_id, correlation_id=correlation_id, locale=locale)
    own = {"Accept": "application/json", **ids, **(headers or {})}
    payload = None
    if body is not None:
        payload = SecretBytes(json.dumps(body, allow_nan=False).encode())
        own["Content-Type"] = "application/json"
    for value in own.values():
        if not value.isascii() or not value.isprintable():
            raise InvalidRequest("A header value is not usable.")
    if dialect.correlation_id is None:
        correlation_id = request_id
    return Outgoing(method.upper(), path, params, own, payload, request_id, correlation_id)
