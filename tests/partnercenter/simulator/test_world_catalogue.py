"""A made world sells what the rules of the catalogue are about, and every cart can be bought."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from partnercenter.simulator import Simulator, Switches
from partnercenter.simulator.worlds import make_world, open_world
from tests.partnercenter.simulator.calls import Caller, Clock, app_caller


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Simulator:
    folder = tmp_path_factory.mktemp("worlds") / "w"
    make_world(folder, customers=40, lines=100, seed=3, home="US", today=date(2026, 11, 21))
    world = open_world(str(folder), cache=folder.parent)
    switches = Switches().changed({"access_token_seconds": 10**9})
    return Simulator(world, clock=Clock(), switches=switches)


@pytest.fixture(scope="module")
def caller(made: Simulator) -> Caller:
    return app_caller(made)


def american(made: Simulator) -> str:
    return next(
        str(one["id"])
        for one in made.site.world.collection("customers")
        if one["billingProfile"]["defaultAddress"]["country"] == "US"
    )


def all_items(caller: Caller) -> Iterator[dict[str, Any]]:
    views = ("OnlineServices", "Software", "MarketplaceSaaS", "MicrosoftAzure", "AzureReservations")
    for view in views:
        products = caller.get(f"/v1/products?country=US&targetView={view}").json()["items"]
        assert products, view
        for product in products:
            path = f"/v1/products/{product['id']}/skus"
            for sku in caller.get(f"{path}?country=US").json()["items"]:
                answer = caller.get(f"{path}/{sku['id']}/availabilities?country=US")
                for one in answer.json()["items"]:
                    yield one | {"sku": sku}


def test_every_segment_and_kind_is_on_sale(caller: Caller) -> None:
    items = list(all_items(caller))
    assert {one["segment"] for one in items} == {
        "commercial",
        "education",
        "government",
        "nonprofit",
    }
    assert len({one["catalogItemId"] for one in items}) == len(items)
    skus = [one["sku"] for one in items]
    trials = [sku for sku in skus if sku["isTrial"]]
    assert {tuple(sku["supportedBillingCycles"]) for sku in trials} == {("none",)}
    addons = [sku for sku in skus if sku["dynamicAttributes"].get("isAddon")]
    known = {f"{sku['productId']}:{sku['id']}" for sku in skus}
    assert addons
    assert all(known.issuperset(sku["dynamicAttributes"]["prerequisiteSkus"]) for sku in addons)
    pairs = {
        (t["duration"], t["billingCycle"])
        for one in items
        for t in one.get("terms", [])
        if "duration" in t
    }
    assert {("P1M", "Monthly"), ("P1Y", "Annual"), ("P3Y", "Triennial"), ("P1M", "None")} <= pairs


def test_every_commercial_item_can_be_put_into_a_cart(made: Simulator, caller: Caller) -> None:
    items = [one for one in all_items(caller) if one["segment"] == "commercial"]
    lines = []
    for one in items:
        (term,) = one.get("terms", [{"billingCycle": "one_time"}])
        line = {"catalogItemId": one["catalogItemId"], "quantity": 1}
        line["billingCycle"] = term["billingCycle"]
        lines.append(line | ({"termDuration": term["duration"]} if "duration" in term else {}))
    path = f"/v1/customers/{american(made)}/carts"
    cart = caller.post(path, {"lineItems": lines}).json()
    errors = {one["catalogItemId"]: one["error"] for one in cart["lineItems"] if "error" in one}
    # One reservation is out of stock, and is there to be.
    assert [error["errorCode"] for error in errors.values()] == [10003]
    good = [one for one in cart["lineItems"] if "error" not in one]
    unpriced = [one["catalogItemId"] for one in good if "pricing" not in one]
    assert [one.split(":")[0] for one in unpriced] == ["DZH318Z0BPS6"]
    body = {"lineItems": [{key: one[key] for key in one if key != "orderGroup"} for one in good]}
    put = caller.send("PUT", f"{path}/{cart['id']}", body=body)
    assert put.status == 200
    bought = caller.post(f"{path}/{cart['id']}/checkout")
    assert bought.status == 201, bought.body
    lines_bought = sum(len(order["lineItems"]) for order in bought.json()["orders"])
    assert lines_bought == len(good)
    assert "orderErrors" not in bought.json()


def test_offers_and_promotions_are_there(caller: Caller) -> None:
    offers = caller.get("/v1/offers?country=NL").json()["items"]
    assert {one["country"] for one in offers} == {"NL"}
    assert {one["isAddOn"] for one in offers} == {True, False}
    base = next(one["id"] for one in offers if not one["isAddOn"])
    assert caller.get(f"/v1/offers/{base}/addons?country=NL").json()["totalCount"] == 1
    listed = caller.get("/v1/productpromotions?country=NL&segment=commercial").json()["items"]
    assert {one["properties"]["isAutoApplicable"] for one in listed} == {True, False}


def test_inventory_names_what_is_out_of_stock(caller: Caller) -> None:
    body = {"TargetItems": [{"ProductId": "DZH318Z0TV01"}]}
    stock = caller.post("/v1/extensions/product/checkInventory?country=NL", body).json()
    assert {one["skuId"]: one["isRestricted"] for one in stock} == {"0038": True, "000S": False}


def test_every_subscription_tells_of_an_order(made: Simulator, caller: Caller) -> None:
    seen = 0
    for row in list(made.site.world.collection("subscriptions"))[:20]:
        customer = row["links"]["self"]["uri"].split("/")[2]
        order = caller.get(f"/v1/customers/{customer}/orders/{row['orderId']}").json()
        assert row["id"] in [one["subscriptionId"] for one in order["lineItems"]]
        listed = caller.get(f"/v1/customers/{customer}/orders").json()["items"]
        assert order in listed
        seen += 1
    assert seen == 20
