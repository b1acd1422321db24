"""Products, SKUs and availabilities: for a country that is asked for, or for a customer's own."""

from typing import Any

from partnercenter.simulator.buying import country_of
from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import fold, without_nulls
from partnercenter.simulator.paging import collection
from partnercenter.simulator.routes.customers import find_customer
from partnercenter.simulator.routing import Route
from partnercenter.simulator.shelf import Item, Shelf, shelf_of, shown_item, shown_sku
from partnercenter.simulator.site import Call
from partnercenter.simulator.wire import Response

_VIEWS = (
    "Azure",
    "AzureReservations",
    "AzureReservationsVM",
    "MicrosoftAzure",
    "OnlineServices",
    "Software",
    "SoftwareSUSELinux",
    "MarketplaceSaaS",
)
SEGMENTS = ("commercial", "education", "government", "nonprofit")
_ALL = "all"


def list_products(call: Call) -> Response:
    """Answer the products of a view. Raises Problem for a missing or forbidden view or segment."""
    shelf, segment = _shelf(call), _segment(call)
    view = _view(call)
    items = [
        without_nulls(product)
        for product in shelf.products(segment=segment)
        if in_view(product, view)
    ]
    return _listed(call, items)


def get_product(call: Call) -> Response:
    """Answer one product."""
    return Response(body=without_nulls(_shelf(call).product(call.params["product"])))


def list_skus(call: Call) -> Response:
    """Answer the SKUs of a product; of all products of a view when the product is `all`."""
    shelf, segment, product_id = _shelf(call), _segment(call), call.params["product"]
    if product_id.lower() != _ALL:
        return _listed(call, [_sku(sku) for sku in shelf.skus(product_id, segment=segment)])
    view = _view(call)
    products = [one for one in shelf.products(segment=segment) if in_view(one, view)]
    skus = [sku for one in products for sku in shelf.skus(one["id"], segment=segment)]
    return _listed(call, [_sku(sku) for sku in skus])


def get_sku(call: Call) -> Response:
    """Answer one SKU."""
    return Response(body=_sku(_shelf(call).sku(call.params["product"], call.params["sku"])))


def list_availabilities(call: Call) -> Response:
    """Answer what can be ordered of a SKU, one availability for each term and billing cycle."""
    params = call.params
    items = _shelf(call).items(params["product"], params["sku"], segment=_segment(call))
    return _listed(call, [_availability(call, item) for item in items])


def get_availability(call: Call) -> Response:
    """Answer one availability.

    One that cannot be bought is answered with status 200 and the error 400072 in its body, as on
    the live service.
    """
    params = call.params
    item = _shelf(call).find(f"{params['product']}:{params['sku']}:{params['availability']}")
    if item.availability.get("isPurchasable") is False:
        return Response(body=Problem(200, 400072, "The item is not available.").envelope())
    return Response(body=_availability(call, item))


def read_country(call: Call) -> str:
    """Return the country asked for. Raises Problem 400/800070 without one or for no country."""
    country = call.request.query.get("country", "").strip()
    if len(country) != 2 or not country.isalpha():
        raise Problem(400, 800070, "country must be a two-letter code.")
    return country.upper()


def in_view(product: dict[str, Any], view: str) -> bool:
    """Tell whether a view shows a product; the views follow the product's type and sub-type."""
    kind = product.get("productType") or {}
    own = fold(kind.get("id") or "")
    sub = fold((kind.get("subType") or {}).get("id") or "")
    tests = {
        "Azure": own == "azure",
        "AzureReservations": own == "azure" and sub not in ("", "azure"),
        "AzureReservationsVM": own == "azure" and sub == "virtualmachines",
        "MicrosoftAzure": own == "azure" and sub in ("", "azure"),
        "OnlineServices": own.startswith("onlineservices"),
        "Software": own == "software" and sub != "suselinux",
        "SoftwareSUSELinux": own == "software" and sub == "suselinux",
        "MarketplaceSaaS": own in ("saas", "marketplacesaas"),
    }
    return tests[view]


def _shelf(call: Call) -> Shelf:
    if "customer" in call.params:
        return shelf_of(call.site, country_of(call, find_customer(call)))
    return shelf_of(call.site, read_country(call))


def _view(call: Call) -> str:
    asked = call.request.query.get("targetview", "")
    if not asked:
        raise Problem(400, 800002, "targetView is required.")
    refused = call.site.switches.refused_views.split(",")
    view = next((one for one in _VIEWS if fold(one) == fold(asked)), None)
    if view is None or fold(view) in (fold(one) for one in refused):
        raise Problem(403, 400036, f"The view {asked!r} is not open to this partner.")
    return view


def _segment(call: Call) -> str:
    asked = call.request.query.get("targetsegment", "")
    refused = call.site.switches.refused_segments.split(",")
    if asked and (
        fold(asked) not in SEGMENTS or fold(asked) in (fold(one) for one in refused if one)
    ):
        raise Problem(403, 400030, f"The segment {asked!r} is not open to this partner.")
    return asked


def _listed(call: Call, items: list[dict[str, Any]]) -> Response:
    path = call.request.path.partition("/v1")[2].removeprefix(".0")
    uri = f"{path}?{call.request.raw_query}".rstrip("?")
    return Response(body=collection(items, {"self": call.link(uri)}))


def _sku(sku: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = without_nulls(shown_sku(sku))
    return shown


def _availability(call: Call, item: Item) -> dict[str, Any]:
    shown: dict[str, Any] = without_nulls(shown_item(item))
    if call.request.query.get("includelifecyclestate", "").lower() != "true":
        shown.pop("lifeCycleState", None)
    return shown


def _rooms(prefix: str) -> list[Route]:
    sku = f"{prefix}/products/{{product}}/skus/{{sku}}"
    return [
        Route("GET", f"{prefix}/products", list_products),
        Route("GET", f"{prefix}/products/{{product}}", get_product),
        Route("GET", f"{prefix}/products/{{product}}/skus", list_skus),
        Route("GET", sku, get_sku),
        Route("GET", f"{sku}/availabilities", list_availabilities),
        Route("GET", f"{sku}/availabilities/{{availability}}", get_availability),
    ]


ROUTES = [*_rooms(""), *_rooms("/customers/{customer}")]
