"""Carts: creating, replacing and reading them.

A cart with bad lines is not refused: every bad line comes back with an `error`, the good ones with
their price, and only the checkout fails.
"""

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from partnercenter.simulator.bundles import read_bundle
from partnercenter.simulator.buying import Buyer, buyer_of
from partnercenter.simulator.cart_lines import CYCLES, Line
from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import fold, read_enum, read_object, without_nulls
from partnercenter.simulator.line_checks import LineRefusal
from partnercenter.simulator.moments import instant
from partnercenter.simulator.order_shapes import line_with_numbers, shown_price
from partnercenter.simulator.routes.customers import find_customer
from partnercenter.simulator.routing import Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.stores.carts import Cart
from partnercenter.simulator.wire import Response

Row = dict[str, Any]

_FURTHER = "additionaltransactionreseller"
# In this order, which is that of the recordings.
_KEPT = ("friendlyName", "quantity", "currencyCode", "billingCycle", "termDuration", "promotionId")
_KEPT_BEHIND = (
    "participants",
    "provisioningContext",
    "addonItems",
    "customTermEndDate",
    "renewsTo",
    "attestationAccepted",
)


def create_cart(call: Call) -> Response:
    """Create a cart and answer 201, also when some or all of its lines cannot be bought."""
    customer = find_customer(call)
    lines, now = _read_lines(call), call.site.clock()
    cart_id = str(uuid.uuid4())
    expires = now + timedelta(minutes=call.site.switches.cart_minutes)
    content = {
        "id": cart_id,
        "creationTimestamp": instant(now),
        "lastModifiedTimestamp": instant(now),
        "expirationTimestamp": instant(expires),
        "lastModifiedUser": call.user(),
        "status": "Active",
        "lineItems": _checked(call, customer, lines),
    }
    call.record("cart_written", cart_id, customer=customer["id"], cart=content)
    return Response(status=201, body=shown_cart(call, find_cart(call, customer, cart_id)))


def replace_cart(call: Call) -> Response:
    """Replace the lines of a cart. Raises Problem 400/800065 for one that was ordered."""
    customer = find_customer(call)
    cart = find_cart(call, customer, call.params["cart"])
    if cart.result is not None:
        raise Problem(400, 800065, "The cart has been ordered and cannot be changed.")
    content = {
        **cart.content,
        "lastModifiedTimestamp": instant(call.site.clock()),
        "lastModifiedUser": call.user(),
        "lineItems": _checked(call, customer, _read_lines(call)),
    }
    call.record("cart_written", cart.content["id"], customer=customer["id"], cart=content)
    changed = find_cart(call, customer, call.params["cart"])
    return Response(status=call.site.switches.cart_update_status, body=shown_cart(call, changed))


def get_cart(call: Call) -> Response:
    """Answer a cart, ordered or not, until it expires."""
    return Response(
        body=shown_cart(call, find_cart(call, find_customer(call), call.params["cart"]))
    )


def find_cart(call: Call, customer: Row, cart_id: str) -> Cart:
    """Return a customer's cart. Raises Problem 404/800008 for an unknown or expired one."""
    cart = call.site.carts.find(customer["id"], cart_id, now=call.site.clock())
    if cart is None:
        raise Problem(404, 800008, f"Cart {cart_id} was not found or has expired.")
    return cart


def shown_cart(call: Call, cart: Cart) -> Row:
    """Return a cart as the service shows it."""
    uri = f"/customers/{cart.customer}/carts/{cart.content['id']}"
    lines = [line_with_numbers(line) for line in cart.content["lineItems"]]
    return {
        **cart.content,
        "lineItems": lines,
        "links": {"self": call.link(uri)},
        "attributes": {"objectType": "Cart"},
    }


def skus_in(lines: list[Row]) -> frozenset[str]:
    """Return `product:sku`, or the offer id, of all lines in lower case."""
    ids = (str(one.get("catalogItemId") or one.get("offerId") or "") for one in lines)
    return frozenset(":".join(one.split(":")[:2]).lower() for one in ids if one)


def _read_lines(call: Call) -> list[Row]:
    body = read_object(call.request.json())
    lines = without_nulls(body.get("lineItems"))
    if not isinstance(lines, list) or not lines:
        raise Problem(400, 800002, "lineItems must be a list that is not empty.")
    if not all(isinstance(line, dict) for line in lines):
        raise Problem(400, 800002, "Every line item must be an object.")
    several = any(
        isinstance(one, dict) and fold(one.get("key") or "") == _FURTHER
        for line in lines
        if isinstance(line.get("participants"), list)
        for one in line["participants"]
    )
    if several and body.get("partnerOnRecordAttestationAccepted") is not True:
        raise Problem(400, 900206, "Several partners of record need their attestation accepted.")
    return _numbered(lines)


def _numbered(lines: list[Row]) -> list[Row]:
    given = [line["id"] for line in lines if _is_number(line.get("id"))]
    if len(set(given)) != len(given):
        raise Problem(400, 800002, "Two lines have the same id.")
    free = (number for number in range(len(lines) * 2) if number not in given)
    return [line if _is_number(line.get("id")) else line | {"id": next(free)} for line in lines]


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _checked(call: Call, customer: Row, lines: list[Row]) -> list[Row]:
    buyer = buyer_of(call, customer)
    beside, taken = skus_in(lines), 0
    groups: dict[str, str] = {}
    checked: list[Row] = []
    for raw in lines:
        try:
            bundle = read_bundle(buyer, raw, beside=beside, taken=taken)
        except LineRefusal as refusal:
            error = {"errorCode": refusal.cart_code, "errorDescription": refusal.description}
            checked.append(_shown_line(buyer, raw, None) | {"error": error})
            continue
        line = bundle[0]
        taken += sum(one.becomes_subscription for one in bundle)
        group = groups.setdefault(_group_key(line), _group_name(line, groups))
        checked.append(_shown_line(buyer, raw, line, group=group))
    return checked


def _group_key(line: Line) -> str:
    # One order has one billing cycle, and a legacy order never holds new commerce.
    own = line.catalog_id if line.family == "legacy" else ""
    return f"{line.family} {line.billing_cycle} {own}"


def _group_name(line: Line, groups: Mapping[str, str]) -> str:
    legacy = line.family == "legacy"
    same = sum(name.startswith("OMS-") == legacy for name in groups.values())
    return f"OMS-{same}" if legacy else str(same)


def _shown_line(buyer: Buyer, raw: Row, line: Line | None, *, group: str = "") -> Row:
    known = dict(raw)
    cycle = read_enum(raw.get("billingCycle"), CYCLES)
    if cycle:
        known["billingCycle"] = cycle
    if line is not None:
        known["currencyCode"] = line.currency or buyer.currency
        if line.promotion_id:
            known["promotionId"] = line.promotion_id
        if line.family == "seats":
            known.setdefault("provisioningContext", {})
    shown: Row = {"id": raw["id"]}
    if "catalogItemId" in raw:
        shown["catalogItemId"] = raw["catalogItemId"]
    shown |= {key: known[key] for key in (*_KEPT, *_KEPT_BEHIND) if key in known}
    if line is not None:
        shown["orderGroup"] = group
        if line.price is not None:
            shown["pricing"] = shown_price(line.price)
    return shown


ROUTES = [
    Route("POST", "/customers/{customer}/carts", create_cart, idempotent=True),
    Route("GET", "/customers/{customer}/carts/{cart}", get_cart),
    Route("PUT", "/customers/{customer}/carts/{cart}", replace_cart, idempotent=True),
]
