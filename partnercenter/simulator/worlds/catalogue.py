"""A small new-commerce catalogue: what can be bought, for which term, at which list price.

A record of catalog.jsonl is an availability, the thing a cart orders, with its product and SKU
inside it (Partner Center's availabilities have these two keys). Product and SKU lists follow from
it. Ids have Microsoft's shape and are made up; prices are near real ones and are not Microsoft's.
"""

from __future__ import annotations

from collections.abc import Iterator
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


@dataclass(frozen=True, slots=True)
class Offering:
    """A SKU with its price in euro per seat and month under a yearly commitment."""

    product_id: str
    sku_id: str
    product_name: str
    sku_name: str
    price: Decimal
    is_addon: bool = False


@dataclass(frozen=True, slots=True)
class LegacyOffer:
    """An offer of the time before new commerce; its invoice rows are of the older kind."""

    id: str
    name: str
    price: Decimal


def _offering(number: str, name: str, price: str, *, addon: bool = False) -> Offering:
    return Offering(f"CFQ7TTC0T{number}", "0001", name, name, Decimal(price), addon)


OFFERINGS = (
    _offering("N01", "Microsoft 365 Business Basic", "5.60"),
    _offering("N02", "Microsoft 365 Business Standard", "11.70"),
    _offering("N03", "Microsoft 365 Business Premium", "20.60"),
    _offering("N04", "Microsoft 365 Apps for business", "9.80"),
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
    """Yield every availability of every market."""
    for market in MARKETS:
        for offering in OFFERINGS:
            yield from _availabilities(market, offering)


def _availabilities(market: Market, offering: Offering) -> Iterator[dict[str, Any]]:
    sku_uri = f"/products/{offering.product_id}/skus/{offering.sku_id}"
    for term in TERMS:
        own_id = availability_id(offering, term, market.country)
        yield {
            "id": own_id,
            "productId": offering.product_id,
            "skuId": offering.sku_id,
            "catalogItemId": f"{offering.product_id}:{offering.sku_id}:{own_id}",
            "defaultCurrency": {"code": market.currency, "symbol": market.symbol},
            "segment": "commercial",
            "country": market.country,
            "isPurchasable": True,
            "isRenewable": True,
            "terms": [_term(offering, term)],
            "product": _product(market, offering),
            "sku": _sku(market, offering),
            "links": {"self": _link(f"{sku_uri}/availabilities/{own_id}?country={market.country}")},
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
            "skus": _link(f"{uri}/skus?country={market.country}"),
            "self": _link(f"{uri}?country={market.country}"),
        },
    }


def _sku(market: Market, offering: Offering) -> dict[str, Any]:
    uri = f"/products/{offering.product_id}/skus/{offering.sku_id}"
    bases = [f"{base.product_id}:{base.sku_id}" for base in OFFERINGS if not base.is_addon]
    return {
        "id": offering.sku_id,
        "productId": offering.product_id,
        "title": offering.sku_name,
        "description": f"{offering.sku_name}, licensed per user.",
        "minimumQuantity": 1,
        "maximumQuantity": 10000000,
        "isTrial": False,
        "supportedBillingCycles": sorted({term.billing_cycle for term in TERMS}),
        "dynamicAttributes": {
            "isAddon": offering.is_addon,
            "hasConstraints": offering.is_addon,
            "prerequisiteSkus": bases if offering.is_addon else [],
            "billingType": "license",
        },
        "links": {
            "availabilities": _link(f"{uri}/availabilities?country={market.country}"),
            "self": _link(f"{uri}?country={market.country}"),
        },
    }


def _link(uri: str) -> dict[str, Any]:
    return {"uri": uri, "method": "GET", "headers": []}
