"""Orders: fidelity rule 37, direct orders, changes, cancelling and papers."""

import base64
import json
from decimal import Decimal
from typing import Any

import pytest

from partnercenter.simulator import Simulator
from tests.partnercenter.simulator.calls import Answer, Caller, Clock, app_caller, user_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.sample_catalogue import (
    OFFER,
    OFFER_ADDON,
    SEATS,
    SOFTWARE,
    YEARLY_AT_ONCE,
    catalogue,
    check_out,
    item,
    item_id,
    line,
    link,
    new_cart,
    orders_of,
    recorded,
)
from tests.partnercenter.simulator.sample_worlds import PARTNER, RESELLER, customer_id

LEGACY = {"offerId": OFFER, "quantity": 2, "friendlyName": "Old"}


def place(caller: Caller, *lines: dict[str, Any], number: int = 1, **order: Any) -> Answer:
    body = {"referenceCustomerId": customer_id(number), "lineItems": list(lines)}
    return caller.post(orders_of(number), body | {"billingCycle": "monthly"} | order)


def seats(**changes: Any) -> dict[str, Any]:
    wanted = {"offerId": item_id(SEATS), "quantity": 1, "termDuration": "P1M"}
    return wanted | {"lineItemNumber": 0} | changes


def change(caller: Caller, order: dict[str, Any], **body: Any) -> Answer:
    return caller.send("PATCH", f"{orders_of()}/{order['id']}", body=body)


def test_rule_37_partner_of_record_is_a_known_reseller_or_nobody(buyer: Caller) -> None:
    nobody = place(buyer, seats())
    assert nobody.status == 201
    assert "partnerIdOnRecord" not in nobody.json()["lineItems"][0]
    itself = place(buyer, seats(partnerIdOnRecord=PARTNER["mpnId"]))
    assert (itself.status, itself.code) == (404, 2072)
    unknown = place(buyer, seats(partnerIdOnRecord="123"))
    assert (unknown.status, unknown.code) == (404, 800015)
    known = place(buyer, seats(partnerIdOnRecord=RESELLER["mpnId"]))
    assert known.json()["lineItems"][0]["partnerIdOnRecord"] == RESELLER["mpnId"]
    participants = [{"key": "transaction_reseller", "value": RESELLER["mpnId"]}]
    (order,) = check_out(buyer, new_cart(buyer, line(participants=participants))).json()["orders"]
    assert order["lineItems"][0]["partnerIdOnRecord"] == RESELLER["mpnId"]


def test_partner_of_record_reaches_subscription_and_charge(shop: Simulator, buyer: Caller) -> None:
    assert place(buyer, seats(partnerIdOnRecord=RESELLER["mpnId"])).status == 201
    (bought,), (charged,) = recorded(shop, "subscription_created"), recorded(shop, "charged")
    assert bought["subscription"]["partnerId"] == RESELLER["mpnId"]
    assert charged["row"]["resellerMpnId"] == RESELLER["mpnId"]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"status": "none"}, 400, 0),
        ({"lineItems": []}, 400, 800002),
        ({"lineItems": [seats(offerId="NOPE:0001:X")]}, 404, 400013),
        ({"lineItems": [seats(offerId=f"{SEATS}:NOPE")]}, 404, 400019),
        ({"lineItems": [seats(offerId=OFFER[:-1] + "0")]}, 400, 800004),
        ({"lineItems": [seats(), LEGACY]}, 400, 2100),
        ({"lineItems": [seats(termDuration="P3Y")]}, 400, 400039),
        ({"currencyCode": "CHF"}, 400, 900169),
        ({"billingCycle": "hourly"}, 400, 900126),
    ],
)
def test_orders_are_refused_whole(
    shop: Simulator, buyer: Caller, changes: dict[str, Any], status: int, code: int
) -> None:
    answer = place(buyer, *changes.pop("lineItems", [seats()]), **changes)
    assert (answer.status, answer.code) == (status, code)
    assert not shop.ledger.find(kind="order_created")


def test_parent_is_ignored_on_a_new_order(shop: Simulator, buyer: Caller) -> None:
    wish = LEGACY | {"parentSubscriptionId": "x"}
    assert place(buyer, wish, billingCycle="unknown").status == 201
    (data,) = recorded(shop, "subscription_created")
    assert "parentSubscriptionId" not in data["subscription"]
    assert data["subscription"]["billingCycle"] == "monthly"


