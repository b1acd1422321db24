"""Errors the portal raises on purpose.

An operation raises the narrowest class; pages, API and commands translate it. One class carries the
HTTP status, a stable ``code``, a sentence safe to show, and the fields it is about, so no interface
invents its own wording.

PortalError
├── InvalidInput      400  fields say what is wrong where
├── NotAllowed        403
├── NotFound          404  also for rows of somebody else: foreign and unknown look alike
├── Conflict          409  the world moved; the sentence says who and when
├── NotReady          409  something must be set up first
├── TooMany           429  asked too often; the sentence says how long to wait
└── Unavailable       503  the outside world failed; ``transient`` says if trying again can help
"""

from collections.abc import Mapping, Sequence
from typing import Any


class PortalError(Exception):
    """A failure with a sentence for people and a code for programs."""

    status = 500
    code = "error"
    transient = False
    retry_after: int | None = None
    """Seconds after which the same request can succeed."""

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        fields: Mapping[str, Sequence[str]] | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or self.code
        self.fields = {name: list(messages) for name, messages in (fields or {}).items()}
        self.data = dict(data or {})

    def headers(self) -> dict[str, str]:
        """Return the HTTP headers the answer needs beside its status."""
        return {"Retry-After": str(self.retry_after)} if self.retry_after else {}

    def body(self) -> dict[str, Any]:
        """Return the one shape every interface answers with: ``detail``, ``code``, ``fields``."""
        return {"detail": self.detail, "code": self.code, "fields": self.fields, **self.data}


class InvalidInput(PortalError):
    status = 400
    code = "invalid"


class NotAllowed(PortalError):
    status = 403
    code = "not_allowed"


class NotFound(PortalError):
    status = 404
    code = "not_found"

    def __init__(self, detail: str = "Not found.", **options: Any) -> None:
        super().__init__(detail, **options)


class Conflict(PortalError):
    status = 409
    code = "conflict"


class NotReady(PortalError):
    status = 409
    code = "not_ready"


class TooMany(PortalError):
    status = 429
    code = "too_many"


class Unavailable(PortalError):
    status = 503
    code = "unavailable"

    def __init__(self, detail: str, *, transient: bool = True, **options: Any) -> None:
        super().__init__(detail, **options)
        self.transient = transient
