"""Checkout: a cart becomes one order for each of its groups.

201 does not mean that everything was bought. A group that cannot be ordered any more is named in
`orderErrors` while the others are ordered; only when nothing can be, the checkout itself fails and
the cart stays as it is. A second checkout gives the first result again.
"""

from typing import Any

from partnercenter.simulator.bundles import read_bundle
from partnercenter.simulator.buying import Buyer, buyer_of
from partnercenter.simulator.cart_lines import Line
from partnercenter.simulator.errors import Problem
from partnercenter.simulator.line_checks import LineRefusal
from partnercenter.simulator.order_shapes import shown_order
from partnercenter.simulator.ordering import place_order
from partnercenter.simulator.purchase_gates import check_may_buy
from partnercenter.simulator.routes.carts import find_cart, skus_in
from partnercenter.simulator.routes.customers import find_customer
from partnercenter.simulator.routing import Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.wire import Response

Row = dict[str, Any]


def check_out(call: Call) -> Response:
    """Order what is in a cart and answer 201 with its orders.

    Raises Problem 400/800009 for a cart with line errors, 400/800065 for an ordered one when the
    switch says so, and the problem of the first group when no group can be ordered.
    """
    customer = find_customer(call)
    cart = find_cart(call, customer, call.params["cart"])
    if cart.result is not None:
        if not call.site.switches.checkout_replays:
            raise Problem(400, 800065, "The cart has been ordered already.")
        return Response(status=201, body=_shown(call, cart.result))
    lines = list(cart.content["lineItems"])
    bad = [f"Line {line['id']}: {line['error']['errorCode']}" for line in lines if "error" in line]
    if bad:
        raise Problem(400, 800009, "The cart has lines with errors.", data=bad)
    check_may_buy(call, customer)
    buyer = buyer_of(call, customer)
    ready, refusals = _checked_groups(buyer, lines)
    if not ready:
        raise next(iter(refusals.values()))
    orders = [place_order(buyer, group).content["id"] for group in ready]
    errors = [
        {"orderGroupId": group, "code": refusal.code, "description": refusal.description}
        for group, refusal in refusals.items()
    ]
    result = {"orders": orders, "orderErrors": errors}
    call.record("cart_ordered", cart.content["id"], customer=customer["id"], result=result)
    return Response(status=201, body=_shown(call, result))


def _checked_groups(
    buyer: Buyer, lines: list[Row]
) -> tuple[list[list[Line]], dict[str, LineRefusal]]:
    """Return the groups that can be ordered, and why the others cannot, by their name."""
    groups: dict[str, list[Row]] = {}
    for line in lines:
        groups.setdefault(str(line["orderGroup"]), []).append(line)
    refusals: dict[str, LineRefusal] = {}
    while True:
        # A group that falls out may have held the base of an add-on in another one.
        left = {name: raws for name, raws in groups.items() if name not in refusals}
        ready, refused = _checked(buyer, left)
        refusals |= refused
        if not refused:
            return ready, refusals


def _checked(
    buyer: Buyer, groups: dict[str, list[Row]]
) -> tuple[list[list[Line]], dict[str, LineRefusal]]:
    beside, taken = skus_in([raw for raws in groups.values() for raw in raws]), 0
    ready: list[list[Line]] = []
    refused: dict[str, LineRefusal] = {}
    for name, raws in groups.items():
        checked: list[Line] = []
        try:
            for raw in raws:
                before = taken + sum(line.becomes_subscription for line in checked)
                checked += read_bundle(buyer, raw, beside=beside, taken=before)
        except LineRefusal as refusal:
            refused[name] = refusal
            continue
        taken += sum(line.becomes_subscription for line in checked)
        ready.append(checked)
    return ready, refused


def _shown(call: Call, result: Any) -> Row:
    now, store = call.site.clock(), call.site.orders
    placed = [store.placed(order_id) for order_id in result["orders"]]
    body: Row = {"orders": [shown_order(order, now=now) for order in placed if order is not None]}
    if result["orderErrors"]:
        body["orderErrors"] = list(result["orderErrors"])
    return body


ROUTES = [
    Route("POST", "/customers/{customer}/carts/{cart}/checkout", check_out, idempotent=True),
]
