"""A small new-commerce catalogue: what can be bought, for which term, at which list price.

A record of catalog.jsonl is an availability, the thing a cart orders, with its product and SKU
inside it (Partner Center's availabilities have these two keys). Product and SKU lists follow from
it. `listPrice` of a term, text for one seat and billing period, is the world's own: Partner Center
shows prices in carts only. Ids have Microsoft's shape and are made up; prices are near real ones
and are not Microsoft's. What is sold besides these seats is in `catalogue_extras`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from partnercenter.simulator.worlds.chance import source
from partnercenter.simulator.worlds.market import Market
from partnercenter.simulator.worlds.markets import MARKETS

CENT = Decimal("0.01")
_ID_SIGNS = "BCDFGHJKLMNPQRSTVWXZ0123456789"


@dataclass(frozen=True, slots=True)
class Term:
    """A commitment with its billing cycle; `factor` turns a yearly plan's monthly price into it."""

    duration: str
    billing_cycle: str
    text: str
    factor: Decimal


MONTHLY = Term("P1M", "monthly", "One-Month commitment for monthly billing", Decimal("1.2"))
YEARLY_PAID_MONTHLY = Term(
    "P1Y", "monthly", "One-Year commitment for monthly/yearly billing", Decimal(1)
)
YEARLY_PAID_AT_ONCE = Term("P1Y", "annual", "One-Year commitment for yearly billing", Decimal(12))
TERMS = (MONTHLY, YEARLY_PAID_MONTHLY, YEARLY_PAID_AT_ONCE)
THREE_YEARS = (
    Term("P3Y", "monthly", "Three-Year commitment for monthly billing", Decimal(1)),
    Term("P3Y", "annual", "Three-Year commitment for yearly billing", Decimal(12)),
    Term("P3Y", "triennial", "Three-Year commitment for 3 yearly billing", Decimal(36)),
)


def term_text(duration: str, billing_cycle: str) -> str:
    """Return how invoice rows call a term and its billing; empty where there is no term."""
    for term in (*TERMS, *THREE_YEARS):
        if (term.duration, term.billing_cycle) == (duration, billing_cycle):
            return term.text
    return f"{duration} commitment, billed {billing_cycle}" if duration else ""


@dataclass(frozen=True, slots=True)
class Offering:
    """A SKU with its price in euro per seat and month under a yearly commitment."""

    product_id: str
    sku_id: str
    product_name: str
    sku_name: str
    price: Decimal
    is_addon: bool = False
    is_trial: bool = False
    most: int = 10_000_000


@dataclass(frozen=True, slots=True)
class LegacyOffer:
    """An offer of the time before new commerce; its invoice rows are of the older kind."""

    id: str
    name: str
    price: Decimal


def _offering(
    number: str, name: str, price: str, *, addon: bool = False, most: int = 10_000_000
) -> Offering:
    return Offering(
        f"CFQ7TTC0T{number}", "0001", name, name, Decimal(price), is_addon=addon, most=most
    )


OFFERINGS = (
    _offering("N01", "Microsoft 365 Business Basic", "5.60", most=300),
    _offering("N02", "Microsoft 365 Business Standard", "11.70", most=300),
    _offering("N03", "Microsoft 365 Business Premium", "20.60", most=300),
    _offering("N04", "Microsoft 365 Apps for business", "9.80", most=300),
    _offering("N05", "Exchange Online (Plan 1)", "3.70"),
    _offering("N06", "Microsoft 365 E3", "35.70"),
    Offering(
        "CFQ7TTC0TN06",
        "0002",
        "Microsoft 365 E3",
        "Microsoft 365 E3 (no Teams)",
        Decimal("33.20"),
    ),
    _offering("N07", "Microsoft 365 F3", "7.50"),
    _offering("N08", "Microsoft Defender for Business", "2.80"),
    _offering("N09", "Power BI Pro", "9.40"),
    _offering("N10", "Visio Plan 2", "14.00"),
    _offering("N11", "Planner and Project Plan 3", "28.10"),
    _offering("N12", "Microsoft Teams Phone Standard", "7.50", addon=True),
    _offering("N13", "Microsoft 365 Copilot", "28.10", addon=True),
)

# Which SKUs a subscription can be moved up to.
_UPGRADES: Mapping[str, tuple[str, ...]] = {
    "CFQ7TTC0TN01": ("CFQ7TTC0TN02:0001", "CFQ7TTC0TN03:0001"),
    "CFQ7TTC0TN02": ("CFQ7TTC0TN03:0001", "CFQ7TTC0TN06:0001"),
    "CFQ7TTC0TN03": ("CFQ7TTC0TN06:0001",),
    "CFQ7TTC0TN05": ("CFQ7TTC0TN01:0001", "CFQ7TTC0TN02:0001", "CFQ7TTC0TN03:0001"),
    "CFQ7TTC0TN07": ("CFQ7TTC0TN06:0001",),
}

LEGACY_OFFERS = (
    LegacyOffer("6F1D2C3A-0B7E-4D55-9A41-7C2E90B3D118", "OFFICE 365 E1", Decimal("7.50")),
    LegacyOffer(
        "A93B7E40-5C18-4F0A-8E6D-2D4417F0C6B2",
        "EXCHANGE ONLINE (PLAN 2)",
        Decimal("7.50"),
    ),
    LegacyOffer(
        "1E48D0C7-92AF-4B63-B5D4-60FA8C1297E5",
        "PROJECT ONLINE ESSENTIALS",
        Decimal("6.30"),
    ),
)

