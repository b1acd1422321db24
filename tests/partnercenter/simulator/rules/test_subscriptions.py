"""Rules 48 to 50 and 56 to 58: reading subscriptions, and the PATCH as a full replace."""

from datetime import datetime, timedelta

from partnercenter.simulator import Simulator
from tests.partnercenter.simulator.calls import Caller, app_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.sample_subscriptions import make_legacy, make_seats
from tests.partnercenter.simulator.subscription_calls import (
    BOUGHT_TODAY,
    LIST,
    OWNER,
    PLAN,
    edit,
    get,
    patch,
)


def test_rule_48_order_and_partner_filters_have_underscores(make_simulator: MakeSimulator) -> None:
    rows = [
        make_seats(OWNER, "one", orderId="aaaaaaaaaaaa", partnerId="7000002"),
        make_seats(OWNER, "two", orderId="bbbbbbbbbbbb", partnerId="7000002"),
        make_legacy(OWNER, "three", orderId="AAAAAAAAAAAA"),
    ]
    caller = app_caller(make_simulator(subscriptions=rows))

    def ids(query: str) -> list[str]:
        return [row["id"] for row in caller.get(f"{LIST}?{query}").json()["items"]]

    assert ids("order_id=aaaaaaaaaaaa") == ["one", "three"]
    assert ids("mpn_id=7000002") == ["one", "two"]
    assert ids("mpn_id=7000002&order_id=bbbbbbbbbbbb") == ["two"]
    assert ids("orderId=aaaaaaaaaaaa") == ids("mpnId=7000002") == ["one", "two", "three"]


def test_rule_49_commitment_end_is_the_inclusive_last_day(make_lasting: MakeSimulator) -> None:
    row = make_seats(OWNER, "seats", commitmentEndDate="2026-11-30T00:00:00Z")
    simulator = make_lasting(subscriptions=[row])
    caller = app_caller(simulator)
    simulator.advance(datetime.fromisoformat("2026-11-30T23:59:59Z") - simulator.clock())
    assert get(caller)["commitmentEndDate"] == "2026-11-30T00:00:00Z"
    simulator.advance(timedelta(seconds=1))
    renewed = get(caller)
    assert renewed["effectiveStartDate"] == "2026-12-01T00:00:00Z"
    assert renewed["commitmentEndDate"] == "2027-11-30T00:00:00Z"
    assert renewed["commitmentEndDateTime"] == "2027-11-30T23:59:59Z"
    assert renewed["cancellationAllowedUntilDate"] == "2026-12-08T00:00:00Z"


def test_rule_50_minimal_patch_ends_renewal_and_a_full_one_keeps_it(
    make_simulator: MakeSimulator,
) -> None:
    row = make_seats(
        OWNER,
        "seats",
        scheduledNextTermInstructions=PLAN,
        nextChargeInstructions={"product": {"billingCycle": "annual"}},
    )
    caller = app_caller(make_simulator(subscriptions=[row]))
    kept = edit(caller, friendlyName="Office").json()
    assert kept["autoRenewEnabled"] is True
    assert kept["scheduledNextTermInstructions"] == PLAN
    assert "nextChargeInstructions" in kept
    minimal = patch(caller, {"FriendlyName": "Front office"})
    assert minimal.status == 200
    assert minimal.json() == get(caller)
    assert minimal.json()["friendlyName"] == "Front office"
    assert minimal.json()["autoRenewEnabled"] is False
    assert minimal.json()["quantity"] == 10
    gone = {"scheduledNextTermInstructions", "nextChargeInstructions"}
    assert not gone & set(minimal.json())


def test_keys_and_values_of_a_patch_are_read_in_any_case(make_simulator: MakeSimulator) -> None:
    caller = app_caller(make_simulator(subscriptions=[make_seats(OWNER, "seats")]))
    body = {"QUANTITY": 12, "autorenewenabled": True, "BillingCycle": "Monthly", "status": "ACTIVE"}
    changed = patch(caller, body)
    assert changed.status == 200
    assert changed.json() == get(caller)
    assert (changed.json()["quantity"], changed.json()["autoRenewEnabled"]) == (12, True)
    assert changed.json()["billingCycle"] == "monthly"


def test_rule_56_stale_etag_is_400_2055(make_simulator: MakeSimulator) -> None:
    caller = app_caller(make_simulator(subscriptions=[make_legacy(OWNER, "old")]))
    first = get(caller, "old")
    assert patch(caller, first | {"quantity": 6}, "old").status == 200
    stale = patch(caller, first | {"quantity": 7}, "old")
    assert (stale.status, stale.code) == (400, 2055)
    etag = {"If-Match": f'"{first["attributes"]["etag"]}"'}
    assert patch(caller, {"quantity": 7}, "old", headers=etag).code == 2055
    fresh = {"If-Match": f'"{get(caller, "old")["attributes"]["etag"]}"'}
    assert patch(caller, {"quantity": 7}, "old", headers=fresh).json()["quantity"] == 7


