"""Rule 55: what time alone does to a subscription, and what it bills meanwhile."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from partnercenter.simulator import Simulator, Switches
from partnercenter.simulator.charges import charges_between
from tests.partnercenter.simulator.calls import Clock, app_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.sample_subscriptions import make_legacy, make_seats
from tests.partnercenter.simulator.sample_worlds import make_customer, write_world
from tests.partnercenter.simulator.subscription_calls import LIST, OWNER, edit, get, patch

ENDS = {"commitmentEndDate": "2026-11-30T00:00:00Z"}
OVER = datetime(2026, 12, 1, tzinfo=UTC)


def move_to(simulator: Simulator, moment: datetime) -> None:
    simulator.advance(moment - simulator.clock())


def test_rule_55_clock_drives_expiry_disabling_and_deletion(make_lasting: MakeSimulator) -> None:
    rows = [
        make_seats(OWNER, "ending", autoRenewEnabled=False, **ENDS),
        make_seats(OWNER, "paused", status="suspended", **ENDS),
    ]
    simulator = make_lasting(subscriptions=rows)
    caller = app_caller(simulator)
    seen = []
    for day in (-1, 0, 29, 30, 119, 120):
        move_to(simulator, OVER + timedelta(days=day))
        seen.append((day, get(caller, "ending")["status"], get(caller, "paused")["status"]))
    assert seen == [
        (-1, "active", "suspended"),
        (0, "expired", "disabled"),
        (29, "expired", "disabled"),
        (30, "disabled", "disabled"),
        (119, "disabled", "disabled"),
        (120, "deleted", "deleted"),
    ]
    assert simulator.ledger.find(kind="subscription_changed") == []
    assert {row["status"] for row in caller.get(LIST).json()["items"]} == {"deleted"}


def test_rule_55_expired_cannot_be_revived(make_lasting: MakeSimulator) -> None:
    row = make_seats(OWNER, "seats", autoRenewEnabled=False, **ENDS)
    simulator = make_lasting(subscriptions=[row])
    caller = app_caller(simulator)
    move_to(simulator, OVER)
    for changes in ({"autoRenewEnabled": True}, {"status": "active"}, {"quantity": 11}):
        refused = edit(caller, **changes)
        assert (refused.status, refused.code) in ((400, 900277), (400, 800040))
    assert charges_between(get(caller), OVER, OVER + timedelta(days=400)) == []


def test_renewing_subscription_goes_on_term_after_term(make_lasting: MakeSimulator) -> None:
    monthly = make_seats(OWNER, "seats", termDuration="P1M", **ENDS)
    simulator = make_lasting(subscriptions=[monthly])
    caller = app_caller(simulator)
    move_to(simulator, datetime(2027, 3, 15, tzinfo=UTC))
    assert get(caller)["commitmentEndDate"] == "2027-03-31T00:00:00Z"
    assert get(caller)["status"] == "active"


def test_legacy_is_deleted_ninety_days_after_it_was_suspended(make_lasting: MakeSimulator) -> None:
    simulator = make_lasting(subscriptions=[make_legacy(OWNER, "old")])
    caller = app_caller(simulator)
    assert patch(caller, {"status": "deleted"}, "old").code == 800040
    patch(caller, {"status": "suspended"}, "old")
    simulator.advance(timedelta(days=89))
    assert get(caller, "old")["status"] == "suspended"
    simulator.advance(timedelta(days=1))
    assert get(caller, "old")["status"] == "deleted"


@pytest.mark.parametrize("end", ["9999-12-31T00:00:00Z", "9999-12-14T00:00:00Z", ""])
def test_what_has_no_end_stays_as_it_is(make_lasting: MakeSimulator, end: str) -> None:
    row = make_seats(OWNER, "seats", commitmentEndDate=end, autoRenewEnabled=False)
    simulator = make_lasting(subscriptions=[row])
    simulator.advance(timedelta(days=3650))
    assert get(app_caller(simulator)) == row


def test_trial_ends_unless_it_says_what_follows(make_lasting: MakeSimulator) -> None:
    plan = {"product": {"productId": "CFQ7TTC0LH18", "skuId": "0001", "billingCycle": "monthly"}}
    trial = {"isTrial": True, "billingCycle": "none", "termDuration": "P1M"} | ENDS
    rows = [
        make_seats(OWNER, "ends", **trial),
        make_seats(OWNER, "stays", scheduledNextTermInstructions=plan, **trial),
    ]
    simulator = make_lasting(subscriptions=rows)
    caller = app_caller(simulator)
    move_to(simulator, OVER)
    assert get(caller, "ends")["status"] == "expired"
    paid = get(caller, "stays")
    assert (paid["status"], paid["isTrial"], paid["billingCycle"]) == ("active", False, "monthly")


def test_renewals_and_cycles_are_charged_once_each() -> None:
    row = make_seats(OWNER, "seats", **ENDS)
    start = datetime(2026, 10, 15, tzinfo=UTC)
    due = charges_between(row, start, datetime(2027, 2, 15, tzinfo=UTC))
    assert [(one.kind, str(one.start), str(one.end)) for one in due] == [
        ("cycleCharge", "2026-11-01", "2026-11-30"),
        ("renew", "2026-12-01", "2026-12-31"),
        ("cycleCharge", "2027-01-01", "2027-01-31"),
        ("cycleCharge", "2027-02-01", "2027-02-28"),
    ]
    middle = datetime(2026, 12, 1, tzinfo=UTC)
    halves = [charges_between(row, start, middle)]
    halves.append(charges_between(row, middle, datetime(2027, 2, 15, tzinfo=UTC)))
    assert [one.reference for half in halves for one in half] == [one.reference for one in due]


def test_term_cut_short_is_charged_for_its_part() -> None:
    row = make_seats(OWNER, "seats", commitmentEndDate="2026-12-15T00:00:00Z")
    (due,) = charges_between(row, OVER - timedelta(days=1), OVER)
    assert (str(due.start), str(due.end)) == ("2026-12-01", "2026-12-15")
    assert float(due.share) == pytest.approx(15 / 31, abs=0.00001)


def test_changed_subscription_is_billed_on_as_it_is(
    make_lasting: MakeSimulator, clock: Clock
) -> None:
    simulator = make_lasting(subscriptions=[make_seats(OWNER, name) for name in ("seats", "same")])
    caller = app_caller(simulator)
    simulator.advance(timedelta(days=15))
    edit(caller, quantity=12)
    simulator.advance(timedelta(days=31))
    edit(caller, quantity=14)
    store = simulator.site.subscriptions
    due = list(store.due_charges(clock.now, simulator.clock() + timedelta(days=31)))
    assert [(owner, one.kind, one.seats, str(one.start)) for owner, one in due] == [
        (OWNER, "cycleCharge", 12, "2027-01-01"),
        (OWNER, "cycleCharge", 14, "2027-02-01"),
    ]


def test_changes_survive_a_restart(tmp_path: Path, clock: Clock) -> None:
    world = write_world(
        tmp_path / "world",
        customers=[make_customer(1)],
        subscriptions=[make_seats(OWNER, "seats"), make_legacy(OWNER, "old")],
    )

    def start() -> Simulator:
        switches = Switches(access_token_seconds=10**9)
        return Simulator(world, clock=clock, switches=switches, state_folder=tmp_path / "state")

    first = start()
    caller = app_caller(first)
    patch(caller, {"status": "suspended"}, "old")
    first.advance(timedelta(days=60))
    edit(caller, quantity=12)
    before = caller.get(LIST).json()
    second = start()
    again = app_caller(second)
    assert again.get(LIST).json() == before
    second.advance(timedelta(days=30))
    assert get(again, "old")["status"] == "deleted"
    second.reset()
    assert get(again)["quantity"] == 10
