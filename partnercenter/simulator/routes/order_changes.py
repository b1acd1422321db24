"""Changing an order: the billing cycle and add-ons of a legacy one, cancelling software and sandbox
reservations. Everything else of new commerce is changed at its subscription.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from partnercenter.simulator.buying import Buyer, buyer_of
from partnercenter.simulator.cart_lines import CYCLES, read_line
from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import fold, read_enum, read_object, without_nulls
from partnercenter.simulator.order_shapes import is_legacy, order_line, short_line
from partnercenter.simulator.purchase import buy, next_etag
from partnercenter.simulator.purchase_charges import refund_row
from partnercenter.simulator.purchase_gates import check_may_buy
from partnercenter.simulator.routes.customers import find_customer
from partnercenter.simulator.routes.orders import find_order, kept_order
from partnercenter.simulator.routing import Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.wire import Response

Row = dict[str, Any]

_PERPETUAL_FOR = timedelta(days=30)
_SUBSCRIPTION_FOR = timedelta(days=7)
_SANDBOX_FOR = timedelta(days=60)


def change_order(call: Call) -> Response:
    """Change an order and answer it.

    Raises Problem 400/2055 for a stale etag, 400/800042 for what cannot be changed through orders,
    and those of cancelling.
    """
    customer = find_customer(call)
    customer_id = str(customer["id"])
    order = kept_order(call, customer_id, call.params["order"])
    body = _read_body(call)
    _check_etag(call, order, body)
    if read_enum(body.get("status"), ("cancelled",)):
        changed = _cancelled(call, customer, order, body)
    elif is_legacy(order):
        changed = _legacy_changed(call, customer, order, body)
    else:
        raise Problem(400, 800042, "Orders of new commerce are changed at their subscriptions.")
    call.record("order_changed", str(order["id"]), customer=customer_id, order=changed)
    return Response(body=find_order(call, customer_id, str(order["id"])))


def _read_body(call: Call) -> Row:
    body: Row = without_nulls(read_object(call.request.json()))
    lines = body.get("lineItems", [])
    if not isinstance(lines, list) or not all(isinstance(line, dict) for line in lines):
        raise Problem(400, 800002, "lineItems must be a list of objects.")
    if not isinstance(body.get("attributes", {}), dict):
        raise Problem(400, 800002, "attributes must be an object.")
    return body


def _check_etag(call: Call, order: Row, body: Row) -> None:
    current = (order.get("attributes") or {}).get("etag")
    header = call.request.headers.get("if-match", "").strip('"')
    given = header or (body.get("attributes") or {}).get("etag")
    if current and given and given != current:
        raise Problem(400, 2055, "The order has changed since it was read.")


def _legacy_changed(call: Call, customer: Row, order: Row, body: Row) -> Row:
    changed = dict(order)
    cycle = body.get("billingCycle")
    if cycle is not None and fold(cycle) != "unknown":
        named = read_enum(cycle, CYCLES)
        if named is None:
            raise Problem(400, 900126, f"billingCycle {cycle!r} is not known.")
        if fold(named) != fold(order.get("billingCycle") or ""):
            _move_cycle(call, str(customer["id"]), order, named)
            changed["billingCycle"] = named
    held = {fold(line.get("subscriptionId") or "") for line in order["lineItems"]}
    for line in body.get("lineItems") or ():
        if not line.get("subscriptionId"):
            changed["lineItems"] = [*changed["lineItems"], _addon(call, customer, changed, line)]
        elif fold(line["subscriptionId"]) not in held:
            raise Problem(404, 20003, f"{line['subscriptionId']} is not part of this order.")
    attributes = {"etag": next_etag(order), "objectType": "Order"}
    return changed | {"attributes": (order.get("attributes") or {}) | attributes}


def _move_cycle(call: Call, customer_id: str, order: Row, cycle: str) -> None:
    for line in order["lineItems"]:
        offer = call.site.catalogue.offer(str(line.get("offerId"))) or {}
        supported = offer.get("supportedBillingCycles")
        if supported and cycle not in supported:
            raise Problem(400, 800072, f"{offer.get('name')} is not billed {cycle}.")
    for line in order["lineItems"]:
        _change_subscription(call, customer_id, line, billingCycle=cycle)


def _change_subscription(call: Call, customer_id: str, line: Row, **changes: object) -> None:
    """Record the change of a line's subscription, when that is known."""
    subscription_id = str(line.get("subscriptionId") or "")
    current = call.site.subscriptions.get(customer_id, subscription_id) if subscription_id else None
    if current is None:
        return
    attributes = dict(current.get("attributes") or {})
    if "etag" in attributes:
        attributes["etag"] = next_etag(current)
    call.record(
        "subscription_changed",
        str(current["id"]),
        customer=customer_id,
        subscription={**current, **changes, "attributes": attributes},
    )