def test_list_filters_by_billing_type(buyer: Caller) -> None:
    monthly = place(buyer, seats()).json()["id"]
    at_once = seats(offerId=item_id(SEATS, YEARLY_AT_ONCE), termDuration="P1Y")
    annual = place(buyer, at_once, billingCycle="annual").json()["id"]

    def ids(query: str) -> list[str]:
        return [one["id"] for one in buyer.get(f"{orders_of()}{query}").json()["items"]]

    assert ids("") == [monthly, annual]
    assert ids("?billingType=monthly") == [monthly]
    assert ids("?billingType=Annual") == [annual]
    assert ids("?billingType=one_time") == []
    assert buyer.get(f"{orders_of()}?billingType=hourly").code == 900126
    assert buyer.get(f"{orders_of(2)}/{annual}").code == 20000


def test_orders_are_told_by_the_subscriptions_of_the_world(make_simulator: MakeSimulator) -> None:
    def subscription(number: int, order_id: str) -> dict[str, Any]:
        own_id = f"50000000-0000-4000-8000-{number:012d}"
        return {
            "id": own_id,
            "offerId": item_id(SEATS),
            "friendlyName": "Basic",
            "quantity": number,
            "billingCycle": "monthly",
            "termDuration": "P1M",
            "status": "active",
            "creationDate": "2026-10-01T00:00:00Z",
            "orderId": order_id,
            "links": {"self": link(f"/customers/{customer_id(1)}/subscriptions/{own_id}")},
        }

    rows = [
        subscription(1, "0123456789ab"),
        subscription(2, "0123456789ab"),
        subscription(3, "ba9876543210"),
    ]
    caller = app_caller(make_simulator(catalog=catalogue(), subscriptions=rows))
    items = caller.get(orders_of()).json()["items"]
    assert [one["id"] for one in items] == ["0123456789ab", "ba9876543210"]
    assert [one["subscriptionId"] for one in items[0]["lineItems"]] == [r["id"] for r in rows[:2]]
    assert caller.get(f"{orders_of()}/BA9876543210").json() == items[1]
    assert caller.get(orders_of(2)).json()["items"] == []


def test_legacy_order_takes_addons_and_another_billing_cycle(
    shop: Simulator, buyer: Caller
) -> None:
    order = place(buyer, LEGACY).json()
    base = order["lineItems"][0]["subscriptionId"]
    addon = {"offerId": OFFER_ADDON, "quantity": 1, "parentSubscriptionId": base}
    stray = change(buyer, order, lineItems=[addon | {"parentSubscriptionId": "elsewhere"}])
    assert (stray.status, stray.code) == (400, 800029)
    stale = change(buyer, order, lineItems=[addon], attributes={"etag": "old"})
    assert (stale.status, stale.code) == (400, 2055)
    changed = change(buyer, order, lineItems=[addon], attributes=order["attributes"]).json()
    assert [one["lineItemNumber"] for one in changed["lineItems"]] == [0, 1]
    assert json.loads(base64.b64decode(changed["attributes"]["etag"]))["version"] == 2
    bought = recorded(shop, "subscription_created")[-1]["subscription"]
    assert (bought["parentSubscriptionId"], bought["id"]) == (
        base,
        changed["lineItems"][1]["subscriptionId"],
    )
    moved = change(buyer, order, billingCycle="Annual").json()
    assert moved["billingCycle"] == "annual"
    assert buyer.get(f"{orders_of()}/{order['id']}").json() == moved


def test_billing_cycle_of_an_order_moves_all_its_subscriptions(
    make_simulator: MakeSimulator,
) -> None:
    ids = [f"50000000-0000-4000-8000-{number:012d}" for number in (1, 2)]
    rows = [
        {
            "id": own_id,
            "offerId": OFFER,
            "quantity": 1,
            "billingCycle": "monthly",
            "status": "active",
            "orderId": "a0000000-0000-4000-8000-000000000001",
            "links": {"self": link(f"/customers/{customer_id(1)}/subscriptions/{own_id}")},
            "attributes": {"objectType": "Subscription", "etag": "e30="},
        }
        for own_id in ids
    ]
    simulator = make_simulator(catalog=catalogue(), subscriptions=rows)
    caller = app_caller(simulator)
    answer = change(caller, {"id": rows[0]["orderId"]}, BillingCycle="Annual")
    assert (answer.status, answer.json()["billingCycle"]) == (200, "annual")
    effects = simulator.ledger.find(kind="subscription_changed")
    assert [effect.subject for effect in effects] == ids
    for effect in effects:
        assert effect.data["subscription"]["billingCycle"] == "annual"
        assert effect.data["subscription"]["attributes"]["etag"] != "e30="
    (listed,) = caller.get(orders_of()).json()["items"]
    assert listed == answer.json()


