"""Orders as resources: made of bought lines, and cut to what each route shows of them.

An order is kept whole. Three things are left out when it is shown: subscriptions of lines that are
still being provisioned, and, in the answer to a direct order, what those older routes never had.
"""

import secrets
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from partnercenter.simulator.buying import Buyer
from partnercenter.simulator.cart_lines import Line, Price
from partnercenter.simulator.moments import instant
from partnercenter.simulator.purchase import item_links, legacy_etag
from partnercenter.simulator.stores.orders import Placed

Row = dict[str, Any]

# What the answers to orders of legacy offers and of reservations were recorded with.
_SHORT_ORDER = {
    "legacy": (
        "id",
        "referenceCustomerId",
        "billingCycle",
        "lineItems",
        "creationDate",
        "links",
        "attributes",
    ),
    "other": (
        "id",
        "referenceCustomerId",
        "billingCycle",
        "currencyCode",
        "lineItems",
        "creationDate",
        "status",
        "links",
        "attributes",
    ),
}
_SHORT_LINE = {
    "legacy": (
        "lineItemNumber",
        "offerId",
        "subscriptionId",
        "friendlyName",
        "quantity",
        "partnerIdOnRecord",
        "links",
    ),
    "other": (
        "lineItemNumber",
        "offerId",
        "subscriptionId",
        "friendlyName",
        "quantity",
        "partnerIdOnRecord",
        "links",
    ),
}
_SHORT_LINKS = {"legacy": ("self",), "other": ("provisioningStatus", "self")}
_SHORT_LINE_LINKS = {"legacy": ("subscription",), "other": ("sku",)}


def new_order_id(family: str) -> tuple[str, str]:
    """Return id and alternate id of a new order.

    New-commerce seats have twelve hex digits for both, legacy orders a GUID for both, everything
    else a long text and twelve hex digits.
    """
    if family == "legacy":
        order_id = str(uuid.uuid4())
        return order_id, order_id
    alternate = secrets.token_hex(6)
    return (alternate if family == "seats" else secrets.token_urlsafe(24) + "1"), alternate


def order_content(
    buyer: Buyer,
    bought: Sequence[tuple[Line, str | None]],
    *,
    order_id: str,
    alternate_id: str,
) -> Row:
    """Return a whole order of lines with the ids of their subscriptions; money is text."""
    first = bought[0][0]
    uri = f"/customers/{buyer.customer_id}/orders/{order_id}"
    link = buyer.call.link
    content: Row = {
        "id": order_id,
        "alternateId": alternate_id,
        "referenceCustomerId": buyer.customer_id,
        "billingCycle": first.billing_cycle,
        "currencyCode": first.currency or buyer.currency,
    }
    if first.symbol:
        content["currencySymbol"] = first.symbol
    content |= {
        "lineItems": [
            order_line(buyer, line, subscription_id, number)
            for number, (line, subscription_id) in enumerate(bought)
        ],
        "creationDate": instant(buyer.now),
        "status": "completed",
        "transactionType": "UserPurchase",
    }
    links = {"self": link(uri)}
    attributes: Row = {"objectType": "Order"}
    if first.family == "legacy":
        attributes = {"etag": legacy_etag(order_id, 1)} | attributes
    else:
        links |= {
            "provisioningStatus": link(f"{uri}/provisioningstatus"),
            "patchOperation": link(uri, method="PATCH"),
        }
    content["links"] = links
    totals = [line.price.prorated * line.quantity for line, _ in bought if line.price]
    if len(totals) == len(bought):
        content["totalPrice"] = str(sum(totals, Decimal(0)))
    if first.family != "legacy":
        content["client"] = {}
    return content | {"attributes": attributes}


