"""Orders: the list, one by id, and orders placed without a cart.

Three sources make one list: the world's own orders, those that its subscriptions tell of by their
`orderId`, and those placed here.
"""

from collections.abc import Mapping
from typing import Any

from partnercenter.simulator.buying import buyer_of
from partnercenter.simulator.cart_lines import CYCLES, Line, read_line
from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import fold, read_enum, read_object, without_nulls
from partnercenter.simulator.order_shapes import (
    short_order,
    shown_order,
    with_numbers,
)
from partnercenter.simulator.ordering import place_order
from partnercenter.simulator.paging import collection
from partnercenter.simulator.purchase import legacy_etag
from partnercenter.simulator.purchase_gates import check_may_buy
from partnercenter.simulator.routes.carts import skus_in
from partnercenter.simulator.routes.customers import find_customer
from partnercenter.simulator.routing import Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.wire import Response

Row = dict[str, Any]

_STATUSES = (
    "pending",
    "completed",
    "cancelled",
    "suspended",
    "pending review",
    "pending po upload",
    "po upload complete",
    "po review rejected",
    "partial success",
    "error",
)


def list_orders(call: Call) -> Response:
    """Answer the orders of a customer that the lists show already, by `billingType` when asked."""
    customer = find_customer(call)
    asked = call.request.query.get("billingtype")
    if asked and read_enum(asked, CYCLES) is None:
        raise Problem(400, 900126, f"billingType {asked!r} is not known.")
    items = [
        order
        for order in _orders_of(call, str(customer["id"]))
        if not asked or fold(order.get("billingCycle") or "") == fold(asked)
    ]
    uri = f"/customers/{customer['id']}/orders"
    if call.request.raw_query:
        uri += f"?{call.request.raw_query}"
    return Response(body=collection(items, {"self": call.link(uri)}))


def get_order(call: Call) -> Response:
    """Answer one order, also one that the lists do not show yet."""
    return Response(body=find_order(call, str(find_customer(call)["id"]), call.params["order"]))


def create_order(call: Call) -> Response:
    """Place an order of lines of one kind, without a cart.

    Raises Problem 400/0 for a status that no order has, 400/2100 for legacy offers and catalogue
    items in one order, and the first line's problem when a line cannot be bought.
    """
    customer = find_customer(call)
    body = without_nulls(read_object(call.request.json()))
    status = body.get("status")
    if status is not None and read_enum(status, _STATUSES) is None:
        raise Problem(400, 0, f"The provided value '{status}' is not a valid OrderStatus.")
    raws = body.get("lineItems")
    if not isinstance(raws, list) or not raws or not all(isinstance(one, dict) for one in raws):
        raise Problem(400, 800002, "lineItems must be a list of objects that is not empty.")
    # A parent is honoured when an order is changed, and ignored when one is placed.
    raws = [
        {key: value for key, value in body.items() if key in ("billingCycle", "currencyCode")}
        | {key: value for key, value in raw.items() if key != "parentSubscriptionId"}
        for raw in raws
    ]
    buyer = buyer_of(call, customer)
    beside = skus_in(raws)
    lines: list[Line] = []
    for raw in raws:
        taken = sum(line.becomes_subscription for line in lines)
        lines.append(read_line(buyer, raw, beside=beside, taken=taken))
    families = {line.family for line in lines}
    if "legacy" in families and len(families) > 1:
        raise Problem(400, 2100, "Legacy offers and catalogue items cannot be in one order.")
    if len({(line.family, line.billing_cycle) for line in lines}) > 1:
        raise Problem(400, 800010, "All lines of an order need the same billing cycle and kind.")
    check_may_buy(call, customer)
    placed = place_order(buyer, lines)
    shown = short_order(placed, family=lines[0].family, now=buyer.now)
    return Response(status=201, body=shown)


def find_order(call: Call, customer_id: str, order_id: str) -> Row:
    """Return an order as reads show it. Raises Problem 404/20000 for an unknown one."""
    placed = call.site.orders.placed(order_id)
    kept = kept_order(call, customer_id, order_id)
    return shown_order(placed, now=call.site.clock()) if placed else with_numbers(kept)


