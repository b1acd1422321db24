"""What hangs on a subscription besides itself: end dates, contact, registration, overage, Azure."""

import uuid
from typing import Any

from partnercenter.simulator.coterm import alignable_ends
from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import read_enum, read_object, without_nulls
from partnercenter.simulator.paging import collection
from partnercenter.simulator.routes.subscription_changes import location
from partnercenter.simulator.routes.subscriptions import find_subscription, related_customer
from partnercenter.simulator.routing import Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.subscription_terms import (
    Generation,
    generation,
    months_of,
    read_moment,
    status_of,
)
from partnercenter.simulator.wire import Response

_NO_END = 9000
_BASE = "/customers/{customer}/subscriptions"


def list_term_ends(call: Call) -> Response:
    """Answer the days on which a term bought now, or from `TermStartDate` on, may end.

    Raises Problem 400/800002 without a `term_duration`.
    """
    customer_id = related_customer(call)
    query = call.request.query
    months = months_of(query.get("term_duration"))
    if months is None:
        raise Problem(400, 800002, "term_duration must be a term such as P1Y.")
    start = read_moment(query.get("termstartdate")) or call.site.clock()
    if start.year >= _NO_END:
        raise Problem(400, 800002, "TermStartDate is no day a term can start on.")
    month_ends, others = alignable_ends(
        call.site.subscriptions.of_customer(customer_id), months=months, start=start.date()
    )
    items: list[dict[str, Any]] = [
        {
            "allowedCustomTermEndDateType": "calendarMonthAligned",
            "allowedCustomTermEndDate": f"{day}T00:00:00",
        }
        for day in month_ends
    ]
    items += [
        {
            "allowedCustomTermEndDateType": "subscriptionAligned",
            "cotermSubscriptionIds": ids,
            "allowedCustomTermEndDate": f"{day}T00:00:00",
        }
        for day, ids in others.items()
    ]
    uri = f"/customers/{customer_id}/subscriptions/customTermEndDates?{call.request.raw_query}"
    return Response(body=collection(items, {"self": call.link(uri)}))


def get_support_contact(call: Call) -> Response:
    """Answer who supports the customer for a subscription: the partner, until it says otherwise."""
    customer_id, subscription = find_subscription(call)
    partner = call.site.world.partner
    written = call.site.papers.get("support_contact", customer_id, str(subscription["id"]))
    usual = {
        "supportTenantId": partner.tenant_id,
        "supportMpnId": partner.mpn_id,
        "name": partner.company_name,
    }
    return Response(body=_contact(call, customer_id, subscription, written or usual))


def put_support_contact(call: Call) -> Response:
    """Name another partner as the one who supports the customer."""
    customer_id, subscription = find_subscription(call)
    body = read_object(call.request.json())
    names = ("supportTenantId", "supportMpnId", "name")
    if not body.get("supportTenantId") or not body.get("supportMpnId"):
        raise Problem(400, 800002, "supportTenantId and supportMpnId are required.")
    contact = {name: body[name] for name in names if body.get(name) is not None}
    call.record(
        "support_contact_written", str(subscription["id"]), customer=customer_id, paper=contact
    )
    return Response(body=_contact(call, customer_id, subscription, contact))


def _contact(
    call: Call, customer_id: str, subscription: dict[str, Any], contact: dict[str, Any]
) -> dict[str, Any]:
    uri = f"/customers/{customer_id}/subscriptions/{subscription['id']}/supportcontact"
    return contact | {
        "links": {"self": call.link(uri)},
        "attributes": {"objectType": "SupportContact"},
    }


def register(call: Call) -> Response:
    """Register an Azure subscription so that reservations can be bought on it."""
    customer_id, subscription = find_subscription(call)
    call.record(
        "registration_written",
        str(subscription["id"]),
        customer=customer_id,
        paper={"status": "Registered"},
    )
    uri = f"/customers/{customer_id}/subscriptions/{subscription['id']}/registrationstatus"
    return Response(status=202, headers={"Location": location(call, uri)})


def get_registration(call: Call) -> Response:
    """Answer whether a subscription is registered for reservations."""
    customer_id, subscription = find_subscription(call)
    paper = call.site.papers.get("registration", customer_id, str(subscription["id"]))
    answer = {
        "subscriptionId": subscription["id"],
        "status": (paper or {}).get("status", "NotRegistered"),
        "attributes": {"objectType": "SubscriptionRegistrationStatus"},
    }
    return Response(body=answer)


def list_overage(call: Call) -> Response:
    """Answer for which Azure entitlements phone services may be used beyond the plan."""
    customer_id = related_customer(call)
    papers = call.site.papers.of_customer("overage", customer_id)
    return Response(body=collection([_overage(call, customer_id, paper) for paper in papers]))


