"""A charge as the new-commerce invoice row it becomes, and the price it bears.

A row is made when the charge is, not when the invoice is: the live service too keeps the price and
the exchange rate of the day. The invoice number is what the invoice adds.
"""

import hashlib
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from partnercenter.simulator.charges import Charge
from partnercenter.simulator.fields import fold
from partnercenter.simulator.site import Call, Site
from partnercenter.simulator.subscription_terms import (
    Subscription,
    country_of,
    day_text,
    first_day,
    last_day,
)
from partnercenter.simulator.worlds.billing_months import billed_months, months_after
from partnercenter.simulator.worlds.catalogue import OFFERINGS, TERMS, list_price
from partnercenter.simulator.worlds.lines import seat_amounts
from partnercenter.simulator.worlds.markets import MARKETS

_MARKETS = {market.country: market for market in MARKETS}
_PRICED = frozenset(("EUR", "USD", "GBP", "NOK", "SEK", "DKK"))
_CENTS = Decimal(100)


def record_charges(call: Call, customer_id: str, charges: list[Charge]) -> None:
    """Record what an accepted change costs or gives back, a `charged` effect for each row."""
    for charge in charges:
        row = charge_row(call.site, customer_id, charge)
        call.record("charged", str(charge.subscription["id"]), row=row)


def charge_row(site: Site, customer_id: str, charge: Charge) -> dict[str, Any]:
    """Return a charge as a OneTimeInvoiceLineItem without invoice number; its money is text.

    subtotal = ROUNDDOWN(effective price x rate, 2) x seats, and the tax is added to it.
    """
    subscription = charge.subscription
    market = _MARKETS.get(country_of(subscription))
    home = _MARKETS.get(site.world.partner.country)
    billing = home.currency if home else "USD"
    pricing = market.currency if market else billing
    rate = _rate(pricing, billing, charge.at)
    amounts = seat_amounts(
        price=unit_price(site, subscription, pricing),
        share=charge.share,
        rate=rate,
        billable=charge.seats,
        tax=Decimal(home.vat) if home else Decimal(0),
    )
    converted = pricing != billing
    part = charge.share != 1
    return _facts(site, customer_id, subscription) | {
        "chargeType": charge.kind,
        "referenceId": charge.reference,
        "chargeStartDate": day_text(charge.start),
        "chargeEndDate": day_text(charge.end),
        "unitPrice": str(amounts.unit_price),
        "effectiveUnitPrice": str(amounts.effective_price),
        "quantity": str(charge.seats),
        "billableQuantity": str(charge.seats),
        "subtotal": str(amounts.subtotal),
        "taxTotal": str(amounts.tax),
        "totalForCustomer": str(amounts.total),
        "currency": billing,
        "pricingCurrency": pricing,
        "pcToBCExchangeRate": str(rate),
        "pcToBCExchangeRateDate": (
            day_text(charge.at.date().replace(day=1)) if converted else "0001-01-01T00:00:00"
        ),
        "priceAdjustmentDescription": '["Price for part of the billing period"]' if part else "",
    }


def unit_price(site: Site, subscription: Subscription, currency: str) -> Decimal:
    """Return the price of one seat for one billing period, in the customer's currency.

    What the subscription was last charged counts before the price list; a product in neither has a
    price made from its id, so that it is always the same.
    """
    charged = site.subscriptions.last_charge(str(subscription["id"]))
    if charged is not None and _same_terms(charged, subscription):
        return Decimal(str(charged["unitPrice"]))
    product, _, sku = str(subscription.get("offerId") or "").rpartition(":")[0].partition(":")
    known = next((one for one in OFFERINGS if (one.product_id, one.sku_id) == (product, sku)), None)
    cycle = fold(subscription.get("billingCycle") or "")
    term = next(
        (
            one
            for one in TERMS
            if (one.duration, one.billing_cycle) == (subscription.get("termDuration"), cycle)
        ),
        None,
    )
    if known and term and currency in _PRICED:
        return list_price(known, term, currency)
    digest = hashlib.blake2b(f"{product}:{sku}".encode(), digest_size=2).digest()
    monthly = Decimal(300 + int.from_bytes(digest, "big") % 3000) / _CENTS
    return monthly * {"annual": 12, "triennial": 36}.get(cycle, 1)


def _same_terms(charged: dict[str, Any], subscription: Subscription) -> bool:
    product, _, sku = str(subscription.get("offerId") or "").rpartition(":")[0].partition(":")
    return bool(charged.get("unitPrice")) and (
        charged.get("productId"),
        charged.get("skuId"),
        fold(charged.get("billingFrequency") or ""),
        charged.get("termAndBillingCycle"),
    ) == (
        product,
        sku,
        fold(subscription.get("billingCycle") or ""),
        _term_text(subscription),
    )


def _rate(pricing: str, billing: str, at: datetime) -> Decimal:
    if pricing == billing:
        return Decimal(1)
    rates = _rates(billing, at.astimezone(UTC).date())
    return rates.get(pricing, Decimal(1))


def _rates(billing: str, day: date) -> dict[str, Decimal]:
    """Return the month's rates, the same that a made world's invoices use."""
    following = months_after(day.replace(day=1), 1)
    return billed_months(today=following, currency=billing, seed=0)[-1].rates


def _facts(site: Site, customer_id: str, subscription: Subscription) -> dict[str, Any]:
    partner, customer = site.world.partner, site.customers.get(customer_id) or {}
    company = customer.get("companyProfile") or {}
    item = str(subscription.get("offerId") or "").split(":")
    product, sku, availability = item if len(item) == 3 else (item[0], "", "")
    start, end = first_day(subscription), last_day(subscription)
    return {
        "partnerId": partner.tenant_id,
        "customerId": customer_id,
        "customerName": company.get("companyName", ""),
        "customerDomainName": company.get("domain", ""),
        "customerCountry": country_of(subscription),
        "mpnId": partner.mpn_id,
        "resellerMpnId": str(subscription.get("partnerId") or "0"),
        "orderId": subscription.get("orderId", ""),
        "orderDate": subscription.get("creationDate", ""),
        "productId": product,
        "skuId": sku,
        "availabilityId": availability,
        "productName": subscription.get("offerName", ""),
        "skuName": subscription.get("offerName", ""),
        "productQualifiers": [],
        "unitType": "",
        "publisherName": subscription.get("publisherName", ""),
        "publisherId": "",
        "subscriptionDescription": "",
        "subscriptionId": subscription["id"],
        "subscriptionStartDate": day_text(start) if start else "",
        "subscriptionEndDate": day_text(end) if end else "",
        "termAndBillingCycle": _term_text(subscription),
        "billingFrequency": str(subscription.get("billingCycle") or "").capitalize(),
        "alternateId": subscription.get("orderId", ""),
        "reservationOrderId": "",
        "creditReasonCode": "",
        "discountDetails": "",
        "meterDescription": "",
        "promotionId": subscription.get("promotionId", ""),
        "invoiceLineItemType": "billing_line_items",
        "billingProvider": "one_time",
        "attributes": {"objectType": "OneTimeInvoiceLineItem"},
    }


def _term_text(subscription: Subscription) -> str:
    wanted = (subscription.get("termDuration"), fold(subscription.get("billingCycle") or ""))
    known = next((one for one in TERMS if (one.duration, one.billing_cycle) == wanted), None)
    return known.text if known else f"{wanted[0] or ''} commitment, billed {wanted[1]}".strip()
