"""Invoice rows as Partner Center sends them, and the arithmetic behind their amounts.

The arithmetic is what Microsoft publishes for its reconciliation files: the price of a seat is
converted and cut to cents before it is multiplied, tax is added to the row, and nothing is rounded
afterwards. So the rows of an invoice add up to its total exactly.

A row repeats the customer and the subscription word for word, therefore those parts are written as
JSON once and joined to each charge; a million rows would otherwise spend their time in `dumps`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from partnercenter.simulator.worlds.billing_months import Month
from partnercenter.simulator.worlds.catalogue import CENT, availability_id, list_price
from partnercenter.simulator.worlds.companies import Company, default_domain
from partnercenter.simulator.worlds.stories import Charge, LegacySeats, Seats

_PRICE_STEP = Decimal("0.000001")
_YEAR_ONE = "0001-01-01T00:00:00"  # what Microsoft sends for "does not apply"


@dataclass(frozen=True, slots=True)
class Biller:
    """What every row of a partner's invoices repeats; `tax` is a percentage."""

    partner_id: str
    mpn_id: str
    currency: str
    tax: Decimal
    money_as_text: bool


@dataclass(frozen=True, slots=True)
class Amounts:
    """The money of one row, in the billing currency except for the two prices."""

    unit_price: Decimal
    effective_price: Decimal
    rate: Decimal
    subtotal: Decimal
    tax: Decimal
    total: Decimal


def seat_amounts(
    *, price: Decimal, share: Decimal, rate: Decimal, billable: int, tax: Decimal
) -> Amounts:
    """Return the amounts of a row of seats; `share` is the charged part of the billing period.

    subtotal = ROUNDDOWN(effective price x rate, 2) x billable quantity; total = subtotal + tax.
    """
    effective = (price * share).quantize(_PRICE_STEP)
    effective = price if effective == price else effective
    subtotal = (effective * rate).quantize(CENT, ROUND_DOWN) * billable
    taxed = (subtotal * tax / 100).quantize(CENT, ROUND_HALF_UP)
    return Amounts(price, effective, rate, subtotal, taxed, subtotal + taxed)


def fragment(content: dict[str, object]) -> str:
    """Return the JSON of an object without its braces, to be joined with other parts."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))[1:-1]


def company_part(biller: Biller, company: Company) -> str:
    """Return the part of a new-commerce row that names partner and customer."""
    # Microsoft prefixes some customer ids in billing rows; every importer has to cope with it.
    prefix = "org:" if company.number % 40 == 17 else ""
    return fragment(
        {
            "partnerId": biller.partner_id,
            "customerId": prefix + company.id,
            "customerName": company.name,
            "customerDomainName": default_domain(company),
            "customerCountry": company.market.country,
            "mpnId": biller.mpn_id,
            "resellerMpnId": company.reseller_mpn or "0",
            "publisherName": "Microsoft Corporation",
            "publisherId": "",
            "currency": biller.currency,
            "pricingCurrency": company.market.currency,
            "unitType": "",
            "subscriptionDescription": "",
            "discountDetails": "",
            "meterDescription": "",
            "promotionId": "",
            "invoiceLineItemType": "billing_line_items",
            "billingProvider": "one_time",
            "attributes": {"objectType": "OneTimeInvoiceLineItem"},
        }
    )


def seats_part(company: Company, seats: Seats) -> str:
    """Return the part of a new-commerce row that names product and subscription."""
    offering, term = seats.offering, seats.term
    return fragment(
        {
            "orderId": seats.order_id,
            "orderDate": f"{seats.start:%Y-%m-%d}T09:31:07.4150000Z",
            "alternateId": seats.order_id,
            "productId": offering.product_id,
            "skuId": offering.sku_id,
            "availabilityId": availability_id(offering, term, company.market.country),
            "productName": offering.product_name,
            "skuName": offering.sku_name,
            "productQualifiers": ["AddOn"] if offering.is_addon else [],
            "subscriptionId": seats.id,
            "subscriptionStartDate": _midnight(seats.start) + "Z",
            "subscriptionEndDate": _midnight(seats.end) + "Z",
            "termAndBillingCycle": term.text,
            "billingFrequency": term.billing_cycle.capitalize(),
            "reservationOrderId": "",
        }
    )


def seats_row(
    biller: Biller, company: Company, seats: Seats, charge: Charge, month: Month
) -> tuple[str, Decimal]:
    """Return the part of a row that belongs to the charge alone, and the row's total."""
    currency = company.market.currency
    amounts = seat_amounts(
        price=list_price(seats.offering, seats.term, currency),
        share=charge.share,
        rate=month.rates[currency],
        billable=charge.billable,
        tax=biller.tax,
    )
    converted = currency != biller.currency
    reason = "ServiceCredit" if charge.kind == "customerCredit" else ""
    quote = '"' if biller.money_as_text else ""
    row = (
        f'"chargeType":"{charge.kind}","referenceId":"{charge.reference}",'
        f'"chargeStartDate":"{_midnight(charge.start)}Z",'
        f'"chargeEndDate":"{_midnight(charge.end)}Z",'
        f'"unitPrice":{quote}{amounts.unit_price}{quote},'
        f'"effectiveUnitPrice":{quote}{amounts.effective_price}{quote},'
        f'"quantity":{quote}{charge.billable}{quote},'
        f'"billableQuantity":{quote}{charge.billable}{quote},'
        f'"subtotal":{quote}{amounts.subtotal}{quote},'
        f'"taxTotal":{quote}{amounts.tax}{quote},'
        f'"totalForCustomer":{quote}{amounts.total}{quote},'
        f'"pcToBCExchangeRate":{quote}{amounts.rate}{quote},'
        f'"pcToBCExchangeRateDate":"{_midnight(month.first) if converted else _YEAR_ONE}",'
        f'"creditReasonCode":"{reason}","priceAdjustmentDescription":"{_adjustment(charge)}"'
    )
    return row, amounts.total


