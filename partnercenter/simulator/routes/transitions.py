"""Moving seats of a new-commerce subscription to another product or term.

Part of the seats leaves the rest where it was; all of them end the source. The target is a new
subscription or, with `toSubscriptionId`, one the customer already has.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any

from partnercenter.simulator.charge_rows import record_charges
from partnercenter.simulator.charges import moved
from partnercenter.simulator.lifecycle import offer_fields
from partnercenter.simulator.routes.subscriptions import find_subscription
from partnercenter.simulator.routes.transition_eligibility import (
    list_eligibilities,
)
from partnercenter.simulator.routes.transition_requests import Move, read_move, sku_of
from partnercenter.simulator.routing import Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.sku_terms import (
    sku_record,
)
from partnercenter.simulator.subscription_terms import (
    Subscription,
    end_fields,
    moment_text,
    months_of,
    read_moment,
    term_end,
)
from partnercenter.simulator.wire import Response


def make_transition(call: Call) -> Response:
    """Accept a transition and answer 200 with it and its first event.

    Raises Problem 400: 900236 for an item or type the source cannot move to, 900258 to 900261 for
    a target subscription that is not active, within its cancellation window, ending earlier or the
    source itself, 900267 for a shorter term, 900270 for a cycle longer than the term.
    """
    move = read_move(call)
    now = call.site.clock()
    at = now + timedelta(seconds=call.site.switches.transition_seconds)
    target = _carry_out(call, move, at)
    events = [
        {"name": "Conversion", "status": "Started", "at": moment_text(now)},
        {"name": "Conversion", "status": "Completed", "at": moment_text(at)},
    ]
    operation = str(uuid.uuid4())
    paper = {
        "operationId": operation,
        "fromCatalogItemId": move.source.get("offerId"),
        "fromSubscriptionId": move.source["id"],
        "toCatalogItemId": move.item,
        "toSubscriptionId": target["id"],
        "quantity": move.quantity,
        "transitionType": move.kind,
        "events": events,
    }
    call.record("transition_written", operation, customer=move.customer_id, paper=paper)
    answer = {
        "fromCatalogItemId": move.body.get("fromCatalogItemId") or move.source.get("offerId"),
        "fromSubscriptionId": move.body.get("fromSubscriptionId") or move.source["id"],
        "toCatalogItemId": move.item,
        "toSubscriptionId": target["id"],
        "quantity": move.quantity,
        "termDuration": move.duration,
        "billingCycle": move.body.get("billingCycle") or move.cycle,
        "transitionType": move.kind,
        "Events": [_event(events[0])],
        "attributes": {"objectType": "Transition"},
    }
    if move.body.get("promotionId"):
        answer["promotionId"] = move.body["promotionId"]
    return Response(body=answer)


def list_transitions(call: Call) -> Response:
    """Answer the transitions of a subscription, under the key the live service uses for them."""
    customer_id, source = find_subscription(call)
    wanted = call.request.query.get("operationid", "").lower()
    now = call.site.clock()
    made = [
        _history_item(call, paper, now)
        for paper in call.site.papers.of_customer("transition", customer_id)
        if str(paper.get("fromSubscriptionId") or "").lower() == str(source["id"]).lower()
        and wanted in ("", str(paper.get("operationId") or "").lower())
    ]
    return Response(body={"transition": made, "attributes": {"objectType": "Collection"}})


def _history_item(call: Call, paper: dict[str, Any], now: datetime) -> dict[str, Any]:
    with_id = call.site.switches.transition_operation_ids
    item = {"operationId": paper["operationId"]} if with_id else {}
    return item | {
        "FromCatalogItemId": paper["fromCatalogItemId"],
        "ToCatalogItemId": paper["toCatalogItemId"],
        "quantity": paper["quantity"],
        "transitionType": paper["transitionType"],
        "Events": [
            _event(event) for event in paper["events"] if (read_moment(event["at"]) or now) <= now
        ],
        "attributes": {"objectType": "Transition"},
    }


def _event(event: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": event["name"],
        "status": event["status"],
        "timestamp": event["at"],
        "attributes": {"objectType": "TransitionEvent"},
    }


def _carry_out(call: Call, move: Move, at: datetime) -> Subscription:
    """Record what a transition does to both subscriptions, and return the target as it will be."""
    target = _target_after(call, move, at)
    left = int(move.source["quantity"]) - move.quantity
    dropped = ("scheduledNextTermInstructions", "refundableQuantity")
    rest = {key: value for key, value in move.source.items() if key not in dropped}
    if left:
        rest["quantity"] = left
    else:
        rest |= {"status": "deleted", "autoRenewEnabled": False}
    effective = moment_text(at)
    paid_back, paid = moved(
        move.source, target, move.quantity, call.site.clock(), merged=move.target is not None
    )
    for kind, subscription in (
        ("subscription_created" if move.target is None else "subscription_changed", target),
        ("subscription_changed", rest),
    ):
        call.record(
            kind,
            str(subscription["id"]),
            customer=move.customer_id,
            subscription=subscription,
            effective_at=effective,
        )
    record_charges(call, move.customer_id, [*paid_back, *paid])
    return target


def _target_after(call: Call, move: Move, at: datetime) -> Subscription:
    if move.target is not None:
        return move.target | {"quantity": int(move.target["quantity"]) + move.quantity}
    identity = str(uuid.uuid4())
    uri = f"/customers/{move.customer_id}/subscriptions/{identity}"
    gone = ("scheduledNextTermInstructions", "refundableQuantity", "promotionId")
    kept = {key: value for key, value in move.source.items() if key not in gone}
    offered = offer_fields(move.source, move.item)
    sku = sku_record(call.site.world, move.item) or sku_of(call, move.source, move.item) or {}
    name = sku.get("title") or move.source.get("offerName")
    order = uuid.uuid4().hex[:12]
    fresh = (
        kept
        | offered
        | {
            "id": identity,
            "offerName": name,
            "friendlyName": name,
            "quantity": move.quantity,
            "creationDate": moment_text(at),
            "effectiveStartDate": moment_text(at),
            "termDuration": move.duration,
            "billingCycle": move.cycle,
            "orderId": order,
        }
    )
    fresh["links"] = fresh["links"] | {"self": call.link(uri)}
    if move.body.get("promotionId"):
        fresh["promotionId"] = move.body["promotionId"]
    if move.duration != str(move.source.get("termDuration") or "").upper():
        # Within the same term the seats go on to its end; a longer one begins now.
        fresh |= end_fields(term_end(at.date(), months_of(move.duration) or 12))
    return fresh


_BASE = "/customers/{customer}/subscriptions/{subscription}"
ROUTES = [
    Route("GET", f"{_BASE}/transitionEligibilities", list_eligibilities),
    Route("GET", f"{_BASE}/transitions", list_transitions),
    Route("POST", f"{_BASE}/transitions", make_transition, idempotent=True),
]
