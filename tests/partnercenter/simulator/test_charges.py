"""What is charged becomes unbilled rows, and an invoice when the month is over."""

import tempfile
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partnercenter.simulator import Simulator
from tests.partnercenter.simulator.calls import Caller, Clock, app_caller, user_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.exporting import (
    UNBILLED,
    charge,
    export_rows,
    graph_caller,
    manifest_of,
    rows_in,
)
from tests.partnercenter.simulator.sample_worlds import make_invoice, make_line, write_world

BASE = "/v1/invoices/unbilled/lineitems?provider=onetime&currencycode=eur&period="


def invoices(simulator: Simulator) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = app_caller(simulator).get("/v1/invoices").json()["items"]
    return items


def unbilled(simulator: Simulator, period: str) -> list[str]:
    items = app_caller(simulator).get(BASE + period).json()["items"]
    return [row["subscriptionId"][-2:] for row in items]


def test_a_charge_is_unbilled_until_its_month_is_over(make_simulator: MakeSimulator) -> None:
    simulator = make_simulator(invoices=[make_invoice("G1", invoiceDate="2026-11-05T00:00:00Z")])
    charge(simulator, 11)
    charge(simulator, 12, totalForCustomer="-10.05", quantity="-1")
    assert unbilled(simulator, "current") == ["11", "12"]
    assert [one["id"] for one in invoices(simulator)] == ["G1"]
    simulator.advance(timedelta(days=9, hours=14, minutes=59))
    assert len(invoices(simulator)) == 1
    simulator.advance(timedelta(minutes=1))
    assert unbilled(simulator, "current") == unbilled(simulator, "previous") == []
    new = invoices(simulator)[1]
    assert new["id"].startswith("G")
    assert (new["invoiceDate"], new["totalCharges"]) == ("2026-12-01T00:00:00Z", 20.1)
    assert new["billingPeriodStartDate"] == "2026-11-01T00:00:00Z"
    assert new["billingPeriodEndDate"] == "2026-11-30T00:00:00Z"
    assert (new["currencyCode"], new["documentType"]) == ("EUR", "invoice")


def test_an_invoice_of_charges_is_found_every_way(make_simulator: MakeSimulator) -> None:
    simulator = make_simulator(invoices=[make_invoice("G1", currencyCode="EUR")])
    charge(simulator, 11)
    charge(simulator, 12)
    charge(simulator, 13, currency="USD", totalForCustomer="7.5")
    simulator.advance(timedelta(days=12))
    euro, dollar = invoices(simulator)[1:]
    user = user_caller(simulator)
    for named in (euro["id"], euro["id"].lower(), f"OneTime-{euro['id']}"):
        assert user.get(f"/v1/invoices/{named}").json() == euro
    statement = user.get(f"/v1/invoices/{euro['id']}/documents/statement").body
    assert f"Invoice {euro['id']}".encode() in statement
    assert b"EUR 60.30" in statement
    detail = euro["invoiceDetails"][0]["links"]["self"]
    rows = user.get(f"/v1{detail['uri']}").json()["items"]
    assert [row["invoiceNumber"] for row in rows] == [euro["id"]] * 2
    exported = export_rows(simulator, invoiceId=euro["id"])
    assert sum(Decimal(str(row["Total"])) for row in exported) == Decimal("60.3")
    assert {row["InvoiceNumber"] for row in exported} == {euro["id"]}
    summaries = user.get("/v1/invoices/summaries").json()["items"]
    balances = {one["currencyCode"]: one["balanceAmount"] for one in summaries}
    assert balances == {"EUR": 160.4, "USD": 7.5}
    assert (dollar["currencyCode"], dollar["totalCharges"]) == ("USD", 7.5)


def test_each_month_and_each_start_has_the_same_ids(tmp_path: Path, clock: Clock) -> None:
    world = write_world(tmp_path / "world")
    first = Simulator(world, clock=clock, state_folder=tmp_path / "state")
    charge(first, 11)
    first.advance(timedelta(days=30))
    charge(first, 12)
    first.advance(timedelta(days=30))
    ids = [one["id"] for one in invoices(first)]
    assert len(set(ids)) == 2
    second = Simulator(world, clock=clock, state_folder=tmp_path / "state")
    assert [one["id"] for one in invoices(second)] == ids
    second.reset()
    assert invoices(second) == []
    other = Simulator(world, clock=clock)
    charge(other, 99)
    other.advance(timedelta(days=30))
    assert [one["id"] for one in invoices(other)] == ids[:1]


