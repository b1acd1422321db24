"""The orders by which the subscriptions of a made world were bought, for its first customers.

Every other subscription's order follows from the subscription itself; a file of all of them would
double a large world for nothing. These here show besides what an order was priced at.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from partnercenter.simulator.worlds.catalogue import link, list_price
from partnercenter.simulator.worlds.companies import Company
from partnercenter.simulator.worlds.stories import Seats, Subscription

WITH_ORDERS = 200
"""How many customers, from the first one on, have their orders written out."""

_CENTS = Decimal("0.01")


def order_resource(
    company: Company, subscription: Subscription | None, content: dict[str, Any]
) -> dict[str, Any]:
    """Return the Order by which a subscription was bought.

    `content` is the subscription as a resource; `subscription` what it was made from, None for
    what is not seats. Only new-commerce seats tell their price.
    """
    order_id = str(content["orderId"])
    uri = f"/customers/{company.id}/orders/{order_id}"
    line: dict[str, Any] = {
        "lineItemNumber": 0,
        "offerId": content["offerId"],
        "subscriptionId": content["id"],
        "transactionType": "New",
        "friendlyName": content["friendlyName"],
        "quantity": content["quantity"],
    }
    if content.get("termDuration"):
        line["termDuration"] = content["termDuration"]
    if company.reseller_mpn:
        line["partnerIdOnRecord"] = company.reseller_mpn
    order: dict[str, Any] = {
        "id": order_id,
        "alternateId": order_id,
        "referenceCustomerId": company.id,
        "billingCycle": content["billingCycle"],
        "currencyCode": company.market.currency,
        "currencySymbol": company.market.symbol,
        "lineItems": [line],
        "creationDate": content["creationDate"],
        "status": "completed",
        "transactionType": "UserPurchase",
    }
    if isinstance(subscription, Seats):
        seats, currency = subscription, company.market.currency
        price = list_price(seats.offering, seats.term, currency)
        extended = (price * seats.quantity).quantize(_CENTS)
        amounts = ("listPrice", "discountedPrice", "proratedPrice", "price")
        line["pricing"] = dict.fromkeys(amounts, str(price)) | {"extendedPrice": str(extended)}
        order["totalPrice"] = str(extended)
    shown = ("product", "sku", "availability")
    links = {name: content["links"][name] for name in shown if name in content["links"]}
    subscribed = link(f"/customers/{company.id}/subscriptions/{content['id']}")
    line["links"] = links | {"subscription": subscribed}
    order["links"] = {
        "self": link(uri),
        "provisioningStatus": link(f"{uri}/provisioningstatus"),
        "patchOperation": link(uri) | {"method": "PATCH"},
    }
    return order | {"client": {}, "attributes": {"objectType": "Order"}}
