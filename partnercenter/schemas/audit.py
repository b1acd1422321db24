"""Records of what was done at Partner Center, by whom and with which result."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from partnercenter.decoding import decode_json
from partnercenter.errors import MalformedAnswer
from partnercenter.schemas.fields import Fields, as_guid


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """One record; ``id`` may be empty, and ``operation`` is an open list of words in lower case.

    ``old_value`` and ``new_value`` are JSON in a text, as Microsoft's own services wrote it.
    """

    id: str
    partner_id: str
    customer_id: str
    customer_name: str
    user: str
    application_id: str
    resource_type: str
    operation: str
    status: str
    happened: datetime | None
    correlation_id: str
    old_value: str = field(repr=False)
    new_value: str = field(repr=False)
    details: Mapping[str, str] = field(repr=False)
    raw: Mapping[str, Any] = field(repr=False)

    def resource(self) -> Any:
        """Return the thing as it was afterwards, None when nobody can read that."""
        return _decoded(self.new_value)

    def earlier_resource(self) -> Any:
        """Return the thing as it was before, None when nobody can read that."""
        return _decoded(self.old_value)


def read_audit_record(row: object) -> AuditRecord:
    """Return a record. Raises: MalformedAnswer when it says neither what nor when."""
    fields = Fields(row)
    operation, happened = fields.text("operationtype").lower(), fields.moment("operationdate")
    if not operation and happened is None:
        raise MalformedAnswer("The answer has a record that records nothing.")
    return AuditRecord(
        id=fields.text("id"),
        partner_id=fields.text("partnerid").lower(),
        customer_id=as_guid(fields.get("customerid")) or "",
        customer_name=fields.text("customername"),
        user=fields.text("userprincipalname"),
        application_id=fields.text("applicationid").lower(),
        resource_type=fields.text("resourcetype").replace("_", "").lower(),
        operation=operation.replace("_", ""),
        status=fields.text("operationstatus").lower(),
        happened=happened,
        correlation_id=fields.text("originalcorrelationid"),
        old_value=fields.text("resourceoldvalue"),
        new_value=fields.text("resourcenewvalue"),
        details={
            detail.text("key"): detail.text("value") for detail in fields.objects("customizeddata")
        },
        raw=fields.raw,
    )


def _decoded(text: str) -> Any:
    try:
        return decode_json(text.encode("utf-8", "replace")) if text else None
    except MalformedAnswer:
        return None
