"""Transfers of subscriptions from one partner to another.

A transfer lists what would move; accepting it makes an order and a subscription of each line that
can, and names the lines that cannot.
"""

import uuid
from typing import Any

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import read_object, without_nulls
from partnercenter.simulator.routes.subscription_changes import with_next_etag
from partnercenter.simulator.routes.subscriptions import related_customer
from partnercenter.simulator.routing import Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.subscription_terms import (
    Subscription,
    moment_text,
    status_of,
)
from partnercenter.simulator.wire import Response

Paper = dict[str, Any]
_NOT_READY = 900103
_ENDED = ("Complete", "PartiallyComplete", "Failed", "Reject", "Withdrawn")
_WITH_GUESTS = ("sourcePartnerName", "targetPartnerName")


def create_transfer(call: Call) -> Response:
    """Ask for the transfer of subscriptions; answer 201 with it, active until it is answered.

    Raises Problem 400/800002 without lines and 400/900100 for a subscription nobody knows.
    """
    customer_id = related_customer(call)
    body = without_nulls(read_object(call.request.json()))
    wanted = body.get("lineItems")
    if not isinstance(wanted, list) or not wanted or not body.get("sourcePartnerTenantId"):
        raise Problem(400, 800002, "sourcePartnerTenantId and lineItems are required.")
    now, identity = moment_text(call.site.clock()), str(uuid.uuid4())
    partner = call.site.world.partner
    lines = [_line(call, customer_id, line) for line in wanted]
    source = str(body["sourcePartnerTenantId"])
    paper: Paper = {
        "id": identity,
        "status": "Active",
        "createdTime": now,
        "lastModifiedTime": now,
        "customerTenantId": customer_id,
        # The live service spells this one key without capitals.
        "partnertenantid": source,
        "sourcePartnerName": str(body.get("sourcePartnerName") or source),
        "sourcePartnerTenantId": source,
        "targetPartnerName": partner.company_name,
        "targetPartnerTenantId": str(body.get("targetPartnerTenantId") or partner.tenant_id),
        "lastModifiedUser": call.user(),
        "lineItems": lines,
    }
    call.record("transfer_written", identity, customer=customer_id, paper=paper)
    shown = _shown(call, customer_id, paper)
    # The answer to the create does not name the partners and who is on record yet.
    answer = {key: value for key, value in shown.items() if key not in _WITH_GUESTS}
    answer["lineItems"] = [
        {key: value for key, value in line.items() if key != "partnerIdOnRecord"} for line in lines
    ]
    return Response(status=201, body=answer)


def list_transfers(call: Call) -> Response:
    """Answer the transfers of a customer as a bare array."""
    customer_id = related_customer(call)
    papers = call.site.papers.of_customer("transfer", customer_id)
    return Response(body=[_shown(call, customer_id, paper) for paper in papers])


def get_transfer(call: Call) -> Response:
    """Answer one transfer. Raises Problem 404/1000 for an unknown one."""
    customer_id, paper = _find(call)
    return Response(body=_shown(call, customer_id, paper))


def accept_transfer(call: Call) -> Response:
    """Carry out a transfer; answer 200 with its orders and with what could not be moved.

    Raises Problem 400/900104 for a transfer that was answered before.
    """
    customer_id, paper = _find_active(call)
    orders, errors, lines = [], [], []
    for number, line in enumerate(paper["lineItems"]):
        group = str(number)
        subscription = _known(call, customer_id, line["subscriptionId"])
        failure = _failure(line, subscription)
        if failure:
            lines.append(
                line | {"transferGroupId": group, "status": "Failed", "transferError": failure}
            )
            errors.append(_error(line, group, failure))
            continue
        order = _order(call, customer_id, line)
        orders.append(order)
        if subscription is not None:
            _take_over(call, customer_id, subscription, order, line)
        done = {"orderId": order["id"], "transferGroupId": group, "status": "Complete"}
        lines.append(line | done)
    status = "Failed" if not orders else "PartiallyComplete" if errors else "Complete"
    _end(call, customer_id, paper | {"lineItems": lines}, status)
    answer = {
        "orders": orders,
        "transferErrors": errors,
        "attributes": {"objectType": "TransferSubmitResult"},
    }
    return Response(body=answer)


def reject_transfer(call: Call) -> Response:
    """Turn a transfer down and answer 200 with it."""
    customer_id, paper = _find_active(call)
    ended = _end(call, customer_id, paper, "Reject")
    return Response(body=_shown(call, customer_id, ended))


def withdraw_transfer(call: Call) -> Response:
    """Take a transfer back before it was answered; 204."""
    customer_id, paper = _find_active(call)
    _end(call, customer_id, paper, "Withdrawn")
    return Response(status=204)


def _find(call: Call) -> tuple[str, Paper]:
    customer_id = related_customer(call)
    paper = call.site.papers.get("transfer", customer_id, call.params["id"])
    if paper is None:
        raise Problem(404, 1000, "There is no such transfer.")
    return customer_id, paper


def _find_active(call: Call) -> tuple[str, Paper]:
    customer_id, paper = _find(call)
    if paper["status"] in _ENDED:
        raise Problem(400, 900104, f"The transfer is {paper['status']} already.")
    return customer_id, paper


