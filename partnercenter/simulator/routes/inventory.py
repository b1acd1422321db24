"""Whether items are in stock for a customer, as a bare array; only reservations ever are not."""

from typing import Any

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import read_object
from partnercenter.simulator.routes.catalogue import read_country
from partnercenter.simulator.routing import Route
from partnercenter.simulator.shelf import shelf_of
from partnercenter.simulator.site import Call
from partnercenter.simulator.wire import Response


def check_inventory(call: Call) -> Response:
    """Answer the restrictions of every SKU asked for, or of all SKUs of a product.

    Raises Problem 400 without target items and 404 for an unknown product or SKU.
    """
    shelf = shelf_of(call.site, read_country(call))
    wanted = read_object(call.request.json()).get("targetItems")
    if not isinstance(wanted, list) or not all(isinstance(one, dict) for one in wanted):
        raise Problem(400, 800002, "TargetItems must be a list of objects.")
    if not wanted:
        raise Problem(400, 800002, "TargetItems is empty.")
    stock: list[dict[str, Any]] = []
    for item in wanted:
        product_id, sku_id = str(item.get("productId") or ""), str(item.get("skuId") or "")
        skus = [shelf.sku(product_id, sku_id)] if sku_id else shelf.skus(product_id)
        stock += [_stock(product_id, sku) for sku in skus]
    return Response(body=stock)


def _stock(product_id: str, sku: dict[str, Any]) -> dict[str, Any]:
    restrictions = list(sku.get("inventoryRestrictions") or ())
    return {
        "productId": product_id,
        "skuId": sku["id"],
        "isRestricted": bool(restrictions),
        "restrictions": restrictions,
    }


ROUTES = [Route("POST", "/extensions/product/checkInventory", check_inventory)]
