"""A small catalogue written by tests: seats, an add-on, a trial, a plan, software and offers."""

from typing import Any

from partnercenter.simulator import Simulator
from tests.partnercenter.simulator.calls import Answer, Caller
from tests.partnercenter.simulator.sample_worlds import customer_id

Row = dict[str, Any]

SEATS = "CFQ7TTC0LH18:0001"
SUITE = "CFQ7TTC0LF8Q:0001"
ADDON = "CFQ7TTC0HDJX:0001"
TRIAL = "CFQ7TTC0LH18:0003"
PLAN = "DZH318Z0BPS6:0001"
SOFTWARE = "DG7GMGF0DWM3:0002"
SCHOOL = "CFQ7TTC0LH22:0001"
OFFER = "031C9E47-4802-4248-838E-778FB1D2CC05"
OFFER_ADDON = "C94271D8-B431-4A25-A3C5-A57737A1C909"
PROMOTION = "39NFJQT1SNC7:0001:39NFJQT1Q5KM"

MONTHLY = ("P1M", "Monthly", "12.00")
YEARLY = ("P1Y", "Monthly", "10.00")
YEARLY_AT_ONCE = ("P1Y", "Annual", "120.00")


def item_id(sku: str, term: tuple[str, str, str] = MONTHLY) -> str:
    """Return the catalogue item id of a SKU for a term, as the world has it at first."""
    return f"{sku}:CFQ7TTC0{term[0][1:]}{term[1][:2].upper()}"


def item(
    sku: str,
    term: tuple[str, str, str] = MONTHLY,
    *,
    title: str = "Basic",
    kind: str = "OnlineServicesNCE",
    sub_kind: str = "",
    sku_changes: Row | None = None,
    **changes: Any,
) -> Row:
    """Return an availability of one term with its product and SKU."""
    product_id, sku_id = sku.split(":")
    whole_id = item_id(sku, term)
    product_type: Row = {"id": kind, "displayName": kind}
    if sub_kind:
        product_type["subType"] = {"id": sub_kind, "displayName": sub_kind}
    uri = f"/products/{product_id}/skus/{sku_id}"
    own_id = whole_id.rpartition(":")[2]
    return {
        "id": own_id,
        "productId": product_id,
        "skuId": sku_id,
        "catalogItemId": whole_id,
        "defaultCurrency": {"code": "USD", "symbol": "$"},
        "segment": "commercial",
        "country": "US",
        "isPurchasable": True,
        "isRenewable": True,
        "terms": [
            {
                "duration": term[0],
                "description": f"{term[0]} {term[1]}",
                "billingCycle": term[1],
                "listPrice": term[2],
            }
        ],
        "product": {
            "id": product_id,
            "title": title,
            "productType": product_type,
            "links": {"self": link(f"/products/{product_id}?country=US")},
        },
        "sku": {
            "id": sku_id,
            "productId": product_id,
            "title": title,
            "minimumQuantity": 1,
            "maximumQuantity": 300,
            "isTrial": False,
            "supportedBillingCycles": ["annual", "monthly"],
            "dynamicAttributes": {"isAddon": False, "prerequisiteSkus": []},
            **(sku_changes or {}),
        },
        "links": {"self": link(f"{uri}/availabilities/{own_id}?country=US")},
        **changes,
    }


def link(uri: str) -> Row:
    """Return a link as the service writes it."""
    return {"uri": uri, "method": "GET", "headers": []}


def offer(offer_id: str, **changes: Any) -> Row:
    """Return a legacy offer."""
    return {
        "id": offer_id,
        "name": "Legacy",
        "minimumQuantity": 1,
        "maximumQuantity": 300,
        "isAddOn": False,
        "billing": "license",
        "supportedBillingCycles": ["annual", "monthly"],
        "unitType": "Licenses",
        "prerequisiteOffers": [],
        "attributes": {"objectType": "Offer"},
        **changes,
    }