# How many units of a currency Microsoft would ask for one euro of list price.
_PRICE_LEVEL = {
    "EUR": Decimal(1),
    "USD": Decimal("1.08"),
    "GBP": Decimal("0.86"),
    "NOK": Decimal("11.4"),
    "SEK": Decimal("11.2"),
    "DKK": Decimal("7.45"),
}


@cache
def list_price(offering: Offering, term: Term, currency: str) -> Decimal:
    """Return the price of one seat for one billing period of the term, in the currency."""
    return (offering.price * term.factor * _PRICE_LEVEL[currency]).quantize(CENT)


@cache
def availability_id(offering: Offering, term: Term, country: str) -> str:
    """Return the made-up but stable id of this SKU for this term in this country."""
    rng = source(
        f"{offering.product_id}/{offering.sku_id}/{term.duration}/{term.billing_cycle}/{country}"
    )
    return "CFQ7TTC0" + "".join(rng.choice(_ID_SIGNS) for _ in range(4))


def catalogue() -> Iterator[dict[str, Any]]:
    """Yield every availability of commercial seats of every market."""
    for market in MARKETS:
        for offering in OFFERINGS:
            long = THREE_YEARS if offering.product_id == "CFQ7TTC0TN06" else ()
            for term in (*TERMS, *long):
                own_id = availability_id(offering, term, market.country)
                price = list_price(offering, term, market.currency)
                yield availability(market, offering, term, own_id=own_id, price=price)


def availability(
    market: Market,
    offering: Offering,
    term: Term,
    *,
    own_id: str,
    price: Decimal,
    segment: str = "commercial",
) -> dict[str, Any]:
    """Return the record of a SKU for one term in one market, at a price per billing period."""
    sku_uri = f"/products/{offering.product_id}/skus/{offering.sku_id}"
    sku_id = f"{offering.product_id}:{offering.sku_id}"
    terms = [_term(offering, term) | {"listPrice": str(price)}]
    return {
        "id": own_id,
        "productId": offering.product_id,
        "skuId": offering.sku_id,
        "catalogItemId": f"{sku_id}:{own_id}",
        "defaultCurrency": {"code": market.currency, "symbol": market.symbol},
        "segment": segment,
        "country": market.country,
        "isPurchasable": True,
        "isRenewable": not offering.is_trial,
        "renewalInstructions": [
            {
                "applicableTermIds": [terms[0]["id"]],
                "renewalOptions": [{"renewToId": sku_id, "isAutoRenewable": True}],
            }
        ],
        "terms": terms,
        "product": _product(market, offering),
        "sku": _sku(market, offering),
        "links": {"self": link(f"{sku_uri}/availabilities/{own_id}?country={market.country}")},
    }


def _term(offering: Offering, term: Term) -> dict[str, Any]:
    rng = source(f"term/{offering.product_id}/{term.duration}/{term.billing_cycle}")
    return {
        "id": "".join(rng.choice(_ID_SIGNS) for _ in range(12)).lower(),
        "duration": term.duration,
        "description": term.text,
        "billingCycle": term.billing_cycle.capitalize(),
        "cancellationPolicies": [
            {"refundOptions": [{"sequenceId": 0, "type": "Full", "expiresAfter": "P1D"}]}
        ],
    }


def _product(market: Market, offering: Offering) -> dict[str, Any]:
    uri = f"/products/{offering.product_id}"
    return {
        "id": offering.product_id,
        "title": offering.product_name,
        "description": f"{offering.product_name}, licensed per user.",
        "productType": {"id": "OnlineServicesNCE", "displayName": "OnlineServicesNCE"},
        "isMicrosoftProduct": True,
        "publisherName": "Microsoft Corporation",
        "links": {
            "skus": link(f"{uri}/skus?country={market.country}"),
            "self": link(f"{uri}?country={market.country}"),
        },
    }


def _sku(market: Market, offering: Offering) -> dict[str, Any]:
    uri = f"/products/{offering.product_id}/skus/{offering.sku_id}"
    bases = [f"{base.product_id}:{base.sku_id}" for base in OFFERINGS if not base.is_addon]
    cycles = sorted({term.billing_cycle for term in TERMS})
    return {
        "id": offering.sku_id,
        "productId": offering.product_id,
        "title": offering.sku_name,
        "description": f"{offering.sku_name}, licensed per user.",
        "minimumQuantity": 1,
        "maximumQuantity": offering.most,
        "isTrial": offering.is_trial,
        "supportedBillingCycles": ["none"] if offering.is_trial else cycles,
        "purchasePrerequisites": ["MicrosoftCustomerAgreement"],
        "inventoryVariables": [],
        "provisioningVariables": [],
        "actions": ["Refund"],
        "dynamicAttributes": {
            "isMicrosoftProduct": True,
            "isAddon": offering.is_addon,
            "hasConstraints": offering.is_addon,
            "prerequisiteSkus": bases if offering.is_addon else [],
            "upgradeTargetOffers": list(_UPGRADES.get(offering.product_id, ())),
            "billingType": "license",
        },
        "links": {
            "availabilities": link(f"{uri}/availabilities?country={market.country}"),
            "self": link(f"{uri}?country={market.country}"),
        },
    }


def link(uri: str) -> dict[str, Any]:
    """Return a link as Partner Center writes it."""
    return {"uri": uri, "method": "GET", "headers": []}