def order_line(buyer: Buyer, line: Line, subscription_id: str | None, number: int) -> Row:
    """Return the line of an order for what was bought; a legacy one links to its subscription."""
    content: Row = {"lineItemNumber": number, "offerId": line.catalog_id}
    if subscription_id:
        content["subscriptionId"] = subscription_id
    if line.raw.get("parentSubscriptionId"):
        content["parentSubscriptionId"] = line.raw["parentSubscriptionId"]
    if line.duration:
        content["termDuration"] = line.duration
    content |= {
        "transactionType": "New",
        "friendlyName": line.name,
        "quantity": line.quantity,
    }
    if line.custom_end:
        content["customTermEndDate"] = f"{line.custom_end}T00:00:00Z"
    if line.partner_id:
        content["partnerIdOnRecord"] = line.partner_id
    if line.raw.get("additionalPartnerIdsOnRecord"):
        content["additionalPartnerIdsOnRecord"] = line.raw["additionalPartnerIdsOnRecord"]
    if line.raw.get("provisioningContext"):
        content["provisioningContext"] = line.raw["provisioningContext"]
    if line.price is not None:
        content["pricing"] = shown_price(line.price)
    links = item_links(buyer, line)
    if line.family == "legacy" and subscription_id:
        uri = f"/customers/{buyer.customer_id}/subscriptions/{subscription_id}"
        links = {"subscription": buyer.call.link(uri)}
    return content | {"links": links}


def shown_order(placed: Placed, *, now: datetime) -> Row:
    """Return an order placed here as reads and checkouts show it at this moment."""
    return with_numbers(_settled(placed, now=now))


def short_order(placed: Placed, *, family: str, now: datetime) -> Row:
    """Return an order as the answer to a direct order shows it."""
    order = shown_order(placed, now=now)
    if family not in _SHORT_ORDER:
        return order
    order = _only(order, _SHORT_ORDER[family])
    order["links"] = _only(order["links"], _SHORT_LINKS[family])
    order["lineItems"] = [short_line(line, family=family) for line in order["lineItems"]]
    return order


def short_line(line: Mapping[str, Any], *, family: str) -> Row:
    """Return a line as answers to direct orders and their changes show it."""
    links = {"links": _only(line["links"], _SHORT_LINE_LINKS[family])}
    return _only(line, _SHORT_LINE[family]) | links


def with_numbers(order: Mapping[str, Any]) -> Row:
    """Return an order with its money, kept as text, as numbers."""
    shown = dict(order)
    if isinstance(shown.get("totalPrice"), str):
        shown["totalPrice"] = float(shown["totalPrice"])
    shown["lineItems"] = [line_with_numbers(line) for line in order.get("lineItems") or ()]
    return shown


def line_with_numbers(line: Mapping[str, Any]) -> Row:
    """Return a line of a cart or order with its pricing, kept as text, as numbers."""
    if "pricing" not in line:
        return dict(line)
    return {**line, "pricing": {key: float(value) for key, value in line["pricing"].items()}}


def shown_price(price: Price) -> Row:
    """Return the pricing of a line with its amounts as text."""
    amounts = {
        "listPrice": price.listed,
        "discountedPrice": price.discounted,
        "proratedPrice": price.prorated,
        "price": price.prorated,
        "extendedPrice": price.extended,
    }
    return {name: str(amount) for name, amount in amounts.items()}


def is_legacy(order: Mapping[str, Any]) -> bool:
    """Tell whether an order is of legacy offers, whose ids have no colon."""
    return not any(":" in str(line.get("offerId")) for line in order.get("lineItems") or ())


def _settled(placed: Placed, *, now: datetime) -> Mapping[str, Any]:
    if is_legacy(placed.content) or now >= placed.provisioned_at:
        return placed.content
    lines = [
        {key: value for key, value in line.items() if key != "subscriptionId"}
        for line in placed.content["lineItems"]
    ]
    status = "pending" if placed.content["status"] == "completed" else placed.content["status"]
    return {**placed.content, "lineItems": lines, "status": status}


def _only(whole: Mapping[str, Any], keys: Sequence[str]) -> Row:
    return {key: whole[key] for key in keys if key in whole}
