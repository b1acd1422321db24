"""What was done at Partner Center: the cheap way to notice changes."""

import json
from collections.abc import Iterator
from datetime import date

from partnercenter.continuation import Continuation
from partnercenter.errors import InvalidRequest, MixedUpAnswer
from partnercenter.paging import Listing, Page, read_pages
from partnercenter.resources.customers import customer_path
from partnercenter.schemas.audit import AuditRecord, read_audit_record
from partnercenter.schemas.fields import as_guid
from partnercenter.transport import Transport, join_path

PAGE_SIZE = 500
DAYS_KEPT = 90


class Audit:
    """Records of the last 90 days."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def pages(
        self,
        start: date,
        end: date | None = None,
        *,
        customer_id: str | None = None,
        company_name: str | None = None,
        resource_type: str | None = None,
        size: int = PAGE_SIZE,
        after: Continuation | None = None,
    ) -> Iterator[Page[AuditRecord]]:
        """Yield the records of these days (UTC) page by page; one condition at most.

        ``company_name`` is a part of a name, the others are whole values. A start more than 90
        days ago is refused. Raises: PagingError rather than end early.
        """
        if size < 1:
            raise InvalidRequest("A page has at least one record.")
        conditions = [
            ("CustomerId", "equals", _customer(customer_id) if customer_id is not None else None),
            ("CompanyName", "substring", company_name),
            ("ResourceType", "equals", resource_type),
        ]
        given = [(field, operator, value) for field, operator, value in conditions if value]
        if len(given) > 1:
            raise InvalidRequest("Records are searched by one condition at a time.")
        params = {"startDate": start.isoformat()}
        if end is not None:
            params["endDate"] = end.isoformat()
        for field, operator, value in given:
            condition = {"Field": field, "Value": value, "Operator": operator}
            params["filter"] = json.dumps(condition)
        # Old records have no id, so there is nothing to know one by.
        listing = Listing(
            path="/v1/auditrecords",
            params=params,
            size=size,
            read=read_audit_record,
            identity=None,
        )
        return read_pages(self._transport, listing, after=after)

    def get(self, record_id: str) -> AuditRecord:
        """Return one record. Raises: NotFound."""

        def read(body: object) -> AuditRecord:
            record = read_audit_record(body)
            if record.id.lower() != record_id.lower():
                raise MixedUpAnswer("The answer is about another record.")
            return record

        return self._transport.get(join_path("v1", "auditrecords", record_id), read=read)


def _customer(customer_id: str) -> str:
    customer_path(customer_id)
    return as_guid(customer_id) or ""