def test_rule_57_accepted_patch_shows_later_and_refuses_a_second(
    make_simulator: MakeSimulator,
) -> None:
    simulator = make_simulator(
        subscriptions=[make_seats(OWNER, "seats")], switches={"patch_accepted": True}
    )
    caller = app_caller(simulator)
    accepted = edit(caller, quantity=15)
    assert (accepted.status, accepted.body) == (202, b"")
    assert accepted.headers["location"] == f"/customers/{OWNER}/subscriptions/seats"
    assert get(caller)["quantity"] == 10
    again = {"MS-RequestId": accepted.headers["ms-requestid"]}
    repeated = patch(caller, get(caller) | {"quantity": 15}, headers=again)
    assert (repeated.status, repeated.headers["location"]) == (202, accepted.headers["location"])
    pending = edit(caller, quantity=16)
    assert (pending.status, pending.code) == (409, 900278)
    simulator.advance(timedelta(seconds=30))
    assert get(caller)["quantity"] == 15
    assert edit(caller, quantity=16).status == 202


def test_location_is_absolute_by_switch(make_simulator: MakeSimulator) -> None:
    simulator = make_simulator(
        subscriptions=[make_seats(OWNER, "seats")],
        switches={"patch_accepted": True, "location_absolute": True},
    )
    accepted = edit(app_caller(simulator), quantity=15)
    assert accepted.headers["location"] == f"https://localhost:443{LIST}/seats"


def test_rule_58_legacy_billing_cycle_is_changed_through_the_order(
    make_simulator: MakeSimulator,
) -> None:
    rows = [make_legacy(OWNER, "old"), make_legacy(OWNER, "addon"), make_seats(OWNER, "seats")]
    caller = app_caller(make_simulator(subscriptions=rows))
    refused = edit(caller, "old", billingCycle="annual")
    assert (refused.status, refused.code) == (400, 2054)
    order = rows[0]["orderId"]
    target = f"/v1/customers/{OWNER}/orders/{order}"
    changed = caller.send("PATCH", target, body={"Id": order, "BillingCycle": "Annual"})
    assert changed.status == 200
    assert changed.json()["billingCycle"] in ("annual", "Annual")
    assert [get(caller, name)["billingCycle"] for name in ("old", "addon")] == ["annual"] * 2
    assert edit(caller, billingCycle="annual").json()["billingCycle"] == "annual"


def test_child_of_an_inactive_parent_cannot_resume(make_simulator: MakeSimulator) -> None:
    rows = [
        make_legacy(OWNER, "base", status="suspended"),
        make_legacy(OWNER, "addon", status="suspended", parentSubscriptionId="base"),
    ]
    caller = app_caller(make_simulator(subscriptions=rows))
    refused = edit(caller, "addon", status="active")
    assert (refused.status, refused.code) == (409, 27009)
    edit(caller, "base", status="active")
    assert edit(caller, "addon", status="active").status == 200
    addons = caller.get(f"{LIST}/base/addons").json()["items"]
    assert [row["id"] for row in addons] == ["addon"]


def test_patch_repeated_with_its_request_id_happens_once(make_simulator: MakeSimulator) -> None:
    simulator = make_simulator(subscriptions=[make_seats(OWNER, "seats", **BOUGHT_TODAY)])
    caller = app_caller(simulator)
    body = get(caller) | {"status": "deleted"}
    once = {"MS-RequestId": "6c0dd6fe-6a04-4e8c-a4b5-0f0b4a3b0c11"}
    answers = [patch(caller, body, headers=once) for _ in range(2)]
    assert [answer.status for answer in answers] == [200, 200]
    assert len(simulator.ledger.find(kind="subscription_changed")) == 1


def test_bought_subscription_is_found_by_id_before_it_is_listed(
    simulator: Simulator, app: Caller
) -> None:
    later = (simulator.clock() + timedelta(minutes=15)).isoformat()
    row = make_seats(OWNER, "bought", **BOUGHT_TODAY)
    simulator.ledger.record(
        "subscription_created", "bought", customer=OWNER, subscription=row, visible_at=later
    )
    assert get(app, "bought")["id"] == "bought"
    assert app.get(LIST).json()["items"] == []
    simulator.advance(timedelta(minutes=15))
    assert [row["id"] for row in app.get(LIST).json()["items"]] == ["bought"]
    simulator.reset()
    assert app.get(LIST).json()["items"] == []
