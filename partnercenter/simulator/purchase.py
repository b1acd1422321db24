"""What a bought line becomes: a subscription, and the first row that reaches an invoice.

    subscription_created    subject: its id; customer, subscription, visible_at
    charged                 subject: the subscription's id, of what becomes none the order's; row

Other stores take these effects from the ledger: nothing here knows how subscriptions are kept or
when a month is invoiced.
"""

import base64
import json
import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from partnercenter.simulator.buying import Buyer
from partnercenter.simulator.cart_lines import Line
from partnercenter.simulator.filters import company_name
from partnercenter.simulator.terms import first_period
from partnercenter.simulator.worlds.billing_months import exchange_rate
from partnercenter.simulator.worlds.lines import seat_amounts
from partnercenter.simulator.worlds.markets import MARKET_OF

Row = dict[str, Any]

CANCELLABLE_FOR = timedelta(days=7)
_NEVER = "0001-01-01T00:00:00"
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
    now, until = _instant(buyer.now), _instant(buyer.now + CANCELLABLE_FOR)
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
        "refundOptions": [{"type": "Full", "expiresAt": _instant(buyer.now + timedelta(days=1))}],
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


def charge_row(buyer: Buyer, line: Line, *, subscription_id: str, order_id: str) -> Row | None:
    """Return the invoice row of the first billing period, without an invoice number.

    Amounts are text; subtotal = ROUNDDOWN(effective price x rate, 2) x quantity. None for what has
    no list price or is of the older, recurring kind of invoice.
    """
    if line.price is None or line.item is None:
        return None
    pricing, partner, now = line.currency or buyer.currency, buyer.partner, buyer.now
    home = MARKET_OF.get(partner.country)
    billing = home.currency if home else pricing
    rate = exchange_rate(pricing, billing)
    if rate is None:
        # Without a rate the row can only be billed in the currency it was priced in.
        billing, rate = pricing, Decimal(1)
    amounts = seat_amounts(
        price=line.price.listed,
        share=line.price.share * (1 - line.price.discount),
        rate=rate,
        billable=line.quantity,
        tax=Decimal(home.vat) if home else Decimal(0),
    )
    end = line.end or line.start
    last = first_period(line.start, end, line.billing_cycle)[0]
    product_id, sku_id, availability_id = line.catalog_id.split(":")
    dynamic = line.item.sku.get("dynamicAttributes") or {}
    profile = buyer.customer.get("companyProfile") or {}
    return {
        "partnerId": partner.tenant_id,
        "customerId": buyer.customer_id,
        "customerName": company_name(buyer.customer),
        "customerDomainName": str(profile.get("domain") or ""),
        "customerCountry": buyer.country,
        "mpnId": partner.mpn_id,
        "resellerMpnId": line.partner_id or "0",
        "orderId": order_id,
        "orderDate": _instant(now),
        "productId": product_id,
        "skuId": sku_id,
        "availabilityId": availability_id,
        "productName": str(line.item.product.get("title") or ""),
        "skuName": str(line.item.sku.get("title") or ""),
        "productQualifiers": ["AddOn"] if dynamic.get("isAddon") else [],
        "chargeType": "new",
        "unitPrice": str(amounts.unit_price),
        "effectiveUnitPrice": str(amounts.effective_price),
        "unitType": "",
        "quantity": str(line.quantity),
        "billableQuantity": str(line.quantity),
        "subtotal": str(amounts.subtotal),
        "taxTotal": str(amounts.tax),
        "totalForCustomer": str(amounts.total),
        "currency": billing,
        "publisherName": str(line.item.product.get("publisherName") or "Microsoft Corporation"),
        "publisherId": "",
        "subscriptionDescription": line.friendly_name,
        "subscriptionId": subscription_id,
        "subscriptionStartDate": f"{line.start}T00:00:00Z",
        "subscriptionEndDate": f"{end}T00:00:00Z",
        "chargeStartDate": f"{line.start}T00:00:00Z",
        "chargeEndDate": f"{last}T00:00:00Z",
        "termAndBillingCycle": line.term_text,
        "alternateId": order_id,
        "referenceId": str(uuid.uuid4()),
        "priceAdjustmentDescription": _adjustment(line),
        "discountDetails": "",
        "creditReasonCode": "",
        "pricingCurrency": pricing,
        "pcToBCExchangeRate": str(rate),
        "pcToBCExchangeRateDate": (
            _NEVER if pricing == billing else f"{line.start.replace(day=1)}T00:00:00"
        ),
        "meterDescription": "",
        "billingFrequency": line.billing_cycle.capitalize(),
        "reservationOrderId": "",
        "promotionId": line.promotion_id,
        "invoiceLineItemType": "billing_line_items",
        "billingProvider": "one_time",
        "attributes": {"objectType": "OneTimeInvoiceLineItem"},
    }


def refund_row(row: Row) -> Row:
    """Return the row that takes a whole charge back: the same amounts below zero."""
    amounts = ("quantity", "billableQuantity", "subtotal", "taxTotal", "totalForCustomer")
    negative = {name: str(-Decimal(str(row[name]))) for name in amounts}
    return row | negative | {"chargeType": "cancelImmediate", "referenceId": str(uuid.uuid4())}


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
        "creationDate": _instant(buyer.now),
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


def _adjustment(line: Line) -> str:
    # The wire value is a JSON list inside a text.
    if line.price is None:
        return ""
    reasons = []
    if line.price.discount:
        reasons.append(f"{line.price.discount * 100:.0f}% promotion")
    if line.price.share != 1:
        reasons.append("Price for part of the billing period")
    return json.dumps(reasons) if reasons else ""


def _instant(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%S.%f}Z"