def put_overage(call: Call) -> Response:
    """Turn overage of phone services on or off for an Azure entitlement.

    Raises Problem 400/800111 when the body does not say for which or to what.
    """
    customer_id = related_customer(call)
    body = read_object(call.request.json())
    enabled = body.get("overageEnabled")
    if not body.get("azureEntitlementId") or not isinstance(enabled, bool):
        raise Problem(400, 800111, "azureEntitlementId and overageEnabled are required.")
    partner = str(body.get("partnerId") or call.site.world.partner.mpn_id)
    paper = {
        "azureEntitlementId": body["azureEntitlementId"],
        "partnerId": partner,
        "type": "PhoneServices",
        "overageEnabled": enabled,
    }
    call.record(
        "overage_written", str(paper["azureEntitlementId"]), customer=customer_id, paper=paper
    )
    return Response(body=_overage(call, customer_id, paper))


def _overage(call: Call, customer_id: str, paper: dict[str, Any]) -> dict[str, Any]:
    uri = f"/customers/{customer_id}/subscriptions/overage"
    return paper | {
        "links": {"overage": call.link(uri)},
        "attributes": {"objectType": "Overage"},
    }


def list_entitlements(call: Call) -> Response:
    """Answer the Azure subscriptions under an Azure plan; other subscriptions have none.

    A plan has one until the world or a PATCH says otherwise.
    """
    customer_id, subscription = find_subscription(call)
    return Response(body=collection(_entitlements(call, customer_id, subscription)))


def patch_entitlement(call: Call) -> Response:
    """Cancel or bring back an Azure subscription under a plan.

    Raises Problem 404/1000 for one the plan does not have.
    """
    customer_id, subscription = find_subscription(call)
    wanted = call.params["entitlement"].lower()
    found = next(
        (
            one
            for one in _entitlements(call, customer_id, subscription)
            if str(one["id"]).lower() == wanted
        ),
        None,
    )
    if found is None:
        raise Problem(404, 1000, "The plan has no such Azure subscription.")
    status = read_enum(read_object(call.request.json()).get("status"), ("active", "cancelled"))
    if status is None:
        raise Problem(400, 900126, "The status must be active or cancelled.")
    paper = found | {"status": status}
    call.record("azure_entitlement_written", wanted, customer=customer_id, paper=paper)
    return Response(body=paper)


def _entitlements(
    call: Call, customer_id: str, subscription: dict[str, Any]
) -> list[dict[str, Any]]:
    own = str(subscription["id"])
    written = [
        paper
        for paper in call.site.papers.of_customer("azure_entitlement", customer_id)
        if str(paper.get("subscriptionId") or "").lower() == own.lower()
    ]
    if written or generation(subscription) is not Generation.AZURE:
        return written
    return [
        {
            "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{own.lower()}/azure")),
            "friendlyName": subscription.get("friendlyName") or "Microsoft Azure",
            "status": "active",
            "subscriptionId": own,
        }
    ]


def activate(call: Call) -> Response:
    """Activate a marketplace subscription, which only sandbox partners do through this API.

    Raises Problem 403/600006 elsewhere and 400/800042 for another kind of subscription.
    """
    customer_id, subscription = find_subscription(call)
    if not call.site.world.partner.sandbox:
        raise Problem(403, 600006, "Subscriptions can be activated in a sandbox only.")
    if generation(subscription) is not Generation.MARKETPLACE:
        raise Problem(400, 800042, "Only marketplace subscriptions are activated.")
    if status_of(subscription) == "pending":
        call.record(
            "subscription_changed",
            str(subscription["id"]),
            customer=customer_id,
            subscription=without_nulls(subscription) | {"status": "active"},
        )
    return Response(body={"subscriptionId": subscription["id"], "status": "Success"})


ROUTES = [
    Route("GET", f"{_BASE}/customTermEndDates", list_term_ends),
    Route("GET", f"{_BASE}/overage", list_overage),
    Route("PUT", f"{_BASE}/overage", put_overage),
    Route("GET", f"{_BASE}/{{subscription}}/supportcontact", get_support_contact),
    Route("PUT", f"{_BASE}/{{subscription}}/supportcontact", put_support_contact),
    Route("POST", f"{_BASE}/{{subscription}}/registrations", register, idempotent=True),
    Route("GET", f"{_BASE}/{{subscription}}/registrationstatus", get_registration),
    Route("GET", f"{_BASE}/{{subscription}}/azureEntitlements", list_entitlements),
    Route(
        "PATCH", f"{_BASE}/{{subscription}}/azureEntitlements/{{entitlement}}", patch_entitlement
    ),
    Route("POST", f"{_BASE}/{{subscription}}/activate", activate, idempotent=True),
]
