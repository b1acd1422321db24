"""Qualifications of customers, the codes for government clouds, and account status.

A request for a qualification is decided after a time (see `qualification_review_seconds`): it is
approved, except that an organization whose website ends with `.invalid` is denied.
"""

import uuid
from datetime import UTC
from typing import Any

from partnercenter.simulator.customer_gate import account_status, qualifications_of
from partnercenter.simulator.errors import NamedProblem, Problem
from partnercenter.simulator.fields import read_enum, read_object
from partnercenter.simulator.routes.customers import find_customer
from partnercenter.simulator.routing import Access, Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.wire import Response

_EDUCATION = "Education"
_GOVERNMENT = "GovernmentCommunityCloud"
_REQUESTABLE = (_EDUCATION, _GOVERNMENT, "StateOwnedEntity")
_SEGMENTS = ("K12", "HigherEducation")
_ORGANIZATIONS = ("County of Alder Bay", "City of Marrow Falls")
_CREATES_PER_CODE = 5


def list_qualifications(call: Call) -> Response:
    """Answer the qualifications of a customer as a bare array, empty when there are none."""
    return Response(body=qualifications_of(call, find_customer(call)))


def request_qualification(call: Call) -> Response:
    """Ask for a qualification; it is in review at first.

    Raises Problem 400/900126 for one that does not exist or cannot be asked for, 400/800002 for
    Education without a segment and for the government cloud without a code that is still good.
    """
    customer = find_customer(call)
    body = read_object(call.request.json())
    name = read_enum(body.get("qualification"), _REQUESTABLE)
    if name is None:
        raise Problem(400, 900126, f"{body.get('qualification')!r} cannot be requested.")
    requested = call.site.clock().astimezone(UTC)
    row: dict[str, Any] = {
        "qualification": name,
        "requested": requested.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    if name == _EDUCATION:
        segment = read_enum(body.get("educationSegment"), _SEGMENTS)
        if segment is None:
            raise Problem(400, 800002, "educationSegment must be K12 or HigherEducation.")
        row |= {"educationSegment": segment, "website": body.get("website")}
    elif name == _GOVERNMENT:
        row["validationCode"] = _read_code(call, body.get("validationCode"))
    call.record("qualification_requested", customer["id"], qualification=row)
    # The answer to the request spells the date's name in another way than the list does.
    answer = {
        "qualification": name,
        "vettingStatus": "InReview",
        "vettingCreateDate": requested.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    return Response(status=201, body=answer)


def list_validation_codes(call: Call) -> Response:
    """Answer the partner's codes for government customers as a bare array."""
    return Response(body=_codes(call))


def get_account_status(call: Call) -> Response:
    """Answer the account status of a customer.

    Raises Problem 404/600074 when there is none and 400/800002 for another type than account.
    """
    customer = find_customer(call)
    kind = call.request.query.get("type")
    if read_enum(kind, ("account",)) is None:
        raise Problem(400, 800002, "type must be account.")
    status = account_status(call, customer)
    if status is None:
        raise NamedProblem(
            404,
            600074,
            f"Account Status for the customer, {customer['id']} was not found.",
            name="AccountStatusNotFound",
        )
    return Response(body={"type": "account"} | status)


def _codes(call: Call) -> list[dict[str, Any]]:
    partner = call.site.world.partner
    # Only partners in the United States serve its government cloud.
    organizations = _ORGANIZATIONS if partner.country == "US" else ()
    codes = []
    for name in organizations:
        code = str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{partner.tenant_id} {name}"))
        used = call.site.vetting.code_uses(code)
        codes.append(
            {
                "partnerId": partner.tenant_id,
                "organizationName": name,
                "validationId": code,
                "maxCreates": _CREATES_PER_CODE,
                "remainingCreates": _CREATES_PER_CODE - used,
                "eTag": f"W/\"datetime'2026-01-01T00%3A00%3A{used:02}Z'\"",
            }
        )
    return codes


def _read_code(call: Call, code: object) -> str:
    wanted = str(code or "").lower()
    for known in _codes(call):
        if known["validationId"] == wanted and known["remainingCreates"] > 0:
            return wanted
    raise Problem(400, 800002, "validationCode is unknown or used up.")


ROUTES = [
    Route("GET", "/customers/all/validations", list_validation_codes, Access.USER),
    Route("GET", "/customers/{customer}/qualifications", list_qualifications),
    Route("POST", "/customers/{customer}/qualifications", request_qualification, Access.USER),
    Route("GET", "/customers/{customer}/validationStatus", get_account_status, Access.USER),
]