def test_until_the_invoice_day_the_month_is_unbilled_in_the_previous_period(
    make_simulator: MakeSimulator,
) -> None:
    simulator = make_simulator(switches={"invoice_day": 6})
    charge(simulator, 11)
    simulator.advance(timedelta(days=12))
    charge(simulator, 12)
    assert (unbilled(simulator, "current"), unbilled(simulator, "previous")) == (["12"], ["11"])
    last = export_rows(simulator, UNBILLED, currencyCode="eur", billingPeriod="last")
    assert [row["SubscriptionId"][-2:] for row in last] == ["11"]
    assert invoices(simulator) == []
    simulator.advance(timedelta(days=3))
    assert [one["invoiceDate"][:10] for one in invoices(simulator)] == ["2026-12-06"]
    assert unbilled(simulator, "previous") == []


def test_an_export_keeps_the_rows_it_was_asked_for(make_simulator: MakeSimulator) -> None:
    simulator = make_simulator(lines={"unbilled-current": [make_line(1)]})
    charge(simulator, 11)
    caller = graph_caller(simulator)
    body = {"currencyCode": "EUR", "billingPeriod": "current"}
    manifest = manifest_of(caller, UNBILLED, **body)
    charge(simulator, 12)
    again = manifest_of(caller, UNBILLED, **body)
    assert manifest["eTag"] != again["eTag"]
    assert [row["SubscriptionId"][-2:] for row in rows_in(simulator, manifest)] == ["01", "11"]
    assert len(rows_in(simulator, again)) == 3
    assert manifest_of(caller, UNBILLED, **body)["eTag"] == again["eTag"]


@given(
    charged=st.lists(
        st.tuples(st.integers(-10_000_000, 10_000_000), st.sampled_from(["EUR", "SEK", "USD"])),
        min_size=1,
        max_size=12,
    )
)
@settings(max_examples=25)
def test_invoices_of_charges_add_up_to_the_cent(charged: list[tuple[int, str]]) -> None:
    expected: dict[str, Decimal] = {}
    with tempfile.TemporaryDirectory() as folder:
        simulator = Simulator(write_world(Path(folder) / "world"), clock=Clock())
        for number, (cents, currency) in enumerate(charged):
            amount = Decimal(cents) / 100
            charge(simulator, number, totalForCustomer=str(amount), currency=currency)
            expected[currency] = expected.get(currency, Decimal(0)) + amount
        simulator.advance(timedelta(days=30))
        app = app_caller(simulator)
        found = {one["currencyCode"]: one for one in invoices(simulator)}
        assert set(found) == set(expected)
        for currency, invoice in found.items():
            lines = app.all_items(f"/v1/invoices/{invoice['id']}/lineitems?provider=onetime&size=5")
            rows = export_rows(simulator, invoiceId=invoice["id"])
            sums = (
                Decimal(str(invoice["totalCharges"])),
                sum(Decimal(str(line["totalForCustomer"])) for line in lines),
                sum(Decimal(str(row["Total"])) for row in rows),
            )
            assert sums == (expected[currency],) * 3


def test_what_happened_unseen_is_billed_in_its_own_month(make_simulator: MakeSimulator) -> None:
    simulator = make_simulator()
    simulator.advance(timedelta(days=30))
    row = {"subscriptionId": "s", "totalForCustomer": "1.50", "currency": "EUR"}
    simulator.ledger.record("charged", "s", row=row, at="2026-11-30T23:59:59+00:00")
    assert [one["billingPeriodEndDate"][:10] for one in invoices(simulator)] == ["2026-11-30"]
    assert unbilled(simulator, "current") == []


@pytest.mark.parametrize("as_text", [False, True])
def test_amounts_of_charges_follow_the_switch(make_simulator: MakeSimulator, as_text: bool) -> None:
    simulator = make_simulator(switches={"one_time_numbers_as_strings": as_text})
    charge(simulator, 11)
    row = app_caller(simulator).get(f"{BASE}current").json()["items"][0]
    exported = export_rows(simulator, UNBILLED, currencyCode="EUR", billingPeriod="current")[0]
    expected = ("30.15", "3") if as_text else (30.15, 3)
    assert (row["totalForCustomer"], row["quantity"]) == expected
    assert (exported["Total"], exported["Quantity"]) == expected


def test_a_charge_in_another_currency_is_another_listing(make_simulator: MakeSimulator) -> None:
    simulator = make_simulator()
    charge(simulator, 11, currency="USD")
    caller: Caller = app_caller(simulator)
    assert caller.get(f"{BASE}current").json()["items"] == []
    assert len(caller.get(f"{BASE}current".replace("eur", "usd")).json()["items"]) == 1
