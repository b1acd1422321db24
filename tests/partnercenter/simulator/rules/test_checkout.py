"""Checkout: fidelity rules 44 to 47 and 80."""

import threading
import uuid
from datetime import timedelta
from pathlib import Path

import pytest

from partnercenter.simulator import Simulator
from tests.partnercenter.simulator.calls import Answer, Caller, Clock, app_caller, user_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.sample_catalogue import (
    ADDON,
    OFFER,
    PROMOTION,
    SEATS,
    SOFTWARE,
    SUITE,
    TRIAL,
    YEARLY_AT_ONCE,
    carts_of,
    catalogue,
    check_out,
    item,
    item_id,
    line,
    new_cart,
    orders_of,
    promotion,
    recorded,
)
from tests.partnercenter.simulator.sample_worlds import customer_id, make_customer, write_world

HEX = set("0123456789abcdef")
LEGACY = {"catalogItemId": OFFER, "quantity": 2, "billingCycle": "monthly"}


def test_rule_44_what_fails_is_named_beside_what_was_bought(shop: Simulator, buyer: Caller) -> None:
    plain = check_out(buyer, new_cart(buyer, line()))
    assert plain.status == 201
    assert len(plain.json()["orders"]) == 1
    assert not plain.json().get("orderErrors")
    cart = new_cart(buyer, line(), line(SUITE), line(SEATS, YEARLY_AT_ONCE))
    # Two more elsewhere leave this sandbox customer room for two of the three.
    assert check_out(buyer, new_cart(buyer, line(), line())).status == 201
    before = len(recorded(shop, "subscription_created"))
    answer = check_out(buyer, cart)
    assert answer.status == 201
    result = answer.json()
    assert [one["billingCycle"] for one in result["orders"]] == ["monthly"]
    assert len(result["orders"][0]["lineItems"]) == 2
    (error,) = result["orderErrors"]
    assert (error["orderGroupId"], error["code"]) == ("1", 800066)
    assert error["description"]
    assert len(recorded(shop, "subscription_created")) == before + 2
    assert check_out(buyer, cart).json() == result


def test_rule_45_a_second_checkout_buys_nothing(shop: Simulator, buyer: Caller) -> None:
    cart = new_cart(buyer, line(), line(SEATS, YEARLY_AT_ONCE))
    first, second = check_out(buyer, cart), check_out(buyer, cart)
    assert (first.status, second.status) == (201, 201)
    ids = [one["id"] for one in first.json()["orders"]]
    assert [one["id"] for one in second.json()["orders"]] == ids
    assert len(set(ids)) == 2
    assert len(recorded(shop, "order_created")) == 2
    assert len(recorded(shop, "subscription_created")) == 2
    assert len(recorded(shop, "charged")) == 2


def test_an_addon_falls_out_with_its_base(make_simulator: MakeSimulator, clock: Clock) -> None:
    rows = [
        *(one for one in catalogue() if one.get("catalogItemId") != item_id(ADDON)),
        item(
            ADDON,
            YEARLY_AT_ONCE,
            sku_changes={"dynamicAttributes": {"isAddon": True, "prerequisiteSkus": [SEATS]}},
        ),
        promotion(
            endDate="2026-11-21T00:00:00Z",
            requiredProducts=[dict(zip(("productId", "skuId"), SEATS.split(":"), strict=True))],
            promotionConstraints={},
        ),
    ]
    simulator = make_simulator(catalog=rows, switches={"access_token_seconds": 10**9})
    caller = app_caller(simulator)
    base, addon = line(promotionId=PROMOTION), line(ADDON, YEARLY_AT_ONCE)
    cart = new_cart(caller, base, addon, line(TRIAL, ("P1M", "None", "")))
    clock.advance(days=1)
    result = check_out(caller, cart).json()
    assert [one["billingCycle"] for one in result["orders"]] == ["none"]
    assert [one["code"] for one in result["orderErrors"]] == [27006, 400041]


def test_second_checkout_can_be_refused(make_simulator: MakeSimulator) -> None:
    switches = {"checkout_replays": False}
    caller = app_caller(make_simulator(catalog=catalogue(), switches=switches))
    cart, request_id = new_cart(caller, line()), str(uuid.uuid4())
    path, headers = f"{carts_of()}/{cart['id']}/checkout", {"MS-RequestId": request_id}
    first = caller.post(path, headers=headers)
    assert first.status == 201
    assert check_out(caller, cart).code == 800065
    # The same request sent again is no second checkout.
    assert caller.post(path, headers=headers).json() == first.json()