def kept_order(call: Call, customer_id: str, order_id: str) -> Row:
    """Return a whole order, its money as the ledger can keep it. Raises Problem 404/20000."""
    placed, of_world = call.site.orders.placed(order_id), call.site.orders.of_world(order_id)
    order = dict(placed.content) if placed is not None else of_world
    if order is None:
        order = _derived(call, customer_id).get(order_id.lower())
    if order is None or fold(order.get("referenceCustomerId") or "") != fold(customer_id):
        raise Problem(404, 20000, f"Order {order_id} was not found.")
    return order


def _orders_of(call: Call, customer_id: str) -> list[Row]:
    now, store = call.site.clock(), call.site.orders
    world = {
        str(order["id"]).lower(): with_numbers(order) for order in store.of_world_by(customer_id)
    }
    told = {key: one for key, one in _derived(call, customer_id).items() if key not in world}
    placed = [
        shown_order(order, now=now)
        for order in store.placed_by(customer_id)
        if now >= order.visible_at
    ]
    return [*world.values(), *told.values(), *placed]


def _derived(call: Call, customer_id: str) -> dict[str, Row]:
    """Return, by id in lower case, the orders that a customer's subscriptions tell of."""
    store = call.site.orders
    groups: dict[str, list[Row]] = {}
    for subscription in call.site.subscriptions.of_customer(customer_id):
        order_id = str(subscription.get("orderId") or "")
        if order_id and store.placed(order_id) is None:
            groups.setdefault(order_id, []).append(subscription)
    return {
        order_id.lower(): store.kept_change(order_id) or _told_by(call, customer_id, order_id, rows)
        for order_id, rows in groups.items()
    }


def _told_by(call: Call, customer_id: str, order_id: str, subscriptions: list[Row]) -> Row:
    first = subscriptions[0]
    legacy = ":" not in str(first.get("offerId"))
    uri = f"/customers/{customer_id}/orders/{order_id}"
    attributes = {"objectType": "Order"}
    if legacy:
        attributes = {"etag": legacy_etag(order_id, 1)} | attributes
    return {
        "id": order_id,
        "alternateId": order_id,
        "referenceCustomerId": customer_id,
        "billingCycle": str(first.get("billingCycle") or "none"),
        "lineItems": [
            _line_told_by(call, customer_id, number, subscription)
            for number, subscription in enumerate(subscriptions)
        ],
        "creationDate": str(first.get("creationDate") or ""),
        "status": "completed",
        "transactionType": "UserPurchase",
        "links": {
            "self": call.link(uri),
            "provisioningStatus": call.link(f"{uri}/provisioningstatus"),
            "patchOperation": call.link(uri, method="PATCH"),
        },
        "attributes": attributes,
    }


def _line_told_by(
    call: Call, customer_id: str, number: int, subscription: Mapping[str, Any]
) -> Row:
    subscription_id = str(subscription["id"])
    line: Row = {
        "lineItemNumber": number,
        "offerId": subscription.get("offerId"),
        "subscriptionId": subscription_id,
        "parentSubscriptionId": subscription.get("parentSubscriptionId"),
        "termDuration": subscription.get("termDuration") or None,
        "transactionType": "New",
        "friendlyName": subscription.get("friendlyName"),
        "quantity": subscription.get("quantity"),
        "partnerIdOnRecord": subscription.get("partnerId") or None,
    }
    uri = f"/customers/{customer_id}/subscriptions/{subscription_id}"
    links = {
        name: link
        for name, link in (subscription.get("links") or {}).items()
        if name in ("product", "sku", "availability")
    }
    shown: Row = without_nulls(line)
    return shown | {"links": links | {"subscription": call.link(uri)}}


ROUTES = [
    Route("GET", "/customers/{customer}/orders", list_orders),
    Route("POST", "/customers/{customer}/orders", create_order, idempotent=True),
    Route("GET", "/customers/{customer}/orders/{order}", get_order),
]
