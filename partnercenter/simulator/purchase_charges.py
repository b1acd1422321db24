"""The invoice rows of a purchase, as the new-commerce invoice will show them.

The arithmetic is the one Microsoft publishes: the price of a seat is converted and cut to cents
before it is multiplied, tax is added to the row, and nothing is rounded afterwards.
"""

import json
import uuid
from datetime import date
from decimal import Decimal
from typing import Any

from partnercenter.simulator.buying import Buyer
from partnercenter.simulator.cart_lines import Line
from partnercenter.simulator.filters import company_name
from partnercenter.simulator.moments import instant
from partnercenter.simulator.terms import first_period
from partnercenter.simulator.worlds.billing_months import billed_months, months_after
from partnercenter.simulator.worlds.catalogue import term_text
from partnercenter.simulator.worlds.lines import seat_amounts
from partnercenter.simulator.worlds.markets import MARKET_OF

Row = dict[str, Any]

_NEVER = "0001-01-01T00:00:00"


def charge_row(buyer: Buyer, line: Line, *, subscription_id: str, order_id: str) -> Row | None:
    """Return the invoice row of the first billing period, without an invoice number.

    Amounts are text; subtotal = ROUNDDOWN(effective price x rate, 2) x quantity. None for what has
    no list price, is never billed, or is of the older, recurring kind of invoice.
    """
    if line.price is None or line.item is None or line.billing_cycle == "none":
        return None
    pricing, partner, now = line.currency or buyer.currency, buyer.partner, buyer.now
    home = MARKET_OF.get(partner.country)
    billing = home.currency if home else pricing
    rate = _rate(pricing, billing, line.start)
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
        "orderDate": instant(now),
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
        "termAndBillingCycle": term_text(line.duration, line.billing_cycle),
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


def _rate(pricing: str, billing: str, day: date) -> Decimal | None:
    """Return the rate of the day's month, as made worlds have it; None for an unknown currency."""
    if pricing == billing:
        return Decimal(1)
    following = months_after(day.replace(day=1), 1)
    return billed_months(today=following, currency=billing, seed=0)[-1].rates.get(pricing)


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
