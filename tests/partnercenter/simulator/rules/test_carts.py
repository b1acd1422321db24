"""Carts: fidelity rules 41 to 43, and the limits of a sandbox on them."""

from typing import Any

import pytest

from partnercenter.simulator import Simulator
from tests.partnercenter.simulator.calls import Caller, Clock, app_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.sample_catalogue import (
    ADDON,
    OFFER,
    PLAN,
    SCHOOL,
    SEATS,
    SOFTWARE,
    SUITE,
    TRIAL,
    YEARLY,
    YEARLY_AT_ONCE,
    carts_of,
    catalogue,
    check_out,
    errors_of,
    item,
    item_id,
    line,
    new_cart,
)
from tests.partnercenter.simulator.sample_worlds import RESELLER, customer_id

ONE_TIME = ("", "OneTime", "")
BARE = {"billingCycle": "one_time"}


def test_rule_41_a_bad_line_keeps_the_cart_and_stops_its_checkout(
    shop: Simulator, buyer: Caller
) -> None:
    wrong = line(catalogItemId="CFQ7TTC0LH18:0001:CFQ7TTC0XXXX", friendlyName="Typo")
    cart = new_cart(buyer, line(quantity=3), wrong)
    good, bad = cart["lineItems"]
    assert bad["error"]["errorCode"] == 10001
    assert bad["error"]["errorDescription"]
    assert (bad["catalogItemId"], bad["quantity"], bad["friendlyName"]) == (
        wrong["catalogItemId"],
        1,
        "Typo",
    )
    assert "error" not in good
    assert (good["id"], good["quantity"], good["orderGroup"]) == (0, 3, "0")
    answer = check_out(buyer, cart)
    assert (answer.status, answer.code) == (400, 800009)
    assert not shop.ledger.find(kind="subscription_created")
    mended = buyer.send("PUT", f"{carts_of()}/{cart['id']}", body={"lineItems": [good]})
    assert errors_of(mended.json()) == [0]
    assert check_out(buyer, cart).status == 201


def test_rule_42_terms_and_bases_have_to_be_on_offer(buyer: Caller) -> None:
    yearly = line() | {"termDuration": "P1Y"}
    threefold = line() | {"termDuration": "P3Y", "billingCycle": "triennial"}
    unbilled = line() | {"billingCycle": "none"}
    cart = new_cart(buyer, yearly, threefold, unbilled, line(ADDON), number=1)
    assert errors_of(cart) == [400039, 400039, 400039, 0]
    alone = new_cart(buyer, line(ADDON), number=2)
    assert errors_of(alone) == [400041]
    together = new_cart(buyer, line(ADDON), line(SUITE), number=2)
    assert errors_of(together) == [0, 0]
    assert check_out(buyer, together, number=2).status == 201
    assert errors_of(new_cart(buyer, line(ADDON), number=2)) == [0]


def test_rule_43_carts_expire_and_ordered_ones_stay(
    shop: Simulator, buyer: Caller, clock: Clock
) -> None:
    cart, ordered = new_cart(buyer, line()), new_cart(buyer, line())
    path = f"{carts_of()}/{cart['id']}"
    assert check_out(buyer, ordered).status == 201
    put = buyer.send("PUT", f"{carts_of()}/{ordered['id']}", body={"lineItems": [line()]})
    assert (put.status, put.code) == (400, 800065)
    assert buyer.get(f"{carts_of()}/{ordered['id']}").json()["status"] == "Ordered"
    clock.advance(days=6, hours=23, minutes=59)
    assert buyer.get(path).status == 200
    clock.advance(minutes=2)
    for answer in (
        buyer.get(path),
        buyer.send("PUT", path, body={"lineItems": [line()]}),
        check_out(buyer, cart),
    ):
        assert (answer.status, answer.code) == (404, 800008)


def test_older_carts_live_for_minutes(make_simulator: MakeSimulator, clock: Clock) -> None:
    caller = app_caller(make_simulator(catalog=catalogue(), switches={"cart_minutes": 15}))
    cart = new_cart(caller, line())
    assert cart["expirationTimestamp"] == "2026-11-21T09:15:00.000000Z"
    clock.advance(minutes=16)
    assert caller.get(f"{carts_of()}/{cart['id']}").code == 800008


def test_a_cart_belongs_to_its_customer(buyer: Caller) -> None:
    cart = new_cart(buyer, line(), number=1)
    assert buyer.get(f"{carts_of(2)}/{cart['id']}").code == 800008
    assert check_out(buyer, cart, number=2).code == 800008


def test_put_replaces_lines_and_keeps_the_expiry(
    make_simulator: MakeSimulator, clock: Clock
) -> None:
    switches = {"cart_update_status": 201}
    caller = app_caller(make_simulator(catalog=catalogue(), switches=switches))
    cart = new_cart(caller, line(), line(SUITE))
    clock.advance(minutes=5)
    body = {"lineItems": [{"id": 1} | line(SUITE, quantity=7)]}
    answer = caller.send("PUT", f"{carts_of()}/{cart['id']}", body=body)
    assert answer.status == 201
    changed = answer.json()
    assert [(one["id"], one["quantity"]) for one in changed["lineItems"]] == [(1, 7)]
    assert changed["expirationTimestamp"] == cart["expirationTimestamp"]
    assert changed["lastModifiedTimestamp"] > cart["lastModifiedTimestamp"]


