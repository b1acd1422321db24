"""The rows of changes: the world's own prices, the published arithmetic, and nothing kept back."""

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any

import pytest

from partnercenter.simulator import Simulator
from partnercenter.simulator.charge_rows import charge_row, due_rows, unit_price
from partnercenter.simulator.charges import first_charge
from partnercenter.simulator.stores.subscriptions import customer_of
from partnercenter.simulator.subscription_terms import Generation, generation
from partnercenter.simulator.worlds import make_world, open_world
from tests.partnercenter.simulator.calls import Clock, app_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.sample_subscriptions import make_item, make_seats
from tests.partnercenter.simulator.subscription_calls import (
    BOUGHT_TODAY,
    OWNER,
    charged,
    edit,
)

CENT = Decimal("0.01")
TODAY = date(2025, 7, 8)


@pytest.fixture(scope="module", params=["NL", "GB", "US"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Simulator:
    """Return a simulator over a made world with customers abroad."""
    folder = tmp_path_factory.mktemp("charged") / request.param
    make_world(folder, customers=60, lines=600, seed=5, home=request.param, today=TODAY)
    clock = Clock(datetime(2025, 7, 8, 9, 0, tzinfo=UTC))
    return Simulator(open_world(str(folder), cache=folder.parent), clock=clock)


def exact(value: object) -> Decimal:
    return Decimal(str(value))


def seats_of(simulator: Simulator) -> list[dict[str, Any]]:
    return [
        row
        for row in simulator.site.world.collection("subscriptions")
        if generation(row) is Generation.SEATS and row["status"] == "active"
    ]


def test_price_of_seats_is_the_one_on_the_worlds_invoices(made: Simulator) -> None:
    world = made.site.world
    billed: dict[str, dict[str, Any]] = {
        row["subscriptionId"]: row
        for invoice in world.collection("invoices")
        for row in world.invoice_lines(invoice["id"])
        if row["billingProvider"] == "one_time"
    }
    compared = 0
    for row in seats_of(made):
        line = billed.get(row["id"])
        if line is not None:
            price = unit_price(made.site, row, line["pricingCurrency"])
            assert price == exact(line["unitPrice"])
            compared += 1
    assert compared > 20


def test_rows_have_the_keys_currencies_and_arithmetic_of_the_worlds_rows(made: Simulator) -> None:
    world = made.site.world
    model = next(
        row
        for invoice in world.collection("invoices")
        for row in world.invoice_lines(invoice["id"])
        if row["billingProvider"] == "one_time"
    )
    for subscription in seats_of(made)[:40]:
        for charge in first_charge(subscription, made.clock()):
            row = charge_row(made.site, customer_of(subscription), charge)
            assert set(row) == set(model) - {"invoiceNumber"}
            assert row["currency"] == model["currency"]
            seat = exact(row["effectiveUnitPrice"]) * exact(row["pcToBCExchangeRate"])
            subtotal = seat.quantize(CENT, ROUND_DOWN) * exact(row["billableQuantity"])
            assert exact(row["subtotal"]) == subtotal
            total = exact(row["subtotal"]) + exact(row["taxTotal"])
            assert exact(row["totalForCustomer"]) == total


def test_catalogue_price_counts_before_any_other(make_simulator: MakeSimulator) -> None:
    item = make_item()
    item["terms"][0]["listPrice"] = "12.34"
    simulator = make_simulator(subscriptions=[make_seats(OWNER, "seats")], catalog=[item])
    edit(app_caller(simulator), quantity=11)
    assert {row["unitPrice"] for row in charged(simulator)} == {"12.34"}


def test_price_paid_counts_before_the_catalogue(make_simulator: MakeSimulator) -> None:
    """A promotion's price, and the rate of the month, come back as they were paid."""
    row = make_seats(OWNER, "seats", **BOUGHT_TODAY)
    simulator = make_simulator(subscriptions=[row], catalog=[make_item()])
    (charge,) = first_charge(row, simulator.clock())
    bought = charge_row(simulator.site, OWNER, charge) | {
        "unitPrice": "20",
        "effectiveUnitPrice": "15",
    }
    simulator.ledger.record("charged", "seats", row=bought)
    edit(app_caller(simulator), status="deleted")
    refund = charged(simulator)[-1]
    assert (refund["chargeType"], refund["unitPrice"]) == ("cancelImmediate", "20")
    assert exact(refund["effectiveUnitPrice"]) == 15
    assert exact(refund["subtotal"]) == -150


def test_billing_cycle_switch_is_a_pair_at_both_prices(make_simulator: MakeSimulator) -> None:
    simulator = make_simulator(subscriptions=[make_seats(OWNER, "seats")], catalog=[make_item()])
    edit(app_caller(simulator), billingCycle="Annual")
    back, forth = charged(simulator)
    assert back["chargeType"] == forth["chargeType"] == "changeBillingPlan"
    assert (back["billingFrequency"], forth["billingFrequency"]) == ("Monthly", "Annual")
    assert back["chargeEndDate"] == "2026-11-30T00:00:00Z"
    assert forth["chargeEndDate"] == "2027-02-28T00:00:00Z"
    assert exact(forth["unitPrice"]) == exact(back["unitPrice"]) * 12


def test_rename_and_suspension_cause_no_rows(make_simulator: MakeSimulator) -> None:
    simulator = make_simulator(subscriptions=[make_seats(OWNER, "seats")])
    caller = app_caller(simulator)
    edit(caller, friendlyName="Other")
    edit(caller, status="suspended")
    assert charged(simulator) == []


def test_rows_of_time_are_the_same_whenever_asked_for(
    make_simulator: MakeSimulator, clock: Clock
) -> None:
    rows = [make_seats(OWNER, "seats", **BOUGHT_TODAY), make_seats(OWNER, "untouched")]
    simulator = make_simulator(subscriptions=rows)
    edit(app_caller(simulator), quantity=12)
    start = clock.now
    clock.advance(days=70)
    due = list(due_rows(simulator.site, start, clock.now))
    assert [(identity, row["chargeType"], row["quantity"]) for identity, row in due] == [
        ("seats", "cycleCharge", "12"),
        ("seats", "cycleCharge", "12"),
    ]
    assert [row["chargeStartDate"][:10] for _, row in due] == ["2026-12-21", "2027-01-21"]
    assert list(due_rows(simulator.site, start, clock.now)) == due


def test_renewals_and_cycles_reach_the_invoices_of_their_months(
    make_simulator: MakeSimulator,
) -> None:
    ending = BOUGHT_TODAY | {"termDuration": "P1M", "commitmentEndDate": "2026-12-20T00:00:00Z"}
    simulator = make_simulator(
        subscriptions=[make_seats(OWNER, "seats", **ending)],
        switches={"access_token_seconds": 10**9},
    )
    caller = app_caller(simulator)
    edit(caller, quantity=12)
    for _ in range(3):
        simulator.advance(timedelta(days=30))
    seen = [(row["chargeType"], row["chargeStartDate"][:10]) for row in charged(simulator)]
    assert seen == [
        ("removeQuantity", "2026-11-21"),
        ("addQuantity", "2026-11-21"),
        ("renew", "2026-12-21"),
        ("renew", "2027-01-21"),
    ]
    invoices = caller.get("/v1/invoices").json()["items"]
    rows = charged(simulator)[2:]
    by_month = {one["billingPeriodStartDate"][:7]: one["totalCharges"] for one in invoices}
    assert exact(by_month["2026-12"]) == exact(rows[0]["totalForCustomer"])
    assert exact(by_month["2027-01"]) == exact(rows[1]["totalForCustomer"])
