"""Reading the catalogue: fidelity rules 39 and 40, and what stands beside them."""

import json
from pathlib import Path
from typing import Any

import pytest

from partnercenter.simulator import Simulator
from tests.partnercenter.simulator.calls import Caller, Clock, app_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.sample_catalogue import (
    OFFER,
    OFFER_ADDON,
    PROMOTION,
    SEATS,
    SOFTWARE,
    TRIAL,
    YEARLY_AT_ONCE,
    carts_of,
    catalogue,
    check_out,
    errors_of,
    item,
    item_id,
    line,
    new_cart,
    offer,
    promotion,
)
from tests.partnercenter.simulator.sample_worlds import customer_id, write_world

PRODUCTS = "/v1/products?country=US&targetView=OnlineServices"


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("targetView=OnlineServices", 400, 800070),
        ("country=US", 400, 800002),
        ("country=USA&targetView=OnlineServices", 400, 800070),
        ("country=US&targetView=Groceries", 403, 400036),
        ("country=US&targetView=Software", 403, 400036),
        ("country=US&targetView=OnlineServices&targetSegment=pirates", 403, 400030),
        ("country=US&targetView=OnlineServices&targetSegment=government", 403, 400030),
    ],
)
def test_rule_39_products_need_country_and_an_allowed_view(
    make_simulator: MakeSimulator, query: str, status: int, code: int
) -> None:
    switches = {"refused_views": "software", "refused_segments": "government"}
    caller = app_caller(make_simulator(catalog=catalogue(), switches=switches))
    answer = caller.get(f"/v1/products?{query}")
    assert (answer.status, answer.code) == (status, code)
    assert caller.get(PRODUCTS).status == 200


def test_rule_40_availability_ids_rotate_and_stale_ones_are_refused(
    make_simulator: MakeSimulator, clock: Clock
) -> None:
    switches = {"availability_days": 2, "access_token_seconds": 10**9}
    simulator = make_simulator(catalog=catalogue(), switches=switches)
    caller = app_caller(simulator)
    product, sku = SEATS.split(":")
    path = f"/v1/products/{product}/skus/{sku}/availabilities"

    def ids() -> list[str]:
        items = caller.get(f"{path}?country=US").json()["items"]
        assert all(one["links"]["self"]["uri"].count(one["id"]) == 1 for one in items)
        return [one["catalogItemId"] for one in items]

    first, cart = ids(), new_cart(caller, line())
    clock.advance(days=1)
    assert ids() == first
    clock.advance(days=1)
    second = ids()
    assert len(second) == len(first)
    assert not set(second) & set(first)
    stale = first[0].rpartition(":")[2]
    answer = caller.get(f"{path}/{stale}?country=US")
    assert (answer.status, answer.code) == (404, 400019)
    refused = check_out(caller, cart)
    assert (refused.status, refused.code) == (404, 400019)
    assert not simulator.ledger.find(kind="order_created")
    assert caller.get(f"{carts_of()}/{cart['id']}").json()["status"] == "Active"
    assert errors_of(new_cart(caller, line())) == [10001]
    assert check_out(caller, new_cart(caller, line(catalogItemId=second[0]))).status == 201


def test_rotation_goes_on_over_a_restart(tmp_path: Path, clock: Clock) -> None:
    world = write_world(tmp_path / "world", catalog=catalogue())
    product, sku = SEATS.split(":")
    path = f"/v1/products/{product}/skus/{sku}/availabilities?country=US"

    def first_id(*, after: int) -> str:
        clock.advance(days=after)
        simulator = Simulator(world, clock=clock, state_folder=tmp_path / "state")
        return str(app_caller(simulator).get(path).json()["items"][0]["catalogItemId"])

    ids = [first_id(after=days) for days in (0, 20, 20)]
    assert ids[0] == ids[1] == item_id(SEATS)
    assert ids[2] != ids[0]
    # A state begun by an earlier version does not say when; its days count from the opening.
    path_of_state = tmp_path / "state" / "simulator.json"
    content = json.loads(path_of_state.read_text())
    path_of_state.write_text(json.dumps({key: content[key] for key in ("tenantId", "secret")}))
    assert first_id(after=0) == item_id(SEATS)


def test_availability_ids_can_be_kept(make_simulator: MakeSimulator, clock: Clock) -> None:
    simulator = make_simulator(catalog=catalogue(), switches={"availability_days": 0})
    clock.advance(days=900)
    assert errors_of(new_cart(app_caller(simulator), line())) == [0]


