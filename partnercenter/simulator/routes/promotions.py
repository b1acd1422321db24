"""Promotions, and whether a customer's purchases would get them."""

from typing import Any

from partnercenter.simulator.buying import Buyer, buyer_of
from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import fold, read_object, without_nulls
from partnercenter.simulator.paging import collection
from partnercenter.simulator.promotions import Wish, concerns, errors_of
from partnercenter.simulator.routes.catalogue import SEGMENTS, read_country
from partnercenter.simulator.routes.customers import find_customer
from partnercenter.simulator.routing import Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.wire import Response

Row = dict[str, Any]

# What the world says of a promotion and the service does not show.
_WORLD_ONLY = ("country", "segment")


def list_promotions(call: Call) -> Response:
    """Answer the promotions of a country and segment; both have to be asked for."""
    country, segment = read_country(call), call.request.query.get("segment", "")
    if not segment:
        raise Problem(400, 800002, "segment is required.")
    if fold(segment) not in SEGMENTS:
        raise Problem(403, 400030, f"The segment {segment!r} is not open to this partner.")
    items = [
        _shown(one)
        for one in call.site.catalogue.promotions()
        if _fits(one, country=country, segment=segment)
    ]
    uri = f"/productpromotions?{call.request.raw_query}"
    return Response(body=collection(items, {"self": call.link(uri)}))


def get_promotion(call: Call) -> Response:
    """Answer one promotion. Raises Problem 404/1000 for one that this country does not have."""
    promotion = call.site.catalogue.promotion(call.params["promotion"])
    if promotion is None or not _fits(promotion, country=read_country(call), segment=""):
        raise Problem(404, 1000, f"Promotion {call.params['promotion']} was not found.")
    return Response(body=_shown(promotion))


def verify_eligibilities(call: Call) -> Response:
    """Answer, for each purchase asked about, which promotions it would get and why not others."""
    customer = find_customer(call)
    buyer = buyer_of(call, customer)
    items = read_object(call.request.json()).get("items")
    if not isinstance(items, list) or not items or not all(isinstance(i, dict) for i in items):
        raise Problem(400, 800002, "items must be a list of objects that is not empty.")
    return Response(body=collection([_answer(buyer, item) for item in items]))


def _answer(buyer: Buyer, item: Row) -> Row:
    catalog_id, quantity = str(item.get("catalogItemId") or ""), item.get("quantity")
    if not catalog_id or not isinstance(quantity, int):
        raise Problem(400, 800002, "Every item needs a catalogItemId and a quantity.")
    wish = Wish(
        sku_id=":".join(catalog_id.split(":")[:2]),
        duration=str(item.get("termDuration") or ""),
        billing_cycle=str(item.get("billingCycle") or ""),
        quantity=quantity,
        owned=buyer.owned,
        now=buyer.now,
    )
    asked = str(item.get("promotionId") or "").strip()
    found = [
        one
        for one in buyer.call.site.catalogue.promotions()
        if concerns(one, wish) and (not asked or fold(one["id"]) == fold(asked))
    ]
    number = str(item.get("id", ""))
    echoed = {
        "id": int(number) if number.isdigit() else None,
        "catalogItemId": catalog_id,
        "quantity": quantity,
        "billingCycle": item.get("billingCycle"),
        "termDuration": item.get("termDuration"),
    }
    return without_nulls(echoed) | {
        "eligibilities": [_eligibility(one, wish) for one in found],
        "attributes": {"objectType": "PromotionEligibilities"},
    }


def _eligibility(promotion: Row, wish: Wish) -> Row:
    errors = errors_of(promotion, wish)
    shown: Row = {"promotionId": promotion["id"], "isEligible": not errors}
    return shown | {"errors": errors} if errors else shown


def _fits(promotion: Row, *, country: str, segment: str) -> bool:
    own_country, own_segment = promotion.get("country"), promotion.get("segment")
    return (own_country is None or fold(own_country) == fold(country)) and (
        not segment or own_segment is None or fold(own_segment) == fold(segment)
    )


def _shown(promotion: Row) -> Row:
    return {key: value for key, value in without_nulls(promotion).items() if key not in _WORLD_ONLY}


ROUTES = [
    Route("GET", "/productpromotions", list_promotions),
    Route("GET", "/productpromotions/{promotion}", get_promotion),
    Route("POST", "/customers/{customer}/promotionEligibilities", verify_eligibilities),
]
