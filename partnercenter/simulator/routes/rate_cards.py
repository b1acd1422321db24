"""Rate cards of Azure: what a unit of each meter costs in a currency.

A world may name its meters, with rates in US dollars as in a card for customers' own services; a
world without has the few below. Rates of the partner's card are the shared-services ones less the
partner's 15 per cent, the difference the recorded cards show.
"""

from decimal import Decimal

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.paging import Row
from partnercenter.simulator.routing import Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.usage_figures import exact, partner_currency
from partnercenter.simulator.wire import Response
from partnercenter.simulator.worlds.billing_months import exchange_rate
from partnercenter.simulator.worlds.markets import MARKET_OF

_PARTNERS_SHARE = Decimal("0.85")
_STEP = Decimal("0.0000001")
_METERS: tuple[tuple[str, str, str, str, str, str], ...] = (
    (
        "1f0c6c4a-2f0e-4d0b-9b53-0d6d1f3a5c01",
        "Virtual Machines",
        "Small",
        "EU West",
        "Hours",
        "0.07",
    ),
    (
        "1f0c6c4a-2f0e-4d0b-9b53-0d6d1f3a5c02",
        "Virtual Machines",
        "Large",
        "EU West",
        "Hours",
        "0.28",
    ),
    ("1f0c6c4a-2f0e-4d0b-9b53-0d6d1f3a5c03", "Storage", "Block Blob", "EU West", "GB", "0.0196"),
    ("1f0c6c4a-2f0e-4d0b-9b53-0d6d1f3a5c04", "Storage", "Managed Disk", "US East", "Units", "1.54"),
    ("1f0c6c4a-2f0e-4d0b-9b53-0d6d1f3a5c05", "Networking", "Data Out", "Zone 1", "GB", "0.087"),
    ("1f0c6c4a-2f0e-4d0b-9b53-0d6d1f3a5c06", "Data Services", "Small", "EU North", "Days", "0.48"),
)


def get_card(call: Call) -> Response:
    """Answer the rates the partner pays."""
    return _card(call, _PARTNERS_SHARE)


def get_shared_card(call: Call) -> Response:
    """Answer the rates for the partner's shared services."""
    return _card(call, Decimal(1))


def _card(call: Call, share: Decimal) -> Response:
    query, partner = call.request.query, call.site.world.partner
    region = (query.get("region") or partner.country).upper()
    currency = (query.get("currency") or partner_currency(call)).upper()
    if len(region) != 2 or len(currency) != 3:
        raise Problem(400, 800002, "region is a country of two letters, currency has three.")
    rate = exchange_rate("USD", currency) * share
    world = list(call.site.world.collection("meters"))
    meters = [_priced(meter, rate) for meter in world or map(_meter, _METERS)]
    market = MARKET_OF.get(region)
    body = {
        "locale": market.culture if market else "en-US",
        "currency": currency,
        "isTaxIncluded": False,
        "meters": meters,
    }
    return Response(body=body)


def _priced(meter: Row, rate: Decimal) -> Row:
    rates = meter.get("rates") or {}
    priced = {step: (exact(price) * rate).quantize(_STEP) for step, price in rates.items()}
    return meter | {"rates": priced}


def _meter(facts: tuple[str, str, str, str, str, str]) -> Row:
    identity, category, subcategory, region, unit, price = facts
    return {
        "id": identity,
        "name": f"{subcategory} {unit}",
        "rates": {"0": price},
        "tags": [],
        "category": category,
        "subcategory": subcategory,
        "region": region,
        "unit": unit,
        "includedQuantity": 0,
        "effectiveDate": "2026-01-01T00:00:00Z",
    }


ROUTES = [
    Route("GET", "/ratecards/azure", get_card),
    Route("GET", "/ratecards/azure-shared", get_shared_card),
]
