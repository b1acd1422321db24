"""What is sold besides commercial seats: trials, other segments, Azure, software, legacy offers.

Little of each: one that can be bought is enough to try what a client does with it. Offers and
promotions are written once and hold for every market.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from partnercenter.simulator.worlds.catalogue import (
    CENT,
    LEGACY_OFFERS,
    MONTHLY,
    OFFERINGS,
    YEARLY_PAID_AT_ONCE,
    YEARLY_PAID_MONTHLY,
    Offering,
    Term,
    availability,
    availability_id,
    link,
    list_price,
)
from partnercenter.simulator.worlds.market import Market
from partnercenter.simulator.worlds.markets import MARKETS

_TRIAL_TERM = Term("P1M", "none", "One-Month trial", Decimal(0))
_BASIC, _STANDARD = OFFERINGS[0], OFFERINGS[1]
_TRIAL = replace(
    _STANDARD,
    sku_id="0003",
    sku_name=f"{_STANDARD.sku_name} Trial",
    is_trial=True,
    most=25,
)
# Schools and charities pay part of the price; American authorities pay it whole.
_SEGMENTS = (
    ("education", _BASIC, Decimal("0.40"), None),
    ("nonprofit", _STANDARD, Decimal("0.25"), None),
    ("government", _STANDARD, Decimal(1), "US"),
)
_LEGACY_ADDON = "3F0A5A77-6E1B-4D0C-9B52-8C1D64E2B907"
_CATEGORY = {
    "id": "SmallBusiness_Key",
    "name": "Small Business",
    "rank": 30,
    "attributes": {"objectType": "OfferCategory"},
}


def further_catalogue() -> Iterator[dict[str, Any]]:
    """Yield the records of everything that is not commercial seats."""
    for market in MARKETS:
        yield _trial(market)
        yield from _other_segments(market)
        yield _azure_plan(market)
        yield _software(market)
        yield _marketplace(market)
        yield from _reservations(market)
    yield from _offers()
    yield from _promotions()


def _trial(market: Market) -> dict[str, Any]:
    own_id = availability_id(_TRIAL, _TRIAL_TERM, market.country)
    return availability(market, _TRIAL, _TRIAL_TERM, own_id=own_id, price=Decimal("0.00"))


def _other_segments(market: Market) -> Iterator[dict[str, Any]]:
    for segment, offering, part, country in _SEGMENTS:
        if country not in (None, market.country):
            continue
        for term in (MONTHLY, YEARLY_PAID_MONTHLY):
            price = (list_price(offering, term, market.currency) * part).quantize(CENT)
            yield availability(
                market,
                offering,
                term,
                # An id of its own, as every segment has one.
                own_id=availability_id(offering, term, f"{market.country}/{segment}"),
                price=price,
                segment=segment,
            )


def _azure_plan(market: Market) -> dict[str, Any]:
    plan = Offering(
        "DZH318Z0BPS6", "0001", "Azure plan", "Microsoft Azure plan", Decimal(0), most=1
    )
    record = _bare(market, plan, kind="Azure", sub_kind="Azure", cycle="one_time", price=None)
    record["sku"]["purchasePrerequisites"] = ["MicrosoftCustomerAgreement"]
    del record["terms"]
    return record


def _software(market: Market) -> dict[str, Any]:
    name = "Windows Server Standard - 16 Core License Pack"
    server = Offering("DG7GMGF0TW01", "0002", "Windows Server", name, Decimal("1030"), most=999)
    price = list_price(server, replace(MONTHLY, factor=Decimal(1)), market.currency)
    return _bare(market, server, kind="Software", sub_kind="", cycle="one_time", price=price)


def _marketplace(market: Market) -> dict[str, Any]:
    filter_plan = Offering(
        "DZH318Z0TS01",
        "0002",
        "Mail Filter",
        "Mail Filter - Medium Plan",
        Decimal("3.10"),
        most=999,
    )
    price = list_price(filter_plan, YEARLY_PAID_MONTHLY, market.currency)
    record = _bare(market, filter_plan, kind="SaaS", sub_kind="", cycle="monthly", price=price)
    record["terms"][0]["duration"] = "P1M"
    record["product"] |= {"isMicrosoftProduct": False, "publisherName": "Ostrava Mail Works"}
    return record


def _reservations(market: Market) -> Iterator[dict[str, Any]]:
    name = "Reserved VM Instance, Standard_D2s_v3, West Europe, 1 Year"
    for number, restricted in (("0038", True), ("000S", False)):
        machine = Offering("DZH318Z0TV01", number, "Dsv3 Series", name, Decimal("560"))
        price = list_price(machine, replace(MONTHLY, factor=Decimal(1)), market.currency)
        record = _bare(
            market, machine, kind="Azure", sub_kind="VirtualMachines", cycle="one_time", price=price
        )
        record["terms"][0]["duration"] = "P1Y"
        sku = record["sku"]
        sku["purchasePrerequisites"] = ["AzureSubscriptionRegistration", "InventoryCheck"]
        sku["inventoryVariables"] = ["CustomerId", "AzureSubscriptionId"]
        sku["provisioningVariables"] = ["Scope", "SubscriptionId"]
        if restricted:
            sku["inventoryRestrictions"] = [
                {
                    "reasonCode": "NotAvailableForSubscription",
                    "description": "The region of this reservation is full.",
                    "properties": {"type": "Location", "values": "westeurope"},
                }
            ]
        yield record


def _bare(
    market: Market,
    offering: Offering,
    *,
    kind: str,
    sub_kind: str,
    cycle: str,
    price: Decimal | None,
) -> dict[str, Any]:
    """Return an availability of something that is not seats: no renewal, no fixed term."""
    own_id = availability_id(offering, replace(MONTHLY, billing_cycle=cycle), market.country)
    record = availability(
        market,
        offering,
        replace(YEARLY_PAID_AT_ONCE, billing_cycle=cycle, text=f"{offering.sku_name}, {cycle}"),
        own_id=f"{offering.product_id[:8]}{own_id[8:]}",
        price=price or Decimal(0),
    )
    record |= {"isRenewable": cycle != "one_time"}
    del record["renewalInstructions"]
    del record["terms"][0]["duration"]
    record["product"]["productType"] = {"id": kind, "displayName": kind}
    if sub_kind:
        sub_type = {"id": sub_kind, "displayName": sub_kind}
        record["product"]["productType"]["subType"] = sub_type
    for part in ("product", "sku"):
        record[part]["description"] = offering.sku_name
    record["sku"]["supportedBillingCycles"] = [cycle]
    record["sku"]["dynamicAttributes"] = {"isMicrosoftProduct": kind != "SaaS", "isAddon": False}
    return record


def _offers() -> Iterator[dict[str, Any]]:
    for offer in LEGACY_OFFERS:
        yield _offer(offer.id, offer.name.title(), addon_of=())
    bases = tuple(offer.id for offer in LEGACY_OFFERS)
    yield _offer(_LEGACY_ADDON, "Extra File Storage", addon_of=bases)


def _offer(offer_id: str, name: str, *, addon_of: tuple[str, ...]) -> dict[str, Any]:
    return {
        "id": offer_id,
        "name": name,
        "description": f"{name}, from before new commerce.",
        "minimumQuantity": 1,
        "maximumQuantity": 10_000_000,
        "rank": 50,
        "uri": f"/Offers/{offer_id}",
        "category": _CATEGORY,
        "limitUnitOfMeasure": "None",
        "limit": 0,
        "termUnitOfMeasure": "Year",
        "term": 1,
        "prerequisiteOffers": list(addon_of),
        "isAddOn": bool(addon_of),
        "hasAddOns": not addon_of,
        "isAvailableForPurchase": True,
        "billing": "license",
        "supportedBillingCycles": ["annual", "monthly"],
        "isAutoRenewable": True,
        "isInternal": False,
        "isMicrosoftProduct": True,
        "isTrial": False,
        "unitType": "Add-On Licenses" if addon_of else "Licenses",
        "links": {"learnMore": link(f"/offers/{offer_id}")},
        "attributes": {"objectType": "Offer"},
    }


def _promotions() -> Iterator[dict[str, Any]]:
    yield _promotion(
        "39NFJQT1TP01:0001:39NFJQT1QN03",
        "New to Business Premium",
        OFFERINGS[2],
        off="0.15",
        seats=(25, 300),
        first_purchase=True,
    )
    yield _promotion(
        "39NFJQT1TP02:0001:39NFJQT1QN09",
        "Power BI for larger teams",
        OFFERINGS[9],
        off="0.1",
        seats=(50, 2400),
        automatic=True,
    )


def _promotion(
    promotion_id: str,
    name: str,
    offering: Offering,
    *,
    off: str,
    seats: tuple[int, int],
    automatic: bool = False,
    first_purchase: bool = False,
) -> dict[str, Any]:
    first = [{"type": "FirstPurchase", "isApplicable": True}] if first_purchase else []
    return {
        "id": promotion_id,
        "name": name,
        "description": name,
        "segment": "commercial",
        "startDate": "2024-01-01T00:00:00+00:00",
        "endDate": "9999-01-01T00:00:00+00:00",
        "properties": {"isAutoApplicable": automatic},
        "requiredProducts": [
            {
                "productId": offering.product_id,
                "skuId": offering.sku_id,
                "term": {"duration": "P1Y", "billingCycle": "Annual"},
                "pricingPolicies": [{"policyType": "PercentDiscount", "value": off}],
            }
        ],
        "promotionConstraints": {
            "seatConstraints": [
                {"minSeats": seats[0], "maxSeats": seats[1], "type": "SubscriptionQuantity"}
            ],
            "assetOwnershipLimits": [],
            "eligibilityConstraints": first,
        },
    }