def test_views_follow_the_type_of_product(buyer: Caller) -> None:
    def titles(view: str) -> set[str]:
        body = buyer.get(f"/v1/products?country=US&targetView={view}").json()
        assert body["totalCount"] == len(body["items"])
        return {one["title"] for one in body["items"]}

    assert titles("OnlineServices") == {"Basic", "Suite", "Add-on", "School"}
    assert titles("software") == {"Server"}
    assert titles("MicrosoftAzure") == {"Azure plan"}
    assert titles("AzureReservationsVM") == set()


def test_segments_divide_the_products(buyer: Caller) -> None:
    items = buyer.get(f"{PRODUCTS}&targetSegment=Education").json()["items"]
    assert [one["title"] for one in items] == ["School"]


def test_prices_and_whole_products_are_not_shown(buyer: Caller) -> None:
    product, sku = SEATS.split(":")
    body = buyer.get(f"/v1/products/{product}/skus/{sku}/availabilities?country=US").json()
    assert len(body["items"]) == 3
    for one in body["items"]:
        assert {"product", "sku"}.isdisjoint(one)
        assert "listPrice" not in one["terms"][0]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("NOPE", 400013),
        ("NOPE/skus", 400013),
        ("CFQ7TTC0LH18/skus/0009", 400018),
        ("CFQ7TTC0LH18/skus/0009/availabilities", 400018),
        ("CFQ7TTC0LH18/skus/0001/availabilities/CFQ7TTC0XXXX", 400019),
    ],
)
def test_unknown_parts_have_their_codes(buyer: Caller, path: str, code: int) -> None:
    answer = buyer.get(f"/v1/products/{path}?country=US")
    assert (answer.status, answer.code) == (404, code)
    assert buyer.get("/v1/products/CFQ7TTC0LH18?country=NL").code == 400013


def test_customers_see_the_catalogue_of_their_country(buyer: Caller) -> None:
    own = f"/v1/customers/{customer_id(1)}/products"
    items = buyer.get(f"{own}?targetView=OnlineServices").json()["items"]
    assert items == buyer.get(PRODUCTS).json()["items"]
    assert buyer.get(own).code == 800002
    all_skus = buyer.get(f"{own}/all/skus?targetView=Software").json()["items"]
    assert [f"{one['productId']}:{one['id']}" for one in all_skus] == [SOFTWARE]
    product, sku = TRIAL.split(":")
    assert buyer.get(f"{own}/{product}/skus/{sku}").json()["isTrial"] is True


def test_unavailable_item_is_an_ok_status_with_an_error(make_simulator: MakeSimulator) -> None:
    gone = item(SEATS, isPurchasable=False)
    caller = app_caller(make_simulator(catalog=[gone]))
    product, sku, availability = item_id(SEATS).split(":")
    path = f"/v1/products/{product}/skus/{sku}/availabilities/{availability}?country=US"
    answer = caller.get(path)
    assert (answer.status, answer.code) == (200, 400072)
    assert errors_of(new_cart(caller, line())) == [10001]


def test_sparse_catalogue_is_served(make_simulator: MakeSimulator) -> None:
    bare = {"catalogItemId": "P1:0001:AV1"}
    lone = {"id": "0002", "productId": "P2", "title": "Two"}
    caller = app_caller(make_simulator(catalog=[bare, lone]))
    assert caller.get("/v1/products/p1?country=US").json() == {"id": "P1", "title": "P1"}
    assert caller.get("/v1/products/P2?country=DE").json()["title"] == "Two"
    body = caller.get("/v1/products/P1/skus/0001/availabilities?country=US").json()
    assert [one["catalogItemId"] for one in body["items"]] == ["P1:0001:AV1"]
    cart = new_cart(
        caller,
        {
            "catalogItemId": "P1:0001:AV1",
            "quantity": 1,
            "billingCycle": "monthly",
            "termDuration": "P1Y",
        },
    )
    assert errors_of(cart) == [0]
    assert "pricing" not in cart["lineItems"][0]
    assert check_out(caller, cart).status == 201


def test_offers_are_paged_by_offset(make_simulator: MakeSimulator) -> None:
    rows = [offer(f"{number:08d}-0000-4000-8000-000000000000") for number in range(5)]
    caller = app_caller(make_simulator(catalog=rows))
    ids = [one["id"] for one in caller.get("/v1/offers?country=US").json()["items"]]
    assert ids == [row["id"] for row in rows]
    page = caller.get("/v1/offers?country=US&size=2&offset=3").json()["items"]
    assert [one["id"] for one in page] == ids[3:]
    assert caller.get("/v1/offers").code == 800070