def test_new_commerce_is_not_changed_through_orders(buyer: Caller) -> None:
    order = place(buyer, seats()).json()
    assert change(buyer, order, billingCycle="annual").code == 800042
    assert change(buyer, order, status="cancelled").code == 800061


def test_software_is_cancelled_within_thirty_days(
    shop: Simulator, buyer: Caller, clock: Clock
) -> None:
    software = {"offerId": item_id(SOFTWARE, ("", "OneTime", "")), "quantity": 2}
    order = place(buyer, software, software, billingCycle="one_time").json()
    late = place(buyer, software, billingCycle="one_time").json()
    partly = change(
        buyer, order, status="cancelled", lineItems=[{"lineItemNumber": 0, "quantity": 1}]
    )
    assert partly.code == 800063
    answer = change(buyer, order, status="cancelled", lineItems=[{"lineItemNumber": 0}])
    assert (answer.status, answer.json()["status"]) == (200, "completed")
    assert [one["quantity"] for one in answer.json()["lineItems"]] == [0, 2]
    charges = [data["row"] for data in recorded(shop, "charged")]
    assert charges[-1]["chargeType"] == "cancelImmediate"
    assert Decimal(charges[-1]["subtotal"]) == -Decimal(charges[0]["subtotal"])
    rest = change(buyer, order, status="cancelled", lineItems=[{"lineItemNumber": 1}])
    assert rest.json()["status"] == "cancelled"
    clock.advance(days=31)
    refused = change(buyer, late, status="cancelled")
    assert (refused.status, refused.code) == (403, 800019)


def test_reservations_are_cancelled_in_a_sandbox_only(make_simulator: MakeSimulator) -> None:
    reserved = item(
        "DZH318Z0BQ3P:0039",
        ("P1Y", "OneTime", "500"),
        kind="Azure",
        sub_kind="VirtualMachines",
        title="Reserved VM",
    )
    wish = {"offerId": reserved["catalogItemId"], "quantity": 1}
    for sandbox, status in ((True, 200), (False, 403)):
        caller = app_caller(make_simulator(catalog=[reserved], partner={"sandbox": sandbox}))
        order = place(caller, wish, billingCycle="one_time").json()
        assert order["lineItems"][0]["links"].keys() == {"sku"}
        assert change(caller, order, status="cancelled").status == status


def test_activation_links_are_for_marketplace_items(make_simulator: MakeSimulator) -> None:
    software_as_service = item("DZH318Z0BXWC:0002", kind="SaaS", title="Filter")
    caller = app_caller(make_simulator(catalog=[*catalogue(), software_as_service]))
    bought = [line(), line("DZH318Z0BXWC:0002")]
    orders = check_out(caller, new_cart(caller, *bought)).json()["orders"]
    links = [
        caller.get(f"{orders_of()}/{order['id']}/lineitems/0/activationlinks").json()["items"]
        for order in orders
    ]
    assert [len(one) for one in links] == [0, 1]
    assert links[1][0]["link"]["uri"].startswith("https://")
    missing = caller.get(f"{orders_of()}/{orders[0]['id']}/lineitems/7/activationlinks")
    assert (missing.status, missing.code) == (404, 800007)


def test_provisioning_status_needs_a_user(shop: Simulator, buyer: Caller) -> None:
    order = place(buyer, seats()).json()
    path = f"{orders_of()}/{order['id']}/provisioningstatus"
    assert buyer.get(path).code == 900329
    assert user_caller(shop).get(path).json()["items"][0]["status"] == "fulfilled"


def test_purchase_papers_complete_an_order(make_simulator: MakeSimulator) -> None:
    order = {
        "id": "f00000000001",
        "referenceCustomerId": customer_id(1),
        "billingCycle": "monthly",
        "lineItems": [],
        "status": "pending po upload",
    }
    caller = app_caller(make_simulator(orders=[order]))
    kind = {"Content-Type": "multipart/form-data; boundary=cut"}
    part = (
        b'--cut\r\nContent-Disposition: form-data; name="POFiles"; filename="PO.pdf"\r\n\r\n'
        + b"x" * 1500
        + b"\r\n--cut--\r\n"
    )
    path = f"{orders_of()}/f00000000001"
    empty = caller.post(f"{path}/attachment", b"--cut--\r\n", headers=kind)
    assert (empty.status, empty.code) == (400, 900252)
    answer = caller.post(f"{path}/attachment", part, headers=kind)
    assert answer.status == 201
    (paper,) = answer.json()["items"]
    assert (paper["fileName"], paper["sizeInKB"], paper["attachmentType"]) == (
        "PO.pdf",
        2,
        "POAttachment",
    )
    assert caller.get(path).json()["status"] == "po upload complete"