def _addon(call: Call, customer: Row, order: Row, raw: Row) -> Row:
    buyer: Buyer = buyer_of(call, customer)
    offer = call.site.catalogue.offer(str(raw.get("offerId") or ""))
    if offer is None:
        raise Problem(400, 800004, f"Offer {raw.get('offerId')} is not sold here.")
    parent = fold(raw.get("parentSubscriptionId") or "")
    base = next(
        (one for one in order["lineItems"] if fold(one.get("subscriptionId") or "") == parent), None
    )
    bases = [fold(one) for one in offer.get("prerequisiteOffers") or ()]
    if parent and (base is None or (bases and fold(base["offerId"]) not in bases)):
        raise Problem(400, 800029, "The offer is not an add-on of that subscription.")
    cycle = (
        order.get("billingCycle") if order.get("billingCycle") in ("monthly", "annual") else None
    )
    beside = frozenset(str(one.get("offerId")).lower() for one in order["lineItems"])
    line = read_line(buyer, raw | {"billingCycle": cycle}, beside=beside)
    check_may_buy(call, customer)
    subscription_id = buy(buyer, line, order_id=str(order["id"]))
    numbers = [int(one.get("lineItemNumber") or 0) for one in order["lineItems"]]
    added = order_line(buyer, line, subscription_id, max(numbers, default=-1) + 1)
    return short_line(added, family="legacy")


def _cancelled(call: Call, customer: Row, order: Row, body: Row) -> Row:
    """Return the order without the lines named, or without any when none is named."""
    wanted = {
        int(one["lineItemNumber"]): one
        for one in body.get("lineItems") or ()
        if isinstance(one.get("lineItemNumber"), int)
    }
    lines: list[Row] = []
    for line in order["lineItems"]:
        number = int(line.get("lineItemNumber") or 0)
        if wanted and number not in wanted:
            lines.append(line)
            continue
        if wanted and wanted[number].get("quantity", 0) not in (0, line.get("quantity")):
            raise Problem(400, 800063, "A line can only be cancelled whole.")
        _check_cancellable(call, customer, order, line)
        lines.append(line | {"quantity": 0})
        _take_back(call, str(customer["id"]), str(order["id"]), line)
    status = "cancelled" if all(line["quantity"] == 0 for line in lines) else order.get("status")
    return order | {"lineItems": lines, "status": status}


def _check_cancellable(call: Call, customer: Row, order: Row, line: Row) -> None:
    kind, age = _kind(call, order, line), call.site.clock() - _created(order)
    sandbox = call.site.world.partner.sandbox
    if kind not in ("software", "azure"):
        raise Problem(400, 800061, "This product is cancelled at its subscription.")
    if kind == "azure":
        if not sandbox:
            raise Problem(403, 800077, "Reservations are not cancelled through orders.")
        limit = _SANDBOX_FOR
    elif fold(order.get("billingCycle") or "") == "onetime":
        limit = _PERPETUAL_FOR
    else:
        limit = _SUBSCRIPTION_FOR
    if age > limit:
        raise Problem(403, 800019, f"The order could be cancelled for {limit.days} days.")


def _kind(call: Call, order: Row, line: Row) -> str:
    """Return the product type of a line in lower case; a catalogue need not know it any more."""
    product_id = str(line.get("offerId")).partition(":")[0]
    for row in call.site.catalogue.of_product(product_id):
        product = row.get("product") or row
        kind = fold((product.get("productType") or {}).get("id") or "")
        if kind:
            return kind
    return "software" if fold(order.get("billingCycle") or "") == "onetime" else ""


def _take_back(call: Call, customer_id: str, order_id: str, line: Row) -> None:
    _change_subscription(call, customer_id, line, status="deleted", autoRenewEnabled=False)
    subject = str(line.get("subscriptionId") or order_id)
    product_id, sku_id = [*str(line.get("offerId")).split(":"), ""][:2]
    for effect in call.site.ledger.find(kind="charged", subject=subject):
        row = effect.data["row"]
        if (row["productId"], row["skuId"], row["chargeType"]) == (product_id, sku_id, "new"):
            call.record("charged", subject, row=refund_row(row))
            return


def _created(order: Row) -> datetime:
    created = datetime.fromisoformat(str(order["creationDate"]))
    return created if created.tzinfo else created.replace(tzinfo=UTC)


ROUTES = [
    Route("PATCH", "/customers/{customer}/orders/{order}", change_order, idempotent=True),
]