def catalogue() -> list[Row]:
    """Return the whole sample catalogue."""
    addon = {"dynamicAttributes": {"isAddon": True, "prerequisiteSkus": [SEATS, SUITE]}}
    trial = {"isTrial": True, "maximumQuantity": 25, "supportedBillingCycles": ["none"]}
    plan = {"maximumQuantity": 1, "supportedBillingCycles": ["one_time"]}
    software = item(
        SOFTWARE,
        ("", "OneTime", "900.00"),
        title="Server",
        kind="Software",
        sku_changes={"supportedBillingCycles": ["one_time"]},
    )
    software["terms"] = [{"billingCycle": "OneTime", "listPrice": "900.00"}]
    azure = item(
        PLAN,
        ("", "OneTime", "0"),
        title="Azure plan",
        kind="Azure",
        sub_kind="Azure",
        sku_changes=plan,
    )
    del azure["terms"]
    return [
        item(SEATS, MONTHLY),
        item(SEATS, YEARLY),
        item(SEATS, YEARLY_AT_ONCE),
        item(SUITE, MONTHLY, title="Suite"),
        item(ADDON, MONTHLY, title="Add-on", sku_changes=addon),
        item(TRIAL, ("P1M", "None", "0.00"), title="Basic trial", sku_changes=trial),
        item(SCHOOL, MONTHLY, title="School", segment="education"),
        azure,
        software,
        offer(OFFER, hasAddOns=True),
        offer(OFFER_ADDON, name="Legacy add-on", isAddOn=True, prerequisiteOffers=[OFFER]),
    ]


def promotion(**changes: Any) -> Row:
    """Return a promotion of half the price for ten seats and more of SEATS paid at once."""
    product_id, sku_id = SEATS.split(":")
    return {
        "id": PROMOTION,
        "name": "Half price",
        "startDate": "2026-01-01T00:00:00+00:00",
        "endDate": "2027-01-01T00:00:00+00:00",
        "properties": {"isAutoApplicable": False},
        "requiredProducts": [
            {
                "productId": product_id,
                "skuId": sku_id,
                "term": {"duration": "P1Y", "billingCycle": "Annual"},
                "pricingPolicies": [{"policyType": "PercentDiscount", "value": "0.5"}],
            }
        ],
        "promotionConstraints": {"seatConstraints": [{"minSeats": 10, "maxSeats": 100}]},
        **changes,
    }


def line(sku: str = SEATS, term: tuple[str, str, str] = MONTHLY, **changes: Any) -> Row:
    """Return a line of a cart for one seat."""
    wanted: Row = {"catalogItemId": item_id(sku, term), "quantity": 1}
    if term[0]:
        wanted["termDuration"] = term[0]
    return wanted | {"billingCycle": term[1].lower()} | changes


def carts_of(number: int = 1) -> str:
    """Return where the carts of the n-th sample customer are."""
    return f"/v1/customers/{customer_id(number)}/carts"


def orders_of(number: int = 1) -> str:
    """Return where the orders of the n-th sample customer are."""
    return f"/v1/customers/{customer_id(number)}/orders"


def new_cart(caller: Caller, *lines: Row, number: int = 1) -> Row:
    """Create a cart and return it."""
    answer = caller.post(carts_of(number), {"lineItems": list(lines)})
    assert answer.status == 201, answer.body
    cart: Row = answer.json()
    return cart


def check_out(caller: Caller, cart: Row, *, number: int = 1) -> Answer:
    """Check a cart out, with an empty body as the service wants it."""
    return caller.post(f"{carts_of(number)}/{cart['id']}/checkout")


def errors_of(cart: Row) -> list[int]:
    """Return the error code of each line, 0 for a good one."""
    return [one.get("error", {}).get("errorCode", 0) for one in cart["lineItems"]]


def recorded(simulator: Simulator, kind: str) -> list[Row]:
    """Return the data of all effects of a kind."""
    return [dict(effect.data) for effect in simulator.ledger.find(kind=kind)]
