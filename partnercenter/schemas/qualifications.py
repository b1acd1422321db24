"""What a customer qualifies for, which decides on the segment it may buy from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from partnercenter.refusals import plain_text
from partnercenter.schemas.fields import Fields
from partnercenter.schemas.strict import count, required_text, word

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Qualification:
    """A qualification asked for; ``status`` is ``in_review``, ``approved``, ``denied`` or new."""

    qualification: str
    status: str
    reason: str
    asked: datetime | None
    raw: Raw = field(repr=False)


@dataclass(frozen=True, slots=True)
class ValidationCode:
    """A code that lets a number of government customers be made."""

    id: str
    organization: str
    partner_id: str
    most: int | None
    remaining: int | None
    etag: str


def read_qualification(row: object) -> Qualification:
    """Return a qualification. Raises: MalformedAnswer without saying which."""
    fields = Fields(row)
    return Qualification(
        qualification=word(required_text(fields, "a qualification", "qualification")),
        status=word(fields.text("vettingstatus")),
        reason=plain_text(fields.text("vettingreason")),
        asked=fields.moment("vettingcreateddate") or fields.moment("vettingcreatedate"),
        raw=fields.raw,
    )


def read_validation_code(row: object) -> ValidationCode:
    """Return a validation code. Raises: MalformedAnswer without it."""
    fields = Fields(row)
    return ValidationCode(
        id=required_text(fields, "a validation code", "validationid"),
        organization=fields.text("organizationname"),
        partner_id=fields.text("partnerid"),
        most=count(fields, "maxcreates"),
        remaining=count(fields, "remainingcreates"),
        etag=fields.text("etag"),
    )
