"""Recordings of the catalogue, carts and orders."""

import copy
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from partnercenter.simulator import Simulator
from partnercenter.simulator.fields import without_nulls
from tests.partnercenter.simulator.calls import Caller
from tests.partnercenter.simulator.replay.stage import Stage, customer_in_path
from tests.partnercenter.simulator.sample_worlds import make_customer

Row = dict[str, Any]

_ROOM_FOR_ALL = {"sandbox": False}


def stage_catalogue(stage: Stage) -> None:
    name, body = stage.recording["name"], stage.body
    if stage.request["path"].startswith("/v1/customers/"):
        stage.world["customers"] = [make_customer(1, id=customer_in_path(stage))]
    if isinstance(body, list):
        stage.world["catalog"] = [
            {
                "id": one["skuId"],
                "productId": one["productId"],
                "inventoryRestrictions": one["restrictions"],
            }
            for one in body
        ]
    elif name.startswith("verify-promotion"):
        stage.world["catalog"] = promotions_of(stage)
    elif name == "get-promotion-by-id-1":
        # The page asks for one promotion and shows another.
        stage.world["catalog"] = [body]
        stage.path = f"/v1/productpromotions/{body['id']}?country=US"
    else:
        rows = copy.deepcopy(body.get("items", [body]))
        stage.world["catalog"] = [*rows, *parents(rows)]
    if name == "get-a-list-of-products-by-customer-1":
        # The page's body lists SKUs, and its own `self` link is the route that does. One of them
        # has a null, which rule 11 leaves out.
        stage.recording["response"]["body"] = without_nulls(body)
        customer = customer_in_path(stage)
        stage.path = f"/v1/customers/{customer}/products/all/skus?targetView=MicrosoftAzure"


def parents(rows: list[Row]) -> list[Row]:
    """Return the products and SKUs that a listing of SKUs or availabilities belongs to."""
    found: dict[str, Row] = {}
    for row in rows:
        if "productId" not in row:
            continue
        kind = {"id": "Azure", "displayName": "Azure"}
        product = {"id": row["productId"], "title": row["productId"], "productType": kind}
        found[row["productId"]] = product
        if "skuId" in row:
            sku = {"id": row["skuId"], "productId": row["productId"]}
            found[f"{row['productId']}:{row['skuId']}"] = sku
    return list(found.values())


def promotions_of(stage: Stage) -> list[Row]:
    """Return promotions that answer as recorded: all conditions met, or every one missed."""
    (asked,), (answered,) = stage.request["body"]["items"], stage.body["items"]
    product_id, sku_id, _ = asked["catalogItemId"].split(":")
    rows: list[Row] = []
    for one in answered["eligibilities"]:
        errors = {error["type"]: error for error in one.get("errors", [])}
        terms = errors.get("Term", {}).get("eligibleTerms", [{}])
        seats = errors.get("SeatCount", {})
        rows.append(
            {
                "id": one["promotionId"],
                "requiredProducts": [
                    {"productId": product_id, "skuId": sku_id, "term": term} for term in terms
                ],
                "promotionConstraints": {
                    "seatConstraints": [
                        {
                            "minSeats": seats["minRequiredSeats"],
                            "maxSeats": seats["maxRequiredSeats"],
                        }
                    ]
                    if seats
                    else [],
                    "eligibilityConstraints": [{"type": "FirstPurchase", "isApplicable": True}]
                    if "FirstPurchase" in errors
                    else [],
                },
            }
        )
        if "FirstPurchase" in errors:
            stage.world["subscriptions"] = [held(stage, f"{product_id}:{sku_id}")]
    if len(rows) == 1:
        # The page asks about one promotion and is answered about another.
        asked.pop("promotionId", None)
    return rows


def held(stage: Stage, sku: str) -> Row:
    own_id = "50000000-0000-4000-8000-000000000001"
    uri = f"/customers/{customer_in_path(stage)}/subscriptions/{own_id}"
    return {
        "id": own_id,
        "offerId": f"{sku}:ANY",
        "status": "active",
        "links": {"self": {"uri": uri}},
    }


