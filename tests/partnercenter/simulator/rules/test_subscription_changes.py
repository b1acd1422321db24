"""Rules 51 to 54: seats, cancelling, suspending, scheduled changes, and what is refused."""

import copy
from datetime import timedelta
from typing import Any

import pytest

from partnercenter.simulator.charges import charges_between
from tests.partnercenter.simulator.calls import app_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.sample_subscriptions import make_item, make_legacy, make_seats
from tests.partnercenter.simulator.sample_worlds import PARTNER, RESELLER
from tests.partnercenter.simulator.subscription_calls import (
    BOUGHT_TODAY,
    OWNER,
    PLAN,
    charged,
    edit,
    get,
    patch,
)


def test_rule_51_two_purchases_of_seats_have_two_windows(make_lasting: MakeSimulator) -> None:
    simulator = make_lasting(subscriptions=[make_seats(OWNER, "seats", **BOUGHT_TODAY)])
    caller = app_caller(simulator)
    simulator.advance(timedelta(days=5))
    more = edit(caller, quantity=15).json()
    assert [one["quantity"] for one in more["refundableQuantity"]["details"]] == [10, 5]
    assert more["refundableQuantity"]["totalQuantity"] == 15
    simulator.advance(timedelta(days=3))
    # The first ten are past their week, the five are not.
    assert edit(caller, quantity=9).code == 800090
    assert edit(caller, quantity=12).json()["refundableQuantity"]["totalQuantity"] == 2
    simulator.advance(timedelta(days=5))
    refused = edit(caller, quantity=11)
    assert (refused.status, refused.code) == (400, 800090)
    assert edit(caller, quantity=20).json()["quantity"] == 20


def test_rule_51_seats_are_prorated_as_a_pair_with_one_reference(
    make_simulator: MakeSimulator,
) -> None:
    row = make_seats(OWNER, "seats", effectiveStartDate="2026-03-01T08:30:00Z")
    simulator = make_simulator(subscriptions=[row])
    edit(app_caller(simulator), quantity=12)
    refund, charge = charged(simulator)
    assert (refund["chargeType"], charge["chargeType"]) == ("removeQuantity", "addQuantity")
    assert refund["referenceId"] == charge["referenceId"]
    assert (refund["quantity"], charge["quantity"]) == ("-10", "12")
    # The 21st to the 30th of November: ten of thirty days.
    assert charge["chargeStartDate"] == "2026-11-21T00:00:00Z"
    assert charge["chargeEndDate"] == "2026-11-30T00:00:00Z"
    price, part = float(charge["unitPrice"]), float(charge["effectiveUnitPrice"])
    assert part == pytest.approx(price / 3, abs=0.0001)
    cents = int(part * 100)
    assert float(charge["subtotal"]) == pytest.approx(cents * 12 / 100)
    assert float(refund["subtotal"]) == pytest.approx(-cents * 10 / 100)


@pytest.mark.parametrize("code", [800090, 900214, 900257])
def test_window_closed_code_is_a_switch(make_simulator: MakeSimulator, code: int) -> None:
    rows = [make_seats(OWNER, "seats")]
    caller = app_caller(make_simulator(subscriptions=rows, switches={"window_closed_code": code}))
    assert edit(caller, quantity=1).code == code


def test_rule_52_cancelling_within_seven_days_ends_billing(
    make_lasting: MakeSimulator,
) -> None:
    rows = [make_seats(OWNER, name, **BOUGHT_TODAY) for name in ("seats", "late")]
    simulator = make_lasting(subscriptions=rows)
    caller = app_caller(simulator)
    simulator.advance(timedelta(days=6))
    cancelled = edit(caller, status="Deleted")
    assert (cancelled.status, cancelled.json()["status"]) == (200, "deleted")
    year = simulator.clock() + timedelta(days=365)
    assert charges_between(cancelled.json(), simulator.clock(), year) == []
    assert charges_between(get(caller, "late"), simulator.clock(), year)
    (row,) = charged(simulator)
    assert (row["chargeType"], row["quantity"]) == ("cancelImmediate", "-10")
    # Six of thirty days were used: 24 come back.
    assert row["chargeStartDate"] == "2026-11-27T00:00:00Z"
    assert float(row["effectiveUnitPrice"]) == pytest.approx(
        float(row["unitPrice"]) * 24 / 30, abs=0.0001
    )
    simulator.advance(timedelta(days=2))
    refused = edit(caller, "late", status="deleted")
    assert (refused.status, refused.code) == (400, 900117)
    assert edit(caller, status="active").code == 2011


