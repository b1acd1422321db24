"""Which calls and which people lack multi-factor sign-in, told from the calls themselves.

The contract's table calls the address of a caller `sourceIpAddress`, the recorded answer
`ipAddress`; the recording is followed. The adoption status is a bare array, as its page shows it.
"""

from collections import Counter
from datetime import datetime
from typing import Any

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.identity import object_id
from partnercenter.simulator.paging import collection
from partnercenter.simulator.request_log import Entry
from partnercenter.simulator.routing import Access, Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.wire import Response


def list_requests(call: Call) -> Response:
    """Answer the latest calls made in a user's name, newest first."""
    items = [_request(entry) for entry in reversed(call.site.requests.all())]
    return Response(body=collection(items))


def list_principals(call: Call) -> Response:
    """Answer the users who called without multi-factor sign-in, with their latest such call."""
    latest: dict[str, Entry] = {}
    for entry in call.site.requests.all():
        if not entry.compliant:
            latest[_user(entry).lower()] = entry
    items = [
        {
            "objectId": object_id(_user(entry)),
            "tenantId": entry.caller.tenant_id,
            "upn": _user(entry),
            "lastNonMfaCompliantRequestDateTime": _moment(entry.at),
        }
        for entry in latest.values()
    ]
    return Response(body=collection(items))


def list_adoption(call: Call) -> Response:
    """Answer, per day and application, how many calls a multi-factor sign-in stood behind.

    `startDate` and `endDate` are whole days, both included. Raises Problem 400 for other texts.
    """
    first, last = _day(call, "startdate"), _day(call, "enddate")
    total: Counter[tuple[str, str]] = Counter()
    compliant: Counter[tuple[str, str]] = Counter()
    for entry in call.site.requests.all():
        day = entry.at.date().isoformat()
        if (first and day < first) or (last and day > last):
            continue
        key = (day, entry.caller.client_id)
        total[key] += 1
        compliant[key] += entry.compliant
    rows = [
        {
            "loginDate": day,
            "mfaCompliantRequestCount": compliant[day, application],
            "totalRequestCount": count,
            "applicationId": application,
            "applicationName": "",
        }
        for (day, application), count in sorted(total.items(), reverse=True)
    ]
    return Response(body=rows)


def _request(entry: Entry) -> dict[str, Any]:
    return {
        "requestId": entry.request_id,
        "correlationId": entry.correlation_id,
        "operationName": entry.operation,
        "requestDateTime": _moment(entry.at),
        "ipAddress": entry.peer,
        "objectId": object_id(_user(entry)),
        "tenantId": entry.caller.tenant_id,
        "upn": _user(entry),
        "applicationId": entry.caller.client_id,
        "mfaCompliant": entry.compliant,
    }


def _user(entry: Entry) -> str:
    return entry.caller.user or ""


def _moment(at: datetime) -> str:
    return at.replace(tzinfo=None).isoformat(timespec="milliseconds")


def _day(call: Call, name: str) -> str | None:
    text = call.request.query.get(name)
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).date().isoformat()
    except ValueError as error:
        raise Problem(400, 800002, f"{text!r} is not a date.") from error


ROUTES = [
    Route("GET", "/partnerRequests", list_requests, Access.USER),
    Route("GET", "/nonMfaCompliantPartnerPrincipals", list_principals, Access.USER),
    Route("GET", "/applicationmfaadoptionstatus", list_adoption, Access.USER),
]