def stage_carts(stage: Stage) -> None:
    stage.world["customers"] = [make_customer(1, id=customer_in_path(stage))]
    stage.world["partner"] = _ROOM_FOR_ALL
    if stage.request["path"].endswith("/checkout"):
        stage_checkout(stage)
        return
    wanted = [lower(line) for line in stage.request["body"][key_of(stage.request["body"])]]
    answered = stage.body["lineItems"]
    stage.world["catalog"] = [
        sold(line, price=shown.get("pricing", {}).get("listPrice"))
        for line, shown in zip(wanted, answered, strict=True)
    ]
    for line, shown in zip(wanted, answered, strict=True):
        if "promotionId" in shown and "promotionid" not in line:
            stage.world["catalog"].append(automatic_promotion(line, shown["promotionId"]))


def key_of(body: Row) -> str:
    return next(key for key in body if key.lower() == "lineitems")


def lower(line: Row) -> Row:
    return {key.lower(): value for key, value in line.items()}


def automatic_promotion(line: Row, promotion_id: str) -> Row:
    product_id, sku_id, _ = line["catalogitemid"].split(":")
    required = {"productId": product_id, "skuId": sku_id}
    properties = {"isAutoApplicable": True}
    return {"id": promotion_id, "requiredProducts": [required], "properties": properties}


def sold(line: Row, *, price: float | None = None, title: str = "", symbol: str = "$") -> Row:
    """Return the record of the catalogue by which a line can be bought as recorded."""
    catalog_id, cycle = line["catalogitemid"], line["billingcycle"].lower()
    if ":" not in catalog_id:
        kind = {"attributes": {"objectType": "Offer"}, "supportedBillingCycles": [cycle]}
        return {"id": catalog_id, "name": title, **kind}
    product_id, sku_id, own_id = catalog_id.split(":")
    # Ids of seats begin with CFQ, of software with DG7, of everything in Azure with DZH.
    kinds = {"CFQ": "OnlineServicesNCE", "DG7": "Software", "DZH": "SaaS"}
    term = {"duration": line.get("termduration"), "billingCycle": cycle}
    if price is not None:
        term["listPrice"] = str(price)
    return {
        "id": own_id,
        "productId": product_id,
        "skuId": sku_id,
        "catalogItemId": catalog_id,
        "country": "US",
        "segment": "commercial",
        "defaultCurrency": {"code": "USD", "symbol": symbol},
        "terms": [term],
        "product": {
            "id": product_id,
            "title": title,
            "productType": {"id": kinds[product_id[:3]]},
        },
        "sku": {"id": sku_id, "productId": product_id, "title": title},
    }


def stage_checkout(stage: Stage) -> None:
    """Fill a cart with what the recorded orders hold, and check that one out."""
    lines: list[Row] = []
    rows: list[Row] = []
    for order in stage.body["orders"]:
        complete_order(order)
        for one in order["lineItems"]:
            wish = {
                "catalogItemId": one["offerId"],
                "quantity": one["quantity"],
                "billingCycle": order["billingCycle"],
            }
            if "termDuration" in one:
                wish["termDuration"] = one["termDuration"]
            price = one.get("pricing", {}).get("listPrice")
            lines.append(wish)
            symbol = order.get("currencySymbol", "$")
            rows.append(sold(lower(wish), price=price, title=one["friendlyName"], symbol=symbol))
    stage.world["catalog"] = rows
    if any("subscriptionId" not in one for o in stage.body["orders"] for one in o["lineItems"]):
        stage.switches["provisioning_seconds"] = 60

    def fill(simulator: Simulator, caller: Caller, headers: dict[str, str]) -> None:
        path = f"/v1/customers/{customer_in_path(stage)}/carts"
        answer = caller.post(path, {"lineItems": lines})
        stage.path = f"{path}/{answer.json()['id']}/checkout"

    stage.prepare = fill


