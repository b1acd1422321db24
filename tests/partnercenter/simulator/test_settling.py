"""Time alone brings charges and invoices, whether the clock is moved on or merely runs."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from partnercenter.simulator import Simulator, Switches
from tests.partnercenter.simulator.calls import COMMERCE, Caller, Clock, app_caller, user_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.exporting import (
    UNBILLED,
    charge,
    export_rows,
)
from tests.partnercenter.simulator.receivers import attach, register
from tests.partnercenter.simulator.sample_subscriptions import make_item, make_seats
from tests.partnercenter.simulator.sample_worlds import make_customer, make_invoice, write_world
from tests.partnercenter.simulator.subscription_calls import BOUGHT_TODAY, OWNER, charged, edit

LASTING = {"access_token_seconds": 10**9}
BILLED = "/v1/invoices/{}/lineitems?provider=onetime&invoicelineitemtype=billinglineitems"
UNBILLED_LINES = "/v1/invoices/unbilled/lineitems?provider=onetime&currencycode=usd&period=current"


@pytest.fixture
def seats(make_simulator: MakeSimulator) -> Simulator:
    """Return a simulator whose monthly paid seats were changed, so that time charges them."""
    monthly = make_seats(OWNER, "seats", **BOUGHT_TODAY | {"billingCycle": "monthly"})
    simulator = make_simulator(subscriptions=[monthly], catalog=[make_item()], switches=LASTING)
    assert edit(app_caller(simulator), quantity=5).status == 200
    return simulator


def ready(simulator: Simulator) -> list[str]:
    return [effect.subject for effect in simulator.ledger.find(kind="invoice_ready")]


def invoice_ids(caller: Caller) -> list[str]:
    return [one["id"] for one in caller.get("/v1/invoices").json()["items"]]


def lines(caller: Caller, target: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = caller.all_items(target)
    return items


def test_a_running_clock_charges_what_falls_due_before_rows_are_read(
    seats: Simulator, clock: Clock
) -> None:
    caller, at_once = app_caller(seats), len(charged(seats))
    clock.now = datetime(2026, 12, 20, 23, 59, tzinfo=UTC)
    assert lines(caller, UNBILLED_LINES) == []
    assert len(charged(seats)) == at_once
    clock.now = datetime(2026, 12, 21, 0, 0, tzinfo=UTC)
    (row,) = lines(caller, UNBILLED_LINES)
    assert (row["chargeType"], row["quantity"]) == ("cycleCharge", 5)
    assert lines(caller, UNBILLED_LINES) == [row]
    clock.now = datetime(2027, 1, 1, 8, 0, tzinfo=UTC)
    assert lines(caller, UNBILLED_LINES) == []
    first, second = invoice_ids(caller)
    assert [line["chargeType"] for line in lines(caller, BILLED.format(second))] == ["cycleCharge"]
    assert len(lines(caller, BILLED.format(first))) == at_once


def test_an_export_of_a_running_clock_holds_what_fell_due(seats: Simulator, clock: Clock) -> None:
    clock.now = datetime(2026, 12, 21, 6, 0, tzinfo=UTC)
    asked = {"currencyCode": "USD", "billingPeriod": "current", "attributeSet": "full"}
    rows = export_rows(seats, UNBILLED, **asked)
    assert [row["ChargeType"] for row in rows] == ["cycleCharge"]


def test_a_change_after_a_silent_month_comes_after_what_fell_due(
    seats: Simulator, clock: Clock
) -> None:
    clock.now = datetime(2026, 12, 22, 6, 0, tzinfo=UTC)
    before = len(charged(seats))
    assert edit(app_caller(seats), quantity=6).status == 200
    kinds = [row["chargeType"] for row in charged(seats)[before:]]
    assert kinds == ["cycleCharge", "removeQuantity", "addQuantity"]


def test_running_and_being_moved_on_charge_the_same(
    make_simulator: MakeSimulator, clock: Clock
) -> None:
    rows = []
    monthly = make_seats(OWNER, "seats", **BOUGHT_TODAY | {"billingCycle": "monthly"})
    for runs in (True, False):
        clock.now = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
        simulator = make_simulator(subscriptions=[monthly], catalog=[make_item()], switches=LASTING)
        edit(app_caller(simulator), quantity=5)
        later = datetime(2028, 3, 1, 9, 0, tzinfo=UTC)
        if runs:
            clock.now = later
        else:
            simulator.advance(later - clock.now)
        assert invoice_ids(app_caller(simulator))
        rows.append([row | {"referenceId": ""} for row in charged(simulator)])
        rows[-1] += [{"ready": one} for one in ready(simulator)]
    assert rows[0] == rows[1]
    assert len([row for row in rows[0] if "ready" in row]) == 16


def test_the_invoices_of_a_month_are_told_once_each_when_they_appear(
    make_simulator: MakeSimulator, clock: Clock
) -> None:
    simulator = make_simulator(invoices=[make_invoice("G1")], switches=LASTING)
    receiver = attach(simulator)
    register(simulator, "invoice-ready")
    charge(simulator, 1)
    charge(simulator, 2, currency="GBP")
    caller = app_caller(simulator)
    clock.now = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)
    simulator.courier.deliver_due()
    assert (receiver.arrivals, ready(simulator)) == ([], [])
    clock.now = datetime(2026, 12, 1, 0, 0, tzinfo=UTC)
    simulator.courier.deliver_due()
    told = [arrival.json()["ResourceUri"].rpartition("/")[2] for arrival in receiver.arrivals]
    assert told == ready(simulator) == invoice_ids(caller)[1:]
    assert len(told) == 2
    signed_in = user_caller(simulator)
    for arrival in receiver.arrivals:
        path = arrival.json()["ResourceUri"].removeprefix(COMMERCE)
        assert signed_in.get(path).json()["totalCharges"] == 30.15
    clock.now = datetime(2026, 12, 2, 0, 0, tzinfo=UTC)
    simulator.courier.deliver_due()
    assert len(receiver.arrivals) == 2


def test_an_invoice_is_told_on_the_day_the_switch_names(
    make_simulator: MakeSimulator, clock: Clock
) -> None:
    simulator = make_simulator(switches=LASTING | {"invoice_day": 8})
    charge(simulator, 1)
    caller = app_caller(simulator)
    for day, count in ((7, 0), (8, 1), (9, 1)):
        clock.now = datetime(2026, 12, day, tzinfo=UTC)
        assert len(invoice_ids(caller)) == len(ready(simulator)) == count


def test_an_earlier_day_of_invoices_holds_on_the_same_day(
    make_simulator: MakeSimulator, clock: Clock
) -> None:
    simulator = make_simulator(switches=LASTING | {"invoice_day": 8})
    charge(simulator, 1)
    caller = app_caller(simulator)
    clock.now = datetime(2026, 12, 3, tzinfo=UTC)
    assert invoice_ids(caller) == []
    caller.post("/_simulator/switches", {"invoice_day": 2})
    assert invoice_ids(caller) == ready(simulator) != []


def test_a_month_that_ended_while_nothing_ran_is_told_after_the_restart_and_once(
    tmp_path: Path, clock: Clock
) -> None:
    world = write_world(tmp_path / "world", customers=[make_customer(1)])
    switches, state = Switches().changed(LASTING), tmp_path / "state"
    charge(Simulator(world, clock=clock, switches=switches, state_folder=state), 1)
    clock.now = datetime(2026, 12, 5, tzinfo=UTC)
    for _ in range(2):
        simulator = Simulator(world, clock=clock, switches=switches, state_folder=state)
        assert len(invoice_ids(app_caller(simulator))) == 1
        assert len(ready(simulator)) == 1
    simulator.reset()
    assert invoice_ids(app_caller(simulator)) == ready(simulator) == []
