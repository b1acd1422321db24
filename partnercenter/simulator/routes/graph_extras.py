"""What Partner Center left to Graph: delegated admin relationships and the health of services.

A world may hold its own in `delegated_relationships.jsonl` and `service_health.jsonl`. Without
them every customer that grants delegated access has one active relationship, one whose record has
`delegatedRelationship` has one that differs in that, and all services are well but for one advisory
that is long resolved.
"""

import re
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.etags import etag_of
from partnercenter.simulator.fields import read_count
from partnercenter.simulator.filters import company_name
from partnercenter.simulator.identity import GRAPH
from partnercenter.simulator.routing import Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.webhook_events import granular_ids
from partnercenter.simulator.wire import Response

_RELATIONSHIPS = "/v1.0/tenantRelationships/delegatedAdminRelationships"
_HEALTH = "/v1.0/admin/serviceAnnouncement/healthOverviews"
_CONTEXT = f"{GRAPH}/v1.0/$metadata#delegatedAdminRelationships"
_OF_CUSTOMER = re.compile(r"customer/tenantId\s+eq\s+'([0-9a-f-]{36})'", re.IGNORECASE)
_CREATED = "delegated_relationship_created"
_MOST_RELATIONSHIPS = 300
_LONGEST_NAME = 50
# Proposed relationships come after all others, however many customers there will be.
_PROPOSED_FROM = 500_000_000
_HEALTH_PAGE = 100
_SERVICES = {
    "Exchange": "Exchange Online",
    "Intune": "Microsoft Intune",
    "Lync": "Skype for Business",
    "MicrosoftTeams": "Microsoft Teams",
    "OSDPPlatform": "Microsoft 365 suite",
    "OneDriveForBusiness": "OneDrive for Business",
    "OrgLiveID": "Identity Service",
    "SharePoint": "SharePoint Online",
}
# Directory Readers, License Administrator, User Administrator: the built-in role templates.
_ROLES = (
    "88d8e3e3-8f55-4a1e-953a-9b9898b8876b",
    "4d6ac14f-3453-41d0-bef9-a3e0c569773a",
    "fe930be7-5e62-47db-91af-98c3a49a38b1",
)
_GRANTED = timedelta(days=200)
_DURATION = timedelta(days=730)
_SCAN = 500


def list_relationships(call: Call) -> Response:
    """Answer one page of the relationships; `$top` is 300 at most, `$skiptoken` goes on.

    `$filter` knows one condition, `customer/tenantId eq '{id}'`. Raises Problem 400 for another.
    """
    query = call.request.query
    size = read_count(query.get("$top"), name="$top", default=_MOST_RELATIONSHIPS)
    if not 1 <= size <= _MOST_RELATIONSHIPS:
        raise Problem(400, 800002, f"$top must be from 1 to {_MOST_RELATIONSHIPS}.")
    skipped = read_count(query.get("$skiptoken"), name="$skiptoken", default=0)
    customer = _read_customer(query.get("$filter"))
    items: list[dict[str, Any]] = []
    body: dict[str, Any] = {"@odata.context": _CONTEXT, "value": items}
    for position, item in _relationships(call, skipped):
        if customer and _customer_of(item) != customer:
            continue
        if len(items) == size:
            asked = {"$filter": query["$filter"]} if customer else {}
            following = urlencode(asked | {"$top": size, "$skiptoken": position})
            body["@odata.nextLink"] = f"{_own_host(call)}{_RELATIONSHIPS}?{following}"
            break
        items.append(item)
    return Response(body=body)


def _read_customer(condition: str | None) -> str:
    """Return the customer a filter names, in lower case; empty without a filter."""
    if not condition:
        return ""
    found = _OF_CUSTOMER.fullmatch(condition.strip())
    if found is None:
        raise Problem(400, 800002, "Relationships are filtered by customer/tenantId eq an id.")
    return found[1].lower()


def _customer_of(relationship: dict[str, Any]) -> str:
    return str((relationship.get("customer") or {}).get("tenantId") or "").lower()


