"""Recordings of the catalogue, promotions and offers."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from partnercenter import errors
from partnercenter.client import PartnerCenter
from partnercenter.resources.catalogue import Shelf
from partnercenter.schemas.promotions import WantedItem
from tests.partnercenter.recorded_calls.calling import Routes

AREAS = ("catalog",)

REFUSED: dict[str, type[errors.PartnerCenterError]] = {
    # Its author put another promotion's id into the answer than was asked for.
    "get-promotion-by-id-1": errors.MixedUpAnswer,
}

_SHELF = r"GET /v1(?:/customers/(?P<customer>[^/]+))?/products"
_SKU = r"/(?P<product>[^/]+)/skus/(?P<sku>[^/]+)"


def _query(request: dict[str, Any]) -> dict[str, str]:
    query = parse_qs(urlsplit(request["path"]).query)
    return {name: values[0] for name, values in query.items()}


def _shelf(client: PartnerCenter, request: dict[str, Any], match: "re.Match[str]") -> Shelf:
    if match["customer"]:
        return client.catalogue.for_customer(match["customer"])
    return client.catalogue.in_country(_query(request)["country"])


def _stock(client: PartnerCenter, request: dict[str, Any], match: Any) -> Any:
    body = request["body"]
    return client.catalogue.stock(
        _query(request)["country"],
        [(item["ProductId"], item.get("SkuId", "")) for item in body["TargetItems"]],
        customer_id=body["InventoryContext"]["customerId"],
    )


def _eligibilities(client: PartnerCenter, request: dict[str, Any], match: Any) -> Any:
    items = [
        WantedItem(
            item["catalogItemId"], item["quantity"], item["termDuration"], item["billingCycle"]
        )
        for item in request["body"]["items"]
    ]
    return client.promotions.eligibilities(match["customer"], items)


ROUTES: Routes = [
    (
        _SHELF,
        lambda client, request, match: _shelf(client, request, match).products(
            _query(request)["targetView"]
        ),
    ),
    (
        _SHELF + r"/(?P<product>[^/]+)",
        lambda client, request, match: _shelf(client, request, match).product(match["product"]),
    ),
    (
        _SHELF + r"/(?P<product>[^/]+)/skus",
        lambda client, request, match: _shelf(client, request, match).skus(match["product"]),
    ),
    (
        _SHELF + _SKU,
        lambda client, request, match: _shelf(client, request, match).sku(
            match["product"], match["sku"]
        ),
    ),
    (
        _SHELF + _SKU + "/availabilities",
        lambda client, request, match: _shelf(client, request, match).availabilities(
            match["product"], match["sku"]
        ),
    ),
    (
        _SHELF + _SKU + r"/availabilities/(?P<availability>[^/]+)",
        lambda client, request, match: _shelf(client, request, match).availability(
            match["product"], match["sku"], match["availability"]
        ),
    ),
    (r"(?i:POST /v1/extensions/product/checkinventory)", _stock),
    (
        r"GET /v1/productpromotions/(?P<id>.+)",
        lambda client, _, match: client.promotions.get(match["id"], "US"),
    ),
    (r"POST /v1/customers/(?P<customer>[^/]+)/promotionEligibilities", _eligibilities),
    # One page: the next one, asked for by offset, would be this recording again.
    (r"GET /v1/offers", lambda client, _, match: next(client.offers.pages("US"))),
    (
        r"GET /v1/offers/(?P<id>[^/]+)",
        lambda client, _, match: client.offers.get(match["id"], "US"),
    ),
]
