"""Reading the audit trail: by date, with one filter, in pages, and one record by its id."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from partnercenter.simulator.audit import Change, audit_record, changes_of
from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import fold, read_count
from partnercenter.simulator.filters import read_filter
from partnercenter.simulator.paging import Mark, Row, collection, cut_page, read_mark
from partnercenter.simulator.routing import Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.wire import PageMark, Response

_PAGE = 500
_LONGEST = timedelta(days=90)
_USUAL = timedelta(days=30)
_DAY = timedelta(days=1)
_AMERICAN = ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y")


class _Trail:
    """What the world remembers of earlier times, then what happened since, by position."""

    def __init__(self, call: Call) -> None:
        self._history = call.site.world.collection("audit_records")
        self._changes = list(changes_of(call.site.ledger.find()))

    def page(self, offset: int, limit: int) -> Sequence[Row]:
        rows = self._history.page(offset, limit)
        first = max(offset - len(self._history), 0)
        last = first + limit - len(rows)
        return rows + [{"change": change} for change in self._changes[first:last]]


def list_records(call: Call) -> Response:
    """Answer one page of the trail, oldest first: 30 days unless dates are given.

    Raises Problem 400 for a start more than 90 days ago, a date that is none, an end before the
    start, and a filter on anything but CompanyName, CustomerId and ResourceType.
    """
    query = call.request.query
    start, end = _read_window(call)
    text = query.get("filter")
    test = _read_test(text) if text else None
    size = read_count(query.get("size"), name="size", default=_PAGE)
    scope = f"auditrecords {query.get('startdate')} {query.get('enddate')} {text or ''}"
    tokens = call.site.continuation
    mark = read_mark(call.request, tokens, scope=scope, size=size, size_given="size" in query)

    def shape(row: Row) -> Row | None:
        record = _record(call, row)
        when = _read_date(str(record["operationDate"]))
        inside = start <= when and (end is None or when < end)
        return record if inside and (test is None or test(record)) else None

    page = cut_page(_Trail(call), mark, shape)
    given = [part for part in call.request.raw_query.split("&") if part]
    kept = [part for part in given if not part.lower().startswith("seekoperation=")]
    following = "/auditrecords?" + "&".join([*kept, "seekOperation=Next"])
    links = {"self": call.link("/auditrecords?" + "&".join(given) if given else "/auditrecords")}
    if page.next_position is not None:
        token = tokens.issue(Mark(page.next_position, mark.size), scope=scope)
        links["next"] = call.link(following, token=token)
    here = tokens.issue(mark, scope=scope)
    first = tokens.issue(Mark(0, mark.size), scope=scope)
    return Response(
        body=collection(page.items, links), page=PageMark(uri=following, here=here, start=first)
    )


def get_record(call: Call) -> Response:
    """Answer one record. Raises Problem 404/1000 for an id that no record has."""
    wanted = call.params["record"].lower()
    trail = _Trail(call)
    position = 0
    while rows := trail.page(position, _PAGE):
        for row in rows:
            record = _record(call, row)
            if str(record.get("id", "")).lower() == wanted:
                return Response(body=record)
        position += len(rows)
    raise Problem(404, 1000, "There is no such audit record.")


def _record(call: Call, row: Row) -> Row:
    change = row.get("change")
    if not isinstance(change, Change):
        return row
    return audit_record(change, world=call.site.world, customers=call.site.customers)


def _read_window(call: Call) -> tuple[datetime, datetime | None]:
    """Return the start, and the end after which nothing counts; a date alone is its whole day."""
    now, query = call.site.clock(), call.request.query
    first, last = query.get("startdate"), query.get("enddate")
    start = _read_date(first) if first else now - _USUAL
    if start.date() < (now - _LONGEST).date():
        raise Problem(400, 800002, "startDate is more than 90 days ago.")
    if not last:
        return start, None
    end = _read_date(last)
    if end.time() == datetime.min.time():
        end += _DAY
    if end <= start:
        raise Problem(400, 800002, "endDate is before startDate.")
    return start, end


def _read_date(text: str) -> datetime:
    found = None
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        for form in _AMERICAN:
            try:
                found = datetime.strptime(text, form)
            except ValueError:
                continue
    if found is None:
        raise Problem(400, 800002, f"{text!r} is not a date.")
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _read_test(text: str) -> Callable[[dict[str, Any]], bool]:
    """Return the test of a filter. Source: "Filter field and operator" of the page's list."""
    content = read_filter(text)
    field, operator = fold(content.get("field")), fold(content.get("operator"))
    value = str(content.get("value", "")).lower()
    if (field, operator) == ("companyname", "substring"):
        return lambda record: value in str(record.get("customerName", "")).lower()
    if (field, operator) == ("customerid", "equals"):
        return lambda record: value == str(record.get("customerId", "")).lower()
    if (field, operator) == ("resourcetype", "equals"):
        return lambda record: fold(value) == fold(record.get("resourceType", ""))
    raise Problem(400, 800002, f"Audit records cannot be filtered by {json.dumps(content)}.")


ROUTES = [
    Route("GET", "/auditrecords", list_records),
    Route("GET", "/auditrecords/{record}", get_record),
    Route("GET", "/auditactivity/v1/auditrecords/{record}", get_record, versioned=False),
]