def legacy_row(
    biller: Biller, company: Company, seats: LegacySeats, charge: Charge, rate: Decimal
) -> tuple[str, Decimal]:
    """Return a whole row of the older licence kind, without braces, and its total.

    It bears no tax and no discount: `amount` and `totalForCustomer`, of which Microsoft's pages
    name now one and now the other as what adds up to the invoice, are then the same.
    """
    price = (seats.offer.price * rate).quantize(CENT, ROUND_DOWN)
    amount = price * charge.billable
    facts = fragment(
        {
            "partnerId": biller.partner_id,
            "customerId": company.id.upper(),
            "customerName": company.name,
            "mpnId": int(biller.mpn_id),
            "tier2MpnId": int(company.reseller_mpn) if company.reseller_mpn else -1,
            "orderId": seats.order_id,
            "subscriptionId": seats.billing_id,
            "syndicationPartnerSubscriptionNumber": seats.id.upper(),
            "offerId": seats.offer.id,
            "durableOfferId": seats.offer.id,
            "offerName": seats.offer.name,
            "domainName": default_domain(company),
            "billingCycleType": "MONTHLY",
            "subscriptionName": seats.offer.name,
            "subscriptionDescription": seats.offer.name,
            "subscriptionStartDate": _midnight(seats.start),
            "subscriptionEndDate": _midnight(seats.end),
            "chargeStartDate": _midnight(charge.start),
            "chargeEndDate": _midnight(charge.end),
            "chargeType": charge.kind,
            "quantity": charge.billable,
            "currency": biller.currency,
            "invoiceLineItemType": "billing_line_items",
            "billingProvider": "office",
            "attributes": {"objectType": "LicenseBasedLineItem"},
        }
    )
    money = (
        f'"unitPrice":{price},"amount":{amount},"totalOtherDiscount":0.0,'
        f'"subtotal":{amount},"tax":0.0,"totalForCustomer":{amount}'
    )
    return f"{facts},{money}", amount


def _adjustment(charge: Charge) -> str:
    # The wire value is a JSON list inside a text, hence the escaped quotes.
    return "" if charge.share == 1 else r"[\"Price for part of the billing period\"]"


def _midnight(day: object) -> str:
    return f"{day}T00:00:00"