@pytest.mark.parametrize("body", [{}, {"lineItems": []}, {"lineItems": ["x"]}, {"lineItems": {}}])
def test_cart_without_lines_is_refused(buyer: Caller, body: dict[str, Any]) -> None:
    answer = buyer.post(carts_of(), body)
    assert (answer.status, answer.code) == (400, 800002)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"catalogItemId": ""}, 10010),
        ({"catalogItemId": OFFER[:-1] + "0"}, 10001),
        ({"quantity": 0}, 10010),
        ({"quantity": "3"}, 10010),
        ({"quantity": 301}, 10015),
        ({"billingCycle": "weekly"}, 10010),
        ({"currencyCode": "CHF"}, 10000),
        ({"promotionId": "none such"}, 27006),
        ({"participants": [{"key": "transaction_reseller", "value": "1"}]}, 800015),
        ({"participants": [{"key": "transaction_reseller", "value": "7000001"}]}, 2072),
        ({"participants": [{"key": "transaction_reseller", "value": RESELLER["mpnId"]}]}, 0),
        ({"participants": "x"}, 10010),
        ({"currencyCode": "usd", "friendlyName": "Mine"}, 0),
    ],
)
def test_every_mistake_has_its_code(buyer: Caller, changes: dict[str, Any], code: int) -> None:
    assert errors_of(new_cart(buyer, line() | changes)) == [code]


def test_keys_and_enum_values_are_read_in_any_case(buyer: Caller) -> None:
    wish = {
        "CATALOGITEMID": item_id(SEATS).lower(),
        "Quantity": 2,
        "billingcycle": "MONTHLY",
        "TermDuration": "p1m",
    }
    answer = buyer.post(carts_of(), {"LINEITEMS": [wish]})
    (shown,) = answer.json()["lineItems"]
    assert (shown["quantity"], shown["billingCycle"], "error" in shown) == (2, "monthly", False)


def test_items_of_another_segment_need_a_qualification(buyer: Caller) -> None:
    assert errors_of(new_cart(buyer, line(SCHOOL))) == [800020]


def test_direct_partners_name_no_reseller(make_simulator: MakeSimulator) -> None:
    simulator = make_simulator(catalog=catalogue(), partner={"program": "direct"})
    named = line(participants=[{"key": "transaction_reseller", "value": "7000002"}])
    assert errors_of(new_cart(app_caller(simulator), named)) == [10004]


def test_several_partners_need_their_attestation(buyer: Caller) -> None:
    several = [
        {"key": "transaction_reseller", "value": "7000002"},
        {"key": "additional_transaction_reseller", "value": "7000002"},
    ]
    body: dict[str, Any] = {"lineItems": [line(participants=several)]}
    answer = buyer.post(carts_of(), body)
    assert (answer.status, answer.code) == (400, 900206)
    body["PartnerOnRecordAttestationAccepted"] = True
    assert errors_of(buyer.post(carts_of(), body).json()) == [0]


def test_attestation_and_stock_of_a_sku_are_checked(make_simulator: MakeSimulator) -> None:
    rows = [
        item(SEATS, sku_changes={"purchasePrerequisites": ["Attestation"]}),
        item(SUITE, sku_changes={"inventoryRestrictions": [{"reasonCode": "Gone"}]}),
    ]
    caller = app_caller(make_simulator(catalog=rows))
    cart = new_cart(caller, line(), line(attestationAccepted=True), line(SUITE))
    assert errors_of(cart) == [10012, 0, 10003]


def test_groups_follow_kind_and_billing_cycle(buyer: Caller) -> None:
    legacy = {"catalogItemId": OFFER, "quantity": 1, "billingCycle": "monthly"}
    trial = line(TRIAL, ("P1M", "None", ""))
    cart = new_cart(
        buyer,
        legacy,
        line(),
        line(SEATS, YEARLY),
        line(SEATS, YEARLY_AT_ONCE),
        trial,
        line(SOFTWARE, ONE_TIME) | BARE,
        {"catalogItemId": item_id(PLAN, ONE_TIME), "quantity": 1} | BARE,
    )
    # The sample partner is a sandbox, and five subscriptions are all a customer may have there.
    assert errors_of(cart) == [0] * 7
    groups = [one["orderGroup"] for one in cart["lineItems"]]
    assert groups == ["OMS-0", "0", "0", "1", "2", "3", "3"]


def test_trials_are_capped_by_their_sku(make_simulator: MakeSimulator) -> None:
    simulator = make_simulator(catalog=catalogue(), switches={"sandbox_limits": False})
    trial = line(TRIAL, ("P1M", "None", ""))
    cart = new_cart(
        app_caller(simulator), trial | {"quantity": 25}, trial | {"quantity": 26}, line(quantity=26)
    )
    assert errors_of(cart) == [0, 10015, 0]


def test_rule_77_sandbox_limits_hold_for_carts(make_simulator: MakeSimulator) -> None:
    caller = app_caller(make_simulator(catalog=catalogue()))
    assert errors_of(new_cart(caller, line(quantity=26))) == [10009]
    six = new_cart(caller, *[line() for _ in range(6)])
    assert errors_of(six) == [0, 0, 0, 0, 0, 10009]
    five, late = new_cart(caller, *[line() for _ in range(5)]), new_cart(caller, line())
    assert check_out(caller, five).status == 201
    refused = check_out(caller, late)
    assert (refused.status, refused.code) == (403, 800066)
    assert errors_of(new_cart(caller, line())) == [10009]
    order = {"lineItems": [{"offerId": item_id(SEATS), "quantity": 26, "termDuration": "P1M"}]}
    path = f"/v1/customers/{customer_id(2)}/orders"
    seats = caller.post(path, order | {"billingCycle": "monthly"})
    assert (seats.status, seats.code) == (403, 800067)
    production = make_simulator(catalog=catalogue(), partner={"sandbox": False})
    assert errors_of(new_cart(app_caller(production), line(quantity=26))) == [0]