def _shown(call: Call, customer_id: str, paper: Paper) -> Paper:
    uri = f"/customers/{customer_id}/transfers/{paper['id']}"
    return paper | {
        "links": {"self": call.link(uri)},
        "attributes": {"objectType": "TransferEntity"},
    }


def _end(call: Call, customer_id: str, paper: Paper, status: str) -> Paper:
    now = moment_text(call.site.clock())
    ended = paper | {"status": status, "lastModifiedTime": now, "lastModifiedUser": call.user()}
    call.record("transfer_written", paper["id"], customer=customer_id, paper=ended)
    return ended


def _line(call: Call, customer_id: str, wanted: object) -> Paper:
    given = wanted if isinstance(wanted, dict) else {}
    subscription = _known(call, customer_id, given.get("subscriptionId"))
    if subscription is None:
        raise Problem(400, 900100, f"Subscription {given.get('subscriptionId')} is not known.")
    parts = [
        row
        for row in call.site.subscriptions.of_customer(customer_id)
        if str(row.get("parentSubscriptionId") or "").lower() == str(subscription["id"]).lower()
    ]
    line = _facts(subscription)
    if given.get("partnerIdOnRecord"):
        line["partnerIdOnRecord"] = given["partnerIdOnRecord"]
    return line | {"addonItems": [_facts(row) for row in parts]}


def _facts(subscription: Subscription) -> Paper:
    # Every recorded line has the number 0, add-ons too.
    return {
        "id": 0,
        "subscriptionId": subscription["id"],
        "offerId": subscription.get("offerId"),
        "billingCycle": subscription.get("billingCycle"),
        "friendlyName": subscription.get("friendlyName"),
        "quantity": subscription.get("quantity"),
    }


def _known(call: Call, customer_id: str, subscription_id: object) -> Subscription | None:
    return call.site.subscriptions.get(customer_id, str(subscription_id or ""))


def _failure(line: Paper, subscription: Subscription | None) -> str:
    if subscription is None or status_of(subscription) == "active":
        return ""
    return (
        "Subscription SyncState must be SyncComplete for the Subscription to be a source in a "
        f"Subscription Ownership Transfer. Subscription: {str(line['subscriptionId']).lower()}, "
        f"current state: {status_of(subscription)}"
    )


def _error(line: Paper, group: str, failure: str) -> Paper:
    moved = line | {
        "entitlementId": line["subscriptionId"],
        "sourceSubscriptionId": line["subscriptionId"],
        "transferGroupId": group,
    }
    return {
        "transferGroupId": group,
        "lineItems": [moved],
        "code": _NOT_READY,
        "description": failure,
        "attributes": {"objectType": "TransferError"},
    }


def _order(call: Call, customer_id: str, line: Paper) -> Paper:
    identity = str(uuid.uuid4())
    uri = f"/customers/{customer_id}/orders/{identity}"
    item: Paper = {
        "lineItemNumber": 0,
        "offerId": line.get("offerId"),
        "termDuration": "P1Y",
        "transactionType": "New",
        "friendlyName": line.get("friendlyName"),
        "quantity": line.get("quantity"),
        "partnerIdOnRecord": line.get("partnerIdOnRecord"),
        "links": {},
    }
    etag = with_next_etag({"id": identity, "attributes": {"etag": "new"}})["attributes"]["etag"]
    order = {
        "id": identity,
        "alternateId": identity,
        "referenceCustomerId": customer_id,
        "billingCycle": line.get("billingCycle"),
        "currencyCode": "USD",
        "lineItems": [item],
        "creationDate": moment_text(call.site.clock()),
        "status": "completed",
        "transactionType": "UserPurchase",
        "links": {
            "self": call.link(uri),
            "patchOperation": call.link(uri, method="PATCH"),
        },
        "attributes": {"etag": etag, "objectType": "Order"},
    }
    shown: Paper = without_nulls(order)
    return shown


def _take_over(
    call: Call, customer_id: str, source: Subscription, order: Paper, line: Paper
) -> None:
    identity = str(uuid.uuid4())
    uri = f"/customers/{customer_id}/subscriptions/{identity}"
    taken = source | {
        "id": identity,
        "orderId": order["id"],
        "links": (source.get("links") or {}) | {"self": call.link(uri)},
    }
    if line.get("partnerIdOnRecord"):
        taken["partnerId"] = line["partnerIdOnRecord"]
    ended = source | {"status": "deleted", "autoRenewEnabled": False}
    for kind, subscription in (("created", taken), ("changed", ended)):
        call.record(
            f"subscription_{kind}",
            str(subscription["id"]),
            customer=customer_id,
            subscription=without_nulls(subscription),
        )


_BASE = "/customers/{customer}/transfers"
ROUTES = [
    Route("POST", _BASE, create_transfer, idempotent=True),
    Route("GET", _BASE, list_transfers),
    Route("GET", f"{_BASE}/{{id}}", get_transfer),
    Route("POST", f"{_BASE}/{{id}}/accept", accept_transfer, idempotent=True),
    Route("POST", f"{_BASE}/{{id}}/reject", reject_transfer, idempotent=True),
    Route("DELETE", f"{_BASE}/{{id}}", withdraw_transfer),
]