def test_rule_53_suspended_is_billed_and_takes_no_other_change(
    make_simulator: MakeSimulator,
) -> None:
    charge = {"product": {"billingCycle": "annual"}}
    row = make_seats(
        OWNER, "seats", scheduledNextTermInstructions=PLAN, nextChargeInstructions=charge
    )
    simulator = make_simulator(subscriptions=[row, make_legacy(OWNER, "old")])
    caller = app_caller(simulator)
    suspended = patch(caller, {"status": "suspended"}).json()
    assert suspended["status"] == "suspended"
    assert suspended["nextChargeInstructions"] == charge
    assert "scheduledNextTermInstructions" not in suspended
    now = simulator.clock()
    due = charges_between(suspended, now, now + timedelta(days=70))
    assert [(one.kind, one.seats, str(one.start)) for one in due] == [
        ("cycleCharge", 10, "2026-12-01"),
        ("cycleCharge", 10, "2027-01-01"),
    ]
    for change in ({"quantity": 12}, {"friendlyName": "Other"}, {"billingCycle": "annual"}):
        refused = patch(caller, change)
        assert (refused.status, refused.code) == (400, 800091)
    patch(caller, {"status": "suspended"}, "old")
    assert patch(caller, {"quantity": 6}, "old").code == 2001
    resumed = edit(caller, status="active")
    assert resumed.json()["status"] == "active"
    assert "suspensionReasons" not in resumed.json()
    assert edit(caller, quantity=12).json()["quantity"] == 12


def test_rule_54_scheduled_changes_apply_at_the_renewal_and_vanish(
    make_lasting: MakeSimulator,
) -> None:
    row = make_seats(OWNER, "seats", commitmentEndDate="2026-11-30T00:00:00Z")
    simulator = make_lasting(subscriptions=[row], catalog=[make_item()])
    caller = app_caller(simulator)
    refused = edit(caller, autoRenewEnabled=False, scheduledNextTermInstructions=PLAN)
    assert (refused.status, refused.code) == (400, 800093)
    monthly = copy.deepcopy(PLAN)
    monthly["product"]["termDuration"] = "P1M"
    assert edit(caller, scheduledNextTermInstructions=monthly).code == 900270
    monthly["product"]["billingCycle"] = "monthly"
    assert edit(caller, scheduledNextTermInstructions=monthly).code == 400039
    assert edit(caller, scheduledNextTermInstructions=PLAN).status == 200
    simulator.advance(timedelta(days=9))
    assert get(caller)["scheduledNextTermInstructions"] == PLAN
    simulator.advance(timedelta(days=1))
    renewed = get(caller)
    assert (renewed["quantity"], renewed["billingCycle"]) == (7, "annual")
    assert renewed["refundableQuantity"]["totalQuantity"] == 7
    assert "scheduledNextTermInstructions" not in renewed


def test_turning_renewal_off_takes_scheduled_changes_away(make_simulator: MakeSimulator) -> None:
    row = make_seats(OWNER, "seats", scheduledNextTermInstructions=PLAN)
    caller = app_caller(make_simulator(subscriptions=[row]))
    off = edit(caller, autoRenewEnabled=False)
    assert off.status == 200
    assert "scheduledNextTermInstructions" not in off.json()


REFUSED: dict[str, tuple[dict[str, Any], int, int]] = {
    "no such status": ({"status": "paused"}, 400, 900126),
    "a status only time brings": ({"status": "expired"}, 400, 800040),
    "no seats": ({"quantity": 0}, 400, 2002),
    "half a seat": ({"quantity": 1.5}, 400, 2002),
    "more than a sandbox holds": ({"quantity": 26}, 403, 800067),
    "more than the product allows": ({"quantity": 24}, 403, 800089),
    "a cycle the product lacks": ({"billingCycle": "triennial"}, 400, 900270),
    "a shorter term": ({"termDuration": "P1M"}, 400, 800122),
    "a longer term": ({"termDuration": "P3Y"}, 400, 800121),
    "the provider on record": ({"partnerId": PARTNER["mpnId"]}, 404, 2072),
    "an unknown partner on record": ({"partnerId": "1"}, 400, 2071),
    "a next term without product id": (
        {"scheduledNextTermInstructions": {"product": {"skuId": "0001"}}},
        400,
        800002,
    ),
    "a next term that ends on any day": (
        {"scheduledNextTermInstructions": {"customTermEndDate": "2027-05-05T00:00:00Z"}},
        400,
        900244,
    ),
    "a next term of no length": (
        {
            "scheduledNextTermInstructions": {
                "product": {"productId": "P", "skuId": "1", "termDuration": "P9999Y"}
            }
        },
        400,
        800002,
    ),
    "another subscription": ({"id": "other"}, 400, 800002),
}


@pytest.mark.parametrize("case", REFUSED)
def test_patch_is_refused_with_its_code(make_simulator: MakeSimulator, case: str) -> None:
    changes, status, code = REFUSED[case]
    limit = 30 if code == 800067 else 23
    simulator = make_simulator(
        subscriptions=[make_seats(OWNER, "seats")],
        catalog=[make_item(maximumQuantity=limit)],
    )
    caller = app_caller(simulator)
    before = get(caller)
    answer = edit(caller, **changes)
    assert (answer.status, answer.code) == (status, code)
    assert get(caller) == before
    assert simulator.ledger.find(kind="subscription_changed") == []


def test_partner_of_record_can_be_set_and_taken_away(make_simulator: MakeSimulator) -> None:
    caller = app_caller(make_simulator(subscriptions=[make_seats(OWNER, "seats")]))
    assert edit(caller, partnerId=RESELLER["mpnId"]).json()["partnerId"] == RESELLER["mpnId"]
    assert edit(caller, partnerId="").json()["partnerId"] == ""
