"""Transfers of subscriptions from another partner, and upgrades of the Azure product."""

from typing import Any

from partnercenter.simulator import Simulator
from tests.partnercenter.simulator.calls import Caller, app_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.sample_subscriptions import make_legacy
from tests.partnercenter.simulator.subscription_calls import LIST, OWNER, get

BASE = f"/v1/customers/{OWNER}/transfers"


def ask(caller: Caller, *identities: str) -> dict[str, Any]:
    lines = [{"subscriptionId": one, "partnerIdOnRecord": "7000002"} for one in identities]
    answer = caller.post(BASE, {"sourcePartnerTenantId": "da6c51b5", "lineItems": lines})
    assert answer.status == 201, answer.body
    body: dict[str, Any] = answer.json()
    return body


def make(make_simulator: MakeSimulator) -> Simulator:
    rows = [
        make_legacy(OWNER, "one"),
        make_legacy(OWNER, "part", parentSubscriptionId="one"),
        make_legacy(OWNER, "paused", status="suspended"),
    ]
    return make_simulator(subscriptions=rows)


def test_accepted_transfer_moves_what_it_can(make_simulator: MakeSimulator) -> None:
    caller = app_caller(make(make_simulator))
    made = ask(caller, "one", "paused")
    assert made["status"] == "Active"
    assert [part["subscriptionId"] for part in made["lineItems"][0]["addonItems"]] == ["part"]
    result = caller.post(f"{BASE}/{made['id']}/accept").json()
    (order,) = result["orders"]
    (error,) = result["transferErrors"]
    assert (error["code"], error["lineItems"][0]["subscriptionId"]) == (900103, "paused")
    stored = caller.get(f"{BASE}/{made['id']}").json()
    assert stored["status"] == "PartiallyComplete"
    assert [line["status"] for line in stored["lineItems"]] == ["Complete", "Failed"]
    assert get(caller, "one")["status"] == "deleted"
    (taken,) = caller.get(f"{LIST}?order_id={order['id']}").json()["items"]
    assert (taken["status"], taken["partnerId"]) == ("active", "7000002")
    again = caller.post(f"{BASE}/{made['id']}/accept")
    assert (again.status, again.code) == (400, 900104)


def test_transfer_is_rejected_or_withdrawn_once(make_simulator: MakeSimulator) -> None:
    caller = app_caller(make(make_simulator))
    first, second = ask(caller, "one"), ask(caller, "one")
    assert caller.post(f"{BASE}/{first['id']}/reject").json()["status"] == "Reject"
    assert caller.send("DELETE", f"{BASE}/{second['id']}").status == 204
    statuses = [one["status"] for one in caller.get(BASE).json()]
    assert statuses == ["Reject", "Withdrawn"]
    assert caller.post(f"{BASE}/{second['id']}/accept").status == 400
    assert get(caller, "one")["status"] == "active"


def test_transfer_of_nothing_or_of_the_unknown_is_refused(app: Caller) -> None:
    empty = app.post(BASE, {"sourcePartnerTenantId": "da6c51b5", "lineItems": []})
    assert (empty.status, empty.code) == (400, 800002)
    lines = [{"subscriptionId": "nobody's"}]
    unknown = app.post(BASE, {"sourcePartnerTenantId": "da6c51b5", "lineItems": lines})
    assert (unknown.status, unknown.code) == (400, 900100)
    assert app.get(f"{BASE}/none").status == 404


def test_product_upgrade_answers_where_its_state_is(app: Caller) -> None:
    accepted = app.post("/v1/productUpgrades", {"customerId": OWNER, "productFamily": "azure"})
    assert (accepted.status, accepted.body) == (202, b"")
    place = accepted.headers["location"]
    state = app.get(f"/v1/{place}/status?customerId={OWNER}").json()
    assert (state["id"], state["status"]) == (place.rsplit("/", 1)[1], "Completed")
    other = {"customerId": OWNER, "productFamily": "office"}
    assert app.post("/v1/productUpgrades", other).code == 800042