def complete_order(order: Row) -> None:
    """Write out what the first of the two pages shortened to `{}` and the second shows whole."""
    link = {"uri": "", "method": "GET", "headers": []}
    if order["links"]:
        return
    legacy = ":" not in order["lineItems"][0]["offerId"]
    names = ("self",) if legacy else ("self", "provisioningStatus", "patchOperation")
    order["links"] = dict.fromkeys(names, link)
    order["attributes"] = {"objectType": "Order"} | ({"etag": ""} if legacy else {})
    if not legacy:
        order["client"] = {}
    for one in order["lineItems"]:
        names = ("subscription",) if legacy else ("product", "sku", "availability")
        one["links"] = dict.fromkeys(names, link)


def stage_orders(stage: Stage) -> None:
    customer = customer_in_path(stage)
    stage.world["customers"] = [make_customer(1, id=customer)]
    method, body = stage.request["method"], stage.request["body"]
    for header in ("MS-RequestId", "MS-CorrelationId"):
        # Some pages show the ids in the answer alone, which only echoes those of the request.
        if header in stage.recording["response"]["headers"]:
            own = stage.recording["response"]["headers"][header]
            stage.request["headers"].setdefault(header, own)
    if stage.request["path"].endswith("/attachment"):
        stage_papers(stage, customer)
    elif method == "GET":
        stage.world["orders"] = copy.deepcopy(stage.body.get("items", [stage.body]))
    elif method == "POST":
        (line,) = (lower(one) for one in body[key_of(body)])
        cycle = stage.body["billingCycle"]
        wish = {"catalogitemid": line["offerid"], "billingcycle": cycle}
        stage.world["catalog"] = [sold(wish, title=line["friendlyname"])]
        mpn_id = line.get("partneridonrecord")
        stage.world["indirect_resellers"] = [{"id": "reseller", "mpnId": mpn_id or "1"}]
    else:
        stage_change(stage)


def stage_change(stage: Stage) -> None:
    """Set up the order as it was before a recorded change of it."""
    before = copy.deepcopy(stage.body)
    wanted = {key.lower(): value for key, value in stage.request["body"].items()}
    (line,) = (lower(one) for one in wanted["lineitems"])
    if wanted.get("status") == "cancelled":
        before["creationDate"] = datetime(2026, 11, 20, tzinfo=UTC).isoformat()
        for one in before["lineItems"]:
            one["quantity"] = 1
    elif "billingcycle" in wanted:
        before["billingCycle"] = "monthly"
    else:
        base = before["lineItems"][0]
        before["lineItems"] = [base]
        addon = {"isAddOn": True, "prerequisiteOffers": [base["offerId"]]}
        stage.world["catalog"] = [{"id": line["offerid"], "name": "Add-on", **addon}]
    stage.world["orders"] = [before]


def stage_papers(stage: Stage, customer: str) -> None:
    order_id = stage.request["path"].split("/")[5]
    stage.world["orders"] = [{"id": order_id, "referenceCustomerId": customer, "lineItems": []}]
    kind = stage.request["headers"]["Content-Type"]
    boundary = kind.partition("boundary=")[2].encode()
    parts = [b'--%s\r\nContent-Disposition: form-data; name="Metadata"\r\n\r\n{}\r\n' % boundary]
    for one in stage.body["items"]:
        field = b"POFiles" if one["attachmentType"] == "POAttachment" else b"TenderFiles"
        head = b'Content-Disposition: form-data; name="%s"; filename="%s"' % (
            field,
            one["fileName"].encode(),
        )
        parts.append(b"--%s\r\n%s\r\n\r\n" % (boundary, head))
        parts.append(b"x" * (one["sizeInKB"] * 1024) + b"\r\n")
    stage.request["body"] = b"".join([*parts, b"--%s--\r\n" % boundary])


STAGES: dict[str, Callable[[Stage], None]] = {
    "catalog": stage_catalogue,
    "carts": stage_carts,
    "orders": stage_orders,
}
DIFFERENCES: dict[str, dict[str, str]] = {
    # These two pages left out the collection's own link, which the others of the route have.
    "get-a-list-of-availabilities-for-a-sku-2": {"links": "+"},
    "get-a-list-of-availabilities-for-a-sku-by-customer-2": {"links": "+"},
}
