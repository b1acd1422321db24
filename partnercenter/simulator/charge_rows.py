"""A charge as the new-commerce invoice row it becomes, and the price it bears.

A row is made when the charge is, not when the invoice is: the live service too keeps the price and
the exchange rate of the day. The invoice number is what the invoice adds.
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from partnercenter.simulator.charges import Charge, period_at
from partnercenter.simulator.fields import fold
from partnercenter.simulator.site import Call, Site
from partnercenter.simulator.sku_terms import find_availability, listed_price, split_item
from partnercenter.simulator.subscription_terms import (
    Subscription,
    country_of,
    day_text,
    first_day,
    last_day,
    read_moment,
)
from partnercenter.simulator.worlds.billing_months import billed_months, months_after
from partnercenter.simulator.worlds.catalogue import OFFERINGS, TERMS, list_price, term_text
from partnercenter.simulator.worlds.lines import seat_amounts
from partnercenter.simulator.worlds.markets import MARKETS

Row = dict[str, Any]

_PART = Decimal("0.000001")
_MARKETS = {market.country: market for market in MARKETS}
_PRICED = frozenset(("EUR", "USD", "GBP", "NOK", "SEK", "DKK"))
_CENTS = Decimal(100)


def record_charges(call: Call, customer_id: str, charges: list[Charge]) -> None:
    """Record what an accepted change costs or gives back, a `charged` effect for each row."""
    for charge in charges:
        row = charge_row(call.site, customer_id, charge)
        call.record("charged", str(charge.subscription["id"]), row=row)


def due_rows(site: Site, start: datetime, end: datetime) -> Iterator[tuple[str, Row]]:
    """Yield the rows that time alone caused after `start` up to `end`, by subscription id.

    They are renewals and periodic charges of what was bought or changed since the world was opened,
    and no effects: asked for again they are the same rows.
    """
    for customer_id, charge in site.subscriptions.due_charges(start, end):
        yield str(charge.subscription["id"]), charge_row(site, customer_id, charge)


def record_due(site: Site) -> None:
    """Record the rows that time alone has caused by now and that were not recorded before.

    They belong to the month they fell due in, whenever it is noticed. A row has the same reference
    each time, which is how one that is recorded is told.
    """
    for identity, row in due_rows(site, datetime.min.replace(tzinfo=UTC), site.clock()):
        if not site.subscriptions.is_charged(row["referenceId"]):
            site.ledger.record("charged", identity, row=row, at=row["chargeStartDate"])


def charge_row(site: Site, customer_id: str, charge: Charge) -> Row:
    """Return a charge as a OneTimeInvoiceLineItem without invoice number; its money is text.

    subtotal = ROUNDDOWN(effective price x rate, 2) x seats, and the tax is added to it.
    """
    subscription = charge.subscription
    market = _MARKETS.get(country_of(subscription))
    home = _MARKETS.get(site.world.partner.country)
    billing = home.currency if home else "USD"
    pricing = market.currency if market else billing
    charged = site.subscriptions.last_charge(str(subscription["id"]))
    rate = _rate(pricing, billing, charge.at, charged)
    amounts = seat_amounts(
        price=unit_price(site, subscription, pricing),
        share=charge.share * _paid_part(subscription, charged),
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
    country, cycle = country_of(subscription), fold(subscription.get("billingCycle") or "")
    duration = subscription.get("termDuration")
    item = subscription.get("offerId")
    record, _ = find_availability(site.world, country, item=item, duration=duration, cycle=cycle)
    listed = listed_price(record, duration, cycle) if record else None
    if listed is not None:
        return listed
    product, sku, _ = split_item(item)
    known = next((one for one in OFFERINGS if (one.product_id, one.sku_id) == (product, sku)), None)
    term = next(
        (one for one in TERMS if (one.duration, one.billing_cycle) == (duration, cycle)), None
    )
    if known and term and currency in _PRICED:
        return list_price(known, term, currency)
    digest = hashlib.blake2b(f"{product}:{sku}".encode(), digest_size=2).digest()
    monthly = Decimal(300 + int.from_bytes(digest, "big") % 3000) / _CENTS
    return monthly * {"annual": 12, "triennial": 36}.get(cycle, 1)


def _same_terms(charged: Row, subscription: Subscription) -> bool:
    product, sku, _ = split_item(subscription.get("offerId"))
    return bool(charged.get("unitPrice")) and (
        charged.get("productId"),
        charged.get("skuId"),
        fold(charged.get("billingFrequency") or ""),
        charged.get("termAndBillingCycle"),
    ) == (
        product,
        sku,
        fold(subscription.get("billingCycle") or ""),
        _term_of(subscription),
    )


def _paid_part(subscription: Subscription, charged: Row | None) -> Decimal:
    """Return the part of the list price the present term was charged at; less with a promotion."""
    if charged is None or not _same_terms(charged, subscription):
        return Decimal(1)
    start, term = read_moment(charged.get("chargeStartDate")), first_day(subscription)
    period = period_at(subscription, start.date()) if start else None
    full = Decimal(str(charged["unitPrice"]))
    if start is None or period is None or term is None or start.date() < term or not full:
        return Decimal(1)
    paid = Decimal(str(charged["effectiveUnitPrice"])) / (full * period.share_from(start.date()))
    return paid.quantize(_PART) if 0 < paid < Decimal("0.999") else Decimal(1)


def _rate(pricing: str, billing: str, at: datetime, charged: Row | None) -> Decimal:
    if pricing == billing:
        return Decimal(1)
    dated = read_moment((charged or {}).get("pcToBCExchangeRateDate"))
    if charged and dated and (dated.year, dated.month) == (at.year, at.month):
        # What is given back in the month it was charged comes back at the same rate.
        return Decimal(str(charged["pcToBCExchangeRate"]))
    rates = _rates(billing, at.astimezone(UTC).date())
    return rates.get(pricing, Decimal(1))


def _rates(billing: str, day: date) -> dict[str, Decimal]:
    """Return the month's rates, the same that a made world's invoices use."""
    following = months_after(day.replace(day=1), 1)
    return billed_months(today=following, currency=billing, seed=0)[-1].rates


def _facts(site: Site, customer_id: str, subscription: Subscription) -> Row:
    partner, customer = site.world.partner, site.customers.get(customer_id) or {}
    company = customer.get("companyProfile") or {}
    product, sku, availability = split_item(subscription.get("offerId"))
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
        "termAndBillingCycle": _term_of(subscription),
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


def _term_of(subscription: Subscription) -> str:
    return term_text(
        str(subscription.get("termDuration") or ""), fold(subscription.get("billingCycle") or "")
    )
