"""Legacy offers, from before new commerce: they are ordered by a GUID of their own."""

from typing import Any

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import fold, read_count, without_nulls
from partnercenter.simulator.paging import collection
from partnercenter.simulator.routes.catalogue import read_country
from partnercenter.simulator.routing import Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.wire import Response

Row = dict[str, Any]


def list_offers(call: Call) -> Response:
    """Answer the offers of a country, `size` of them from the zero-based `offset`."""
    country = read_country(call)
    offers = [_shown(call, offer, country) for offer in _sold_in(call, country)]
    return Response(body=collection(_page(call, offers), {"self": call.link(_own_uri(call))}))


def get_offer(call: Call) -> Response:
    """Answer one offer. Raises Problem 404/1000 for an unknown one."""
    country = read_country(call)
    return Response(body=_shown(call, _find(call, country), country))


def list_addons(call: Call) -> Response:
    """Answer the add-ons of an offer: those that name it as what they build on."""
    country = read_country(call)
    base = fold(_find(call, country)["id"])
    addons = [
        _shown(call, offer, country)
        for offer in _sold_in(call, country)
        if offer.get("isAddOn") and base in (fold(one) for one in _bases(offer))
    ]
    return Response(body=collection(_page(call, addons), {"self": call.link(_own_uri(call))}))


def list_categories(call: Call) -> Response:
    """Answer the categories of the offers of a country, by rank."""
    country = read_country(call)
    found: dict[str, Row] = {}
    for offer in _sold_in(call, country):
        category = _shown(call, offer, country).get("category") or {}
        if category.get("id"):
            found.setdefault(str(category["id"]), category)
    items = sorted(found.values(), key=lambda one: int(one.get("rank") or 0))
    return Response(body=collection(items, {"self": call.link(_own_uri(call))}))


def _sold_in(call: Call, country: str) -> list[Row]:
    return [
        offer
        for offer in call.site.catalogue.offers()
        if fold(offer.get("country") or country) == fold(country)
    ]


def _find(call: Call, country: str) -> Row:
    offer = call.site.catalogue.offer(call.params["offer"])
    if offer is None or fold(offer.get("country") or country) != fold(country):
        raise Problem(404, 1000, f"Offer {call.params['offer']} was not found in {country}.")
    return offer


def _shown(call: Call, offer: Row, country: str) -> Row:
    # The world holds an offer once; country and language are those of the question.
    place = {"country": country, "locale": call.request.headers.get("x-locale", "en-US")}
    shown: Row = without_nulls(offer)
    shown = {key: value for key, value in (place | shown).items() if key != "listPrice"}
    if isinstance(shown.get("category"), dict):
        shown["category"] = place | shown["category"]
    return shown


def _bases(offer: Row) -> list[Any]:
    return list(offer.get("prerequisiteOffers") or ())


def _page(call: Call, offers: list[Row]) -> list[Row]:
    query = call.request.query
    offset = read_count(query.get("offset"), name="offset", default=0)
    size = read_count(query.get("size"), name="size", default=0)
    return offers[offset : offset + size] if size else offers[offset:]


def _own_uri(call: Call) -> str:
    path = call.request.path.partition("/v1")[2].removeprefix(".0")
    return f"{path}?{call.request.raw_query}".rstrip("?")


ROUTES = [
    Route("GET", "/offers", list_offers),
    Route("GET", "/offers/{offer}", get_offer),
    Route("GET", "/offers/{offer}/addons", list_addons),
    Route("GET", "/offercategories", list_categories),
]