def test_rule_46_lists_and_subscription_ids_come_later(
    make_simulator: MakeSimulator, clock: Clock
) -> None:
    switches = {"visibility_lag_seconds": 900, "provisioning_seconds": 60}
    simulator = make_simulator(catalog=catalogue(), switches=switches)
    caller, user = app_caller(simulator), user_caller(simulator)
    (order,) = check_out(caller, new_cart(caller, line())).json()["orders"]
    path = f"{orders_of()}/{order['id']}"

    def subscription_shown() -> str | None:
        return caller.get(path).json()["lineItems"][0].get("subscriptionId")

    def listed() -> list[str]:
        return [one["id"] for one in caller.get(orders_of()).json()["items"]]

    (created,) = simulator.ledger.find(kind="subscription_created")
    seen_from = clock() + timedelta(seconds=900)
    assert created.data["visible_at"] == seen_from.isoformat()
    assert created.data["customer"] == customer_id(1)
    assert "subscriptionId" not in order["lineItems"][0]
    assert (subscription_shown(), caller.get(path).json()["status"]) == (None, "pending")
    status = user.get(f"{path}/provisioningstatus").json()["items"][0]
    assert status["status"] != "fulfilled"
    clock.advance(seconds=60)
    assert (subscription_shown(), caller.get(path).json()["status"]) == (
        created.subject,
        "completed",
    )
    (status,) = user.get(f"{path}/provisioningstatus").json()["items"]
    assert (status["lineItemNumber"], status["status"]) == (0, "fulfilled")
    assert status["quantityProvisioningInformation"][0]["quantity"] == 1
    assert listed() == []
    clock.advance(seconds=839)
    assert listed() == []
    clock.advance(seconds=1)
    assert listed() == [order["id"]]


def test_rule_47_ids_of_new_commerce_orders_are_twelve_hex_digits(buyer: Caller) -> None:
    cart = new_cart(buyer, line(), LEGACY, line(SOFTWARE, ("", "one_time", "")))
    orders = check_out(buyer, cart).json()["orders"]
    seats, legacy, software = orders
    assert len(seats["id"]) == 12
    assert set(seats["id"]) <= HEX
    assert seats["alternateId"] == seats["id"]
    assert uuid.UUID(legacy["id"])
    assert len(software["id"]) == 33
    assert (len(software["alternateId"]), set(software["alternateId"]) <= HEX) == (12, True)
    assert "subscriptionId" not in software["lineItems"][0]


def test_rule_80_parallel_checkouts_make_one_order(shop: Simulator, buyer: Caller) -> None:
    cart = new_cart(buyer, line(), line(SUITE))
    start, answers = threading.Barrier(6), list[Answer]()

    def race() -> None:
        start.wait()
        answers.append(check_out(buyer, cart))

    threads = [threading.Thread(target=race) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    won = [answer for answer in answers if answer.status == 201]
    lost = [answer for answer in answers if answer.status != 201]
    assert won
    assert all((answer.status, answer.code) == (409, 800064) for answer in lost)
    assert len({answer.json()["orders"][0]["id"] for answer in won}) == 1
    assert len(recorded(shop, "order_created")) == 1
    assert len(recorded(shop, "subscription_created")) == 2


@pytest.mark.parametrize("action", ["fail_after", "drop_after"])
def test_lost_answer_of_a_checkout_is_repeated(shop: Simulator, buyer: Caller, action: str) -> None:
    cart = new_cart(buyer, line())
    path, headers = f"{carts_of()}/{cart['id']}/checkout", {"MS-RequestId": str(uuid.uuid4())}
    shop.faults.add([{"path": "/checkout$", "action": action, "times": 1}])
    if action == "fail_after":
        assert buyer.post(path, headers=headers).status == 502
    else:
        with pytest.raises(ConnectionResetError):
            buyer.post(path, headers=headers)
    assert buyer.post(path, headers=headers).status == 201
    assert len(recorded(shop, "order_created")) == 1


def test_purchases_survive_a_restart_and_go_with_a_reset(tmp_path: Path, clock: Clock) -> None:
    customers = [make_customer(number) for number in (1, 2)]
    world = write_world(tmp_path / "world", customers=customers, catalog=catalogue())
    state = tmp_path / "state"
    first = Simulator(world, clock=clock, state_folder=state)
    caller = app_caller(first)
    cart = new_cart(caller, line())
    (order,) = check_out(caller, cart).json()["orders"]
    second = Simulator(world, clock=clock, state_folder=state)
    again = Caller(second, caller.headers)
    assert again.get(f"{orders_of()}/{order['id']}").json() == order
    assert check_out(again, cart).json()["orders"] == [order]
    second.reset()
    assert again.get(f"{orders_of()}/{order['id']}").code == 20000
    assert again.get(f"{carts_of()}/{cart['id']}").code == 800008
    assert again.get(orders_of()).json()["items"] == []


def test_tenant_that_was_let_go_cannot_buy(make_simulator: MakeSimulator) -> None:
    gone = make_customer(1, relationshipToPartner="none")
    simulator = make_simulator(catalog=catalogue(), customers=[gone])
    caller = app_caller(simulator)
    answer = check_out(caller, new_cart(caller, line()))
    assert (answer.status, answer.code) == (403, 20002)
    assert not simulator.ledger.find(kind="order_created")
