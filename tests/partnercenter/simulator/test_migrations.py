"""Migrations of legacy subscriptions to new commerce, at once and on a day to come."""

from datetime import timedelta
from typing import Any

import pytest

from partnercenter.simulator import Simulator
from tests.partnercenter.simulator.calls import Caller, app_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.sample_subscriptions import make_item, make_legacy, make_seats
from tests.partnercenter.simulator.subscription_calls import LIST, OWNER, charged, get

BASE = f"/v1/customers/{OWNER}/migrations/newcommerce"
E3 = "CFQ7TTC0E3E3:0001:CFQ7TTC0KEEE"
CATALOG = [make_item(), make_item(E3, title="Office 365 Enterprise E3")]
ROWS = [
    make_legacy(OWNER, "old"),
    make_legacy(OWNER, "addon", parentSubscriptionId="old"),
    make_legacy(OWNER, "paused", status="suspended"),
    make_seats(OWNER, "seats"),
]


def make(make_simulator: MakeSimulator, **switches: Any) -> Simulator:
    lasting = {"access_token_seconds": 10**9}
    return make_simulator(subscriptions=ROWS, catalog=CATALOG, switches=lasting | switches)


def migrate(caller: Caller, identity: str = "old", **more: Any) -> dict[str, Any]:
    answer = caller.post(BASE, {"CurrentSubscriptionId": identity} | more)
    assert answer.status == 200, answer.body
    body: dict[str, Any] = answer.json()
    return body


def test_migration_ends_the_old_and_begins_the_new(make_simulator: MakeSimulator) -> None:
    simulator = make(make_simulator)
    caller = app_caller(simulator)
    made = migrate(caller)
    assert (made["status"], made["catalogItemId"]) == ("Completed", E3)
    assert [one["currentSubscriptionId"] for one in made["addOnMigrations"]] == ["addon"]
    new = get(caller, made["newCommerceSubscriptionId"])
    assert (new["quantity"], new["termDuration"], new["billingCycle"]) == (5, "P1Y", "monthly")
    assert new["commitmentEndDate"] == get(caller, "old")["commitmentEndDate"]
    assert new["orderId"] == made["newCommerceOrderId"]
    assert new["refundableQuantity"]["totalQuantity"] == 5
    assert [get(caller, name)["status"] for name in ("old", "addon")] == ["deleted"] * 2
    addons = caller.get(f"{LIST}/{new['id']}/addons").json()["items"]
    assert [row["quantity"] for row in addons] == [5]
    assert [row["chargeType"] for row in charged(simulator)] == ["new", "new"]
    assert caller.get(f"{BASE}/{made['id']}").json() == made
    assert caller.get(BASE).json() == [made]
    events = caller.get(f"{BASE}/events").json()
    assert [event["Name"] for event in events] == ["MigrationStarted", "MigrationCompleted"]


def test_migration_is_processing_for_the_time_the_switch_says(
    make_simulator: MakeSimulator,
) -> None:
    simulator = make(make_simulator, migration_seconds=300)
    caller = app_caller(simulator)
    made = migrate(caller, termDuration="P1Y", purchaseFullTerm=True)
    assert made["status"] == "Processing"
    assert "newCommerceSubscriptionId" not in made
    assert get(caller, "old")["status"] == "active"
    simulator.advance(timedelta(seconds=300))
    done = caller.get(f"{BASE}/{made['id']}").json()
    assert done["status"] == "Completed"
    new = get(caller, done["newCommerceSubscriptionId"])
    assert new["commitmentEndDate"] == "2027-11-20T00:00:00Z"


@pytest.mark.parametrize(
    ("identity", "code"), [("seats", 900215), ("paused", 900216), ("addon", 900218)]
)
def test_what_cannot_migrate_is_validated_and_refused_alike(
    make_simulator: MakeSimulator, identity: str, code: int
) -> None:
    caller = app_caller(make(make_simulator))
    body = {"currentSubscriptionId": identity}
    checked = caller.post(f"{BASE}/validate", body).json()
    assert (checked["isEligible"], checked["errors"][0]["code"]) == (False, code)
    refused = caller.post(BASE, body)
    assert (refused.status, refused.code) == (400, code)


@pytest.mark.parametrize("quantity", [0, -1, "five", 1.5, True])
def test_quantity_of_a_migration_is_a_number_of_seats(
    make_simulator: MakeSimulator, quantity: object
) -> None:
    simulator = make(make_simulator)
    body = {"currentSubscriptionId": "old", "quantity": quantity}
    refused = app_caller(simulator).post(BASE, body)
    assert (refused.status, refused.code) == (400, 800002)
    assert simulator.ledger.find(kind="subscription_created") == []


def test_validation_says_what_would_come_and_changes_nothing(
    make_simulator: MakeSimulator,
) -> None:
    simulator = make(make_simulator)
    caller = app_caller(simulator)
    before = simulator.ledger.sequence
    checked = caller.post(f"{BASE}/validate", {"currentSubscriptionId": "old"}).json()
    assert (checked["isEligible"], checked["catalogItemId"], checked["errors"]) == (True, E3, [])
    assert simulator.ledger.sequence == before


def test_term_of_a_migration_ends_only_on_an_aligned_day(make_simulator: MakeSimulator) -> None:
    caller = app_caller(make(make_simulator))
    body = {"currentSubscriptionId": "old", "customTermEndDate": "2027-03-03T00:00:00Z"}
    assert caller.post(BASE, body).code == 900291
    made = migrate(caller, customTermEndDate="2027-03-31T00:00:00Z")
    new = get(caller, made["newCommerceSubscriptionId"])
    assert new["commitmentEndDateTime"] == "2027-03-31T23:59:59Z"


def test_schedule_is_carried_out_on_its_day(make_simulator: MakeSimulator) -> None:
    simulator = make(make_simulator)
    caller = app_caller(simulator)
    body = {"currentSubscriptionId": "old", "targetDate": "2026-12-01T00:00:00Z", "quantity": 3}
    made = caller.post(f"{BASE}/schedules", body).json()
    assert (made["status"], made["quantity"]) == ("Created", 3)
    assert get(caller, "old")["status"] == "active"
    target = f"{BASE}/schedules/{made['id']}"
    moved = caller.send("PUT", target, body=made | {"targetDate": "2026-12-10T00:00:00Z"}).json()
    simulator.advance(timedelta(days=12))
    assert caller.get(target).json() == [moved]
    simulator.advance(timedelta(days=12))
    (done,) = caller.get(f"{BASE}/schedules").json()
    assert done["status"] == "Completed"
    assert get(caller, "old")["status"] == "deleted"
    (migration,) = caller.get(BASE).json()
    assert get(caller, migration["newCommerceSubscriptionId"])["quantity"] == 3
    late = caller.post(f"{target}/cancel")
    assert (late.status, late.code) == (400, 900226)


def test_cancelled_schedule_does_nothing(make_simulator: MakeSimulator) -> None:
    simulator = make(make_simulator)
    caller = app_caller(simulator)
    body = {"currentSubscriptionId": "old", "targetDate": "2026-12-01T00:00:00Z"}
    made = caller.post(f"{BASE}/schedules", body).json()
    assert caller.post(f"{BASE}/schedules/{made['id']}/cancel").json()["status"] == "Cancelled"
    simulator.advance(timedelta(days=30))
    assert caller.get(BASE).json() == []
    assert get(caller, "old")["status"] == "active"
    assert caller.post(f"{BASE}/schedules", {"currentSubscriptionId": "old"}).code == 800002
