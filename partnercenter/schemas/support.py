"""Service requests: cases opened with Microsoft."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from partnercenter.errors import MalformedAnswer
from partnercenter.schemas.fields import Fields


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRequest:
    """One case; ``severity`` and ``status`` come as words or as numbers and are kept as texts."""

    id: str
    title: str
    severity: str
    status: str
    contact_name: str
    created: datetime | None
    modified: datetime | None
    closed: datetime | None
    raw: Mapping[str, Any] = field(repr=False)


def read_service_request(row: object) -> ServiceRequest:
    """Return a case. Raises: MalformedAnswer when it has no id."""
    fields = Fields(row)
    identity = fields.text("id")
    if not identity:
        raise MalformedAnswer("The answer has a service request without an id.")
    person = fields.inner("primarycontact") or Fields({})
    return ServiceRequest(
        id=identity,
        title=fields.text("title"),
        severity=fields.text("severity").lower(),
        status=fields.text("status").lower(),
        contact_name=f"{person.text('firstname')} {person.text('lastname')}".strip(),
        created=fields.moment("createddate"),
        modified=fields.moment("lastmodifieddate"),
        closed=fields.moment("lastcloseddate"),
        raw=fields.raw,
    )