def test_offer_shows_the_asked_country_and_its_addons(buyer: Caller) -> None:
    body = buyer.get(f"/v1/offers/{OFFER.lower()}?country=us", headers={"X-Locale": "en-GB"}).json()
    assert (body["id"], body["country"], body["locale"]) == (OFFER, "US", "en-GB")
    addons = buyer.get(f"/v1/offers/{OFFER}/addons?country=US").json()["items"]
    assert [one["id"] for one in addons] == [OFFER_ADDON]
    assert buyer.get(f"/v1/offers/{OFFER[:-1]}0?country=US").status == 404


def test_offer_categories_are_listed_once(make_simulator: MakeSimulator) -> None:
    small = {"id": "Small_Key", "name": "Small", "rank": 30}
    large = {"id": "Large_Key", "name": "Large", "rank": 20}
    rows = [
        offer("a0000000-0000-4000-8000-000000000000", category=small),
        offer("b0000000-0000-4000-8000-000000000000", category=large),
        offer("c0000000-0000-4000-8000-000000000000", category=small),
    ]
    caller = app_caller(make_simulator(catalog=rows))
    items = caller.get("/v1/offercategories?country=US").json()["items"]
    assert [one["name"] for one in items] == ["Large", "Small"]


def test_inventory_is_a_bare_array_of_restrictions(make_simulator: MakeSimulator) -> None:
    reason = {"reasonCode": "NotAvailableForSubscription", "description": "Not there."}
    rows: list[dict[str, Any]] = [
        {"id": "0038", "productId": "DZH318Z0BQ3P", "inventoryRestrictions": [reason]},
        {"id": "000S", "productId": "DZH318Z0BQ3P"},
    ]
    caller = app_caller(make_simulator(catalog=rows))
    path = "/v1/extensions/product/checkInventory?country=US"
    stock = caller.post(path, {"TargetItems": [{"ProductId": "DZH318Z0BQ3P"}]}).json()
    assert [(one["skuId"], one["isRestricted"]) for one in stock] == [
        ("0038", True),
        ("000S", False),
    ]
    assert stock[0]["restrictions"] == [reason]
    one = caller.post(path, {"targetItems": [{"productId": "DZH318Z0BQ3P", "skuId": "000S"}]})
    assert [row["skuId"] for row in one.json()] == ["000S"]
    assert caller.post(path, {"TargetItems": []}).status == 400
    shown = caller.get("/v1/products/DZH318Z0BQ3P/skus/0038?country=US").json()
    assert "inventoryRestrictions" not in shown


def test_promotions_are_listed_and_found(make_simulator: MakeSimulator) -> None:
    caller = app_caller(make_simulator(catalog=[*catalogue(), promotion(country="US")]))
    listed = caller.get("/v1/productpromotions?country=US&segment=commercial").json()["items"]
    assert [one["id"] for one in listed] == [PROMOTION]
    assert "country" not in listed[0]
    assert caller.get(f"/v1/productpromotions/{PROMOTION}?country=US").json() == listed[0]
    assert caller.get(f"/v1/productpromotions/{PROMOTION}?country=NL").status == 404
    assert caller.get("/v1/productpromotions?country=US").status == 400


@pytest.mark.parametrize(
    ("changes", "types"),
    [
        ({}, []),
        ({"quantity": 9}, ["SeatCount"]),
        ({"quantity": 101}, ["SeatCount"]),
        ({"termDuration": "P1M", "billingCycle": "Monthly"}, ["Term"]),
    ],
)
def test_eligibility_says_what_is_wrong(
    make_simulator: MakeSimulator, changes: dict[str, Any], types: list[str]
) -> None:
    caller = app_caller(make_simulator(catalog=[*catalogue(), promotion()]))
    wish = line(SEATS, YEARLY_AT_ONCE, quantity=10) | changes
    path = f"/v1/customers/{customer_id(1)}/promotionEligibilities"
    (found,) = caller.post(path, {"items": [wish]}).json()["items"]
    (eligibility,) = found["eligibilities"]
    assert eligibility["promotionId"] == PROMOTION
    assert eligibility["isEligible"] is (not types)
    assert [error["type"] for error in eligibility.get("errors", [])] == types


def test_first_purchase_is_only_the_first(make_simulator: MakeSimulator) -> None:
    rules = {"eligibilityConstraints": [{"type": "FirstPurchase", "isApplicable": True}]}
    rows = [*catalogue(), promotion(promotionConstraints=rules)]
    caller = app_caller(make_simulator(catalog=rows))
    path = f"/v1/customers/{customer_id(1)}/promotionEligibilities"
    wish = {"items": [line(SEATS, YEARLY_AT_ONCE)]}
    assert caller.post(path, wish).json()["items"][0]["eligibilities"][0]["isEligible"]
    assert check_out(caller, new_cart(caller, line())).status == 201
    (after,) = caller.post(path, wish).json()["items"][0]["eligibilities"]
    assert after["errors"] == [{"type": "FirstPurchase"}]
