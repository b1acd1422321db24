"""What a bought line becomes: a subscription, and the first row that reaches an invoice.

    subscription_created    subject: its id; customer, subscription, visible_at
    charged                 subject: the subscription's id, of what becomes none the order's; row

Other stores take these effects from the ledger: nothing here knows how subscriptions are kept or
when a month is invoiced.
"""

import base64
import json
import uuid
from datetime import timedelta
from typing import Any

from partnercenter.simulator.buying import Buyer
from partnercenter.simulator.cart_lines import Line
from partnercenter.simulator.moments import instant
from partnercenter.simulator.purchase_charges import charge_row

Row = dict[str, Any]

CANCELLABLE_FOR = timedelta(days=7)
_NO_END = "9999-12-31"


def buy(buyer: Buyer, line: Line, *, order_id: str) -> str | None:
    """Record that a line was bought; return the id of its subscription, None when it has none."""
    subscription_id = str(uuid.uuid4()) if line.becomes_subscription else None
    call = buyer.call
    if subscription_id is not None:
        if line.family == "legacy":
            # Ids of legacy subscriptions are written in capitals by the order routes.
            subscription_id = subscription_id.upper()
        subscription = new_subscription(
            buyer, line, subscription_id=subscription_id, order_id=order_id
        )
        lag = timedelta(seconds=call.site.switches.visibility_lag_seconds)
        call.record(
            "subscription_created",
            subscription_id,
            customer=buyer.customer_id,
            subscription=subscription,
            visible_at=(buyer.now + lag).isoformat(),
        )
    row = charge_row(buyer, line, subscription_id=subscription_id or "", order_id=order_id)
    if row is not None:
        call.record("charged", subscription_id or order_id, row=row)
    return subscription_id


def new_subscription(buyer: Buyer, line: Line, *, subscription_id: str, order_id: str) -> Row:
    """Return the Subscription resource of a line bought now.

    `commitmentEndDate` is the last day of the term, which belongs to it; seats may be given back
    for seven days.
    """
    if line.item is None:
        return _legacy_subscription(buyer, line, subscription_id=subscription_id, order_id=order_id)
    now, until = instant(buyer.now), instant(buyer.now + CANCELLABLE_FOR)
    sku = line.item.sku
    usage = line.is_azure_plan
    last = line.end.isoformat() if line.end else _NO_END
    resource: Row = {
        "id": subscription_id,
        "offerId": line.catalog_id,
        "offerName": str(sku.get("title") or line.name),
        "friendlyName": line.name,
        "productType": {
            "id": line.item.product_type or "OnlineServicesNCE",
            "displayName": line.item.product_type or "OnlineServicesNCE",
        },
        "quantity": line.quantity,
        "unitType": "Usage-based" if usage else "Licenses",
        "hasPurchasableAddons": False,
        "creationDate": now,
        "effectiveStartDate": now,
        "commitmentEndDate": f"{last}T00:00:00Z",
        "commitmentEndDateTime": f"{last}T23:59:59Z",
        "cancellationAllowedUntilDate": until,
        "status": "active",
        "autoRenewEnabled": not usage,
        "isTrial": bool(sku.get("isTrial")),
        "billingType": "usage" if usage else "license",
        "billingCycle": line.billing_cycle,
        "termDuration": line.duration,
        "renewalTermDuration": _renews_to(line),
        "refundOptions": [{"type": "Full", "expiresAt": instant(buyer.now + timedelta(days=1))}],
        "refundableQuantity": {
            "totalQuantity": line.quantity,
            "details": [{"quantity": line.quantity, "allowedUntilDateTime": until}],
        },
        "isMicrosoftProduct": line.item.product.get("isMicrosoftProduct") is not False,
        "publisherName": str(line.item.product.get("publisherName") or "Microsoft Corporation"),
        "partnerId": line.partner_id,
        "attentionNeeded": False,
        "actionTaken": False,
        "contractType": "subscription",
        "orderId": order_id,
        "links": {
            **item_links(buyer, line),
            "self": buyer.call.link(
                f"/customers/{buyer.customer_id}/subscriptions/{subscription_id}"
            ),
        },
        "attributes": {"objectType": "Subscription"},
    }
    if line.promotion_id:
        resource["promotionId"] = line.promotion_id
    if usage:
        resource.pop("refundableQuantity")
    return resource


def item_links(buyer: Buyer, line: Line) -> Row:
    """Return the links from an order line or subscription to what was bought."""
    call, country = buyer.call, buyer.country
    if line.item is None:
        return {"offer": call.link(f"/offers/{line.catalog_id}?country={country}")}
    product_id, sku_id, availability_id = line.catalog_id.split(":")
    sku = f"/products/{product_id}/skus/{sku_id}"
    return {
        "product": call.link(f"/products/{product_id}?country={country}"),
        "sku": call.link(f"{sku}?country={country}"),
        "availability": call.link(f"{sku}/availabilities/{availability_id}?country={country}"),
    }


def legacy_etag(resource_id: str, version: int) -> str:
    """Return the etag of a legacy order or subscription: its id and version, readable to nobody."""
    text = json.dumps({"id": resource_id.lower(), "version": version}, separators=(",", ":"))
    return base64.b64encode(text.encode()).decode()


def next_etag(resource: Row) -> str:
    """Return the etag of a legacy resource after one more change."""
    try:
        held = json.loads(base64.b64decode((resource.get("attributes") or {}).get("etag") or ""))
        version = int(held["version"])
    except (ValueError, KeyError, TypeError):
        version = 1
    return legacy_etag(str(resource["id"]), version + 1)


def _legacy_subscription(buyer: Buyer, line: Line, *, subscription_id: str, order_id: str) -> Row:
    offer: Row = line.offer or {}
    usage = offer.get("billing") == "usage"
    last = line.end.isoformat() if line.end else "9999-12-10"
    resource: Row = {
        "id": subscription_id,
        "entitlementId": subscription_id,
        "offerId": line.catalog_id,
        "offerName": str(offer.get("name") or ""),
        "friendlyName": line.name,
        "quantity": line.quantity,
        "unitType": str(offer.get("unitType") or "Licenses"),
        "hasPurchasableAddons": bool(offer.get("hasAddOns")),
        "creationDate": instant(buyer.now),
        "effectiveStartDate": f"{line.start}T00:00:00Z",
        "commitmentEndDate": f"{last}T00:00:00Z",
        "status": "active",
        "autoRenewEnabled": bool(offer.get("isAutoRenewable")),
        "isTrial": bool(offer.get("isTrial")),
        "billingType": "usage" if usage else "license",
        "billingCycle": line.billing_cycle,
        "termDuration": line.duration,
        "partnerId": line.partner_id,
        "contractType": "subscription",
        "orderId": order_id,
        "links": {
            **item_links(buyer, line),
            "self": buyer.call.link(
                f"/customers/{buyer.customer_id}/subscriptions/{subscription_id}"
            ),
        },
        "attributes": {"etag": legacy_etag(subscription_id, 1), "objectType": "Subscription"},
    }
    parent = line.raw.get("parentSubscriptionId")
    return resource | {"parentSubscriptionId": parent} if parent else resource


def _renews_to(line: Line) -> str:
    wanted = line.raw.get("renewsTo")
    first = wanted[0] if isinstance(wanted, list) and wanted else wanted
    return str(first.get("termDuration") or "") if isinstance(first, dict) else ""