def get_relationship(call: Call) -> Response:
    """Answer one relationship. Raises Problem 404/1000 for an unknown id."""
    wanted = call.params["relationship"].lower()
    for _, item in _relationships(call, 0):
        if item["id"].lower() == wanted:
            return Response(body={"@odata.context": f"{_CONTEXT}/$entity"} | item)
    raise Problem(404, 1000, "There is no such delegated admin relationship.")


def create_relationship(call: Call) -> Response:
    """Propose a relationship to a customer; it stays `created` until somebody acts on it.

    Raises Problem 400 for a display name that is missing, in use or beyond 50 characters, for a
    duration outside P1D to P2Y, an unknown automatic extension, and roles that are missing.
    """
    body = call.request.json()
    if not isinstance(body, dict):
        raise Problem(400, 800002, "A JSON object is expected.")
    _check_proposal(call, body)
    now = _moment(call.site.clock())
    identity = f"{uuid.uuid4()}-{uuid.uuid4()}"
    relationship = {
        "@odata.type": "#microsoft.graph.delegatedAdminRelationship",
        "@odata.etag": f'W/"{etag_of(identity)}"',
        "id": identity,
        "displayName": body["displayName"],
        "duration": body["duration"],
        "customer": body.get("customer"),
        "accessDetails": body["accessDetails"],
        "status": "created",
        "autoExtendDuration": body.get("autoExtendDuration") or "PT0S",
        "createdDateTime": now,
        "lastModifiedDateTime": now,
        "activatedDateTime": None,
        "endDateTime": None,
    }
    call.record(_CREATED, identity, relationship=relationship)
    return Response(
        status=201,
        body={"@odata.context": f"{_CONTEXT}/$entity"} | relationship,
        headers={"Location": f"{_own_host(call)}{_RELATIONSHIPS}/{identity}"},
    )


def _check_proposal(call: Call, body: dict[str, Any]) -> None:
    name = body.get("displayName")
    if not isinstance(name, str) or not 1 <= len(name) <= _LONGEST_NAME:
        raise Problem(400, 800002, f"displayName must have 1 to {_LONGEST_NAME} characters.")
    taken = (str(item.get("displayName")).lower() for _, item in _relationships(call, 0))
    if name.lower() in taken:
        raise Problem(400, 800002, f"There is a relationship named {name} already.")
    if not 1 <= _days(body.get("duration")) <= _DURATION.days:
        raise Problem(400, 800002, "duration must be from P1D to P2Y.")
    if body.get("autoExtendDuration") not in (None, "PT0S", "P0D", "P180D"):
        raise Problem(400, 800002, "autoExtendDuration must be PT0S, P0D or P180D.")
    details = body.get("accessDetails")
    if not isinstance(details, dict) or not details.get("unifiedRoles"):
        raise Problem(400, 800002, "accessDetails must name unifiedRoles.")


def _days(duration: object) -> int:
    """Return the days of an ISO 8601 duration of years, months or days; 0 for any other text."""
    found = re.fullmatch(r"P([0-9]{1,3})([YMD])", str(duration))
    return int(found[1]) * {"Y": 365, "M": 30, "D": 1}[found[2]] if found else 0


def list_health(call: Call) -> Response:
    """Answer the state of each service, with its issues when `$expand=issues` asks for them."""
    with_issues = call.request.query.get("$expand", "").lower() == "issues"
    skipped = read_count(call.request.query.get("$skip"), name="$skip", default=0)
    rows = list(call.site.world.collection("service_health")) or _all_well(call.site.clock())
    if not with_issues:
        rows = [{key: row[key] for key in row if key != "issues"} for row in rows]
    path = "admin/serviceAnnouncement/healthOverviews"
    context = f"{GRAPH}/v1.0/$metadata#{path}" + ("(issues())" if with_issues else "")
    body = {"@odata.context": context, "value": rows[skipped : skipped + _HEALTH_PAGE]}
    if skipped + _HEALTH_PAGE < len(rows):
        asked = {"$expand": "issues"} if with_issues else {}
        following = urlencode(asked | {"$skip": skipped + _HEALTH_PAGE})
        body["@odata.nextLink"] = f"{_own_host(call)}{_HEALTH}?{following}"
    return Response(body=body)


def _relationships(call: Call, start: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield relationships with their positions, from a position on."""
    if start < _PROPOSED_FROM:
        yield from _granted(call, start)
    proposed = call.site.ledger.find(kind=_CREATED)
    for position in range(max(start - _PROPOSED_FROM, 0), len(proposed)):
        yield _PROPOSED_FROM + position, dict(proposed[position].data["relationship"])


def _granted(call: Call, start: int) -> Iterator[tuple[int, dict[str, Any]]]:
    own = call.site.world.collection("delegated_relationships")
    if len(own):
        for offset in range(start, len(own), _SCAN):
            yield from enumerate(own.page(offset, _SCAN), offset)
        return
    now = call.site.clock()
    position = start
    while rows := call.site.customers.page(position, _SCAN):
        for customer in rows:
            marked = customer is not None and "delegatedRelationship" in customer
            if customer and (marked or customer.get("allowDelegatedAccess") is not False):
                yield position, _relationship(customer, now)
            position += 1


def _relationship(customer: dict[str, Any], now: datetime) -> dict[str, Any]:
    # Dated by the year, so that it is the same from one reading to the next and never over.
    year = now.replace(month=1, day=1, hour=8, minute=0, second=0, microsecond=0)
    began = year - _GRANTED
    identity = granular_ids(customer["id"])["relationship"]
    return {
        "@odata.type": "#microsoft.graph.delegatedAdminRelationship",
        "@odata.etag": f'W/"{etag_of(identity)}"',
        "id": identity,
        "displayName": f"{company_name(customer)[:36]} {identity[:8]}",
        "duration": f"P{_DURATION.days}D",
        "customer": {"tenantId": customer["id"], "displayName": company_name(customer)},
        "accessDetails": {"unifiedRoles": [{"roleDefinitionId": role} for role in _ROLES]},
        "status": "active",
        "autoExtendDuration": "P180D",
        "createdDateTime": _moment(began),
        "lastModifiedDateTime": _moment(began),
        "activatedDateTime": _moment(began),
        "endDateTime": _moment(began + _DURATION),
    } | (customer.get("delegatedRelationship") or {})


def _all_well(now: datetime) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {"service": name, "status": "ServiceOperational", "id": key, "issues": []}
        for key, name in _SERVICES.items()
    ]
    rows[0]["issues"] = [_past_issue(now)]
    return rows


def _past_issue(now: datetime) -> dict[str, Any]:
    month = now.replace(day=1, hour=9, minute=0, second=0, microsecond=0)
    began, over = month - timedelta(days=9), month - timedelta(days=8)
    text = "Some users saw delays when opening shared mailboxes. The delay has been removed."
    return {
        "startDateTime": _moment(began),
        "endDateTime": _moment(over),
        "lastModifiedDateTime": _moment(over),
        "title": "Delays when opening shared mailboxes",
        "id": f"EX{uuid.uuid5(uuid.NAMESPACE_OID, month.isoformat()).int % 900000 + 100000}",
        "impactDescription": text,
        "classification": "Advisory",
        "origin": "Microsoft",
        "status": "ServiceRestored",
        "service": _SERVICES["Exchange"],
        "feature": "E-Mail timely delivery",
        "featureGroup": "E-Mail and calendar access",
        "isResolved": True,
        "details": [],
        "posts": [
            {
                "createdDateTime": _moment(over),
                "postType": "Regular",
                "description": {"contentType": "Html", "content": text},
            }
        ],
    }


def _own_host(call: Call) -> str:
    return f"{call.request.scheme}://{call.request.host}"


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


ROUTES = [
    Route("GET", _RELATIONSHIPS, list_relationships, versioned=False, graph=True),
    Route("POST", _RELATIONSHIPS, create_relationship, versioned=False, graph=True),
    Route(
        "GET",
        f"{_RELATIONSHIPS}/{{relationship}}",
        get_relationship,
        versioned=False,
        graph=True,
    ),
    Route("GET", _HEALTH, list_health, versioned=False, graph=True),
]
