"""Made worlds: exactly the size asked for, the same for the same arguments, true to themselves."""

import filecmp
import json
import tracemalloc
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from partnercenter.simulator.worlds import World, WorldError, make_world, open_world

TODAY = date(2025, 3, 14)


def made(folder: Path, *, customers: int = 230, lines: int = 2400, **wish: Any) -> World:
    wish = {"seed": 5, "today": TODAY, **wish}
    make_world(folder, customers=customers, lines=lines, **wish)
    return open_world(str(folder), cache=folder.parent / "cache")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return made(tmp_path_factory.mktemp("worlds") / "w")


@pytest.fixture(scope="module")
def rows(world: World) -> dict[str, list[dict[str, Any]]]:
    return {
        invoice["id"]: list(world.invoice_lines(invoice["id"]))
        for invoice in world.collection("invoices")
    }


@pytest.fixture(scope="module")
def seat_rows(rows: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    return [row for lines in rows.values() for row in lines if row["billingProvider"] == "one_time"]


@pytest.mark.parametrize(
    ("customers", "lines"), [(0, 0), (1, 0), (1, 1), (3, 2), (49, 7), (51, 500), (130, 131)]
)
def test_exactly_the_wanted_numbers_are_made(tmp_path: Path, customers: int, lines: int) -> None:
    world = made(tmp_path / "w", customers=customers, lines=lines)
    assert len(world.collection("customers")) == customers
    invoices = list(world.collection("invoices"))
    assert sum(len(world.invoice_lines(invoice["id"])) for invoice in invoices) == lines
    assert all(len(world.invoice_lines(invoice["id"])) for invoice in invoices)


def test_same_arguments_make_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        made(tmp_path / name)
    files = [path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.json*")]
    assert len(files) == 14
    same, *different = filecmp.cmpfiles(
        tmp_path / "one", tmp_path / "two", map(str, files), shallow=False
    )
    assert (len(same), different) == (len(files), [[], []])


def test_another_seed_makes_other_customers_and_another_partner(tmp_path: Path) -> None:
    one, two = made(tmp_path / "one"), made(tmp_path / "two", seed=6)
    assert not {c["id"] for c in one.collection("customers")} & {
        c["id"] for c in two.collection("customers")
    }
    assert one.partner.tenant_id != two.partner.tenant_id


def test_customers_do_not_depend_on_month_or_number_of_lines(tmp_path: Path) -> None:
    made(tmp_path / "one")
    made(tmp_path / "two", lines=90, today=date(2026, 1, 2))
    assert filecmp.cmp(
        tmp_path / "one" / "customers.jsonl", tmp_path / "two" / "customers.jsonl", shallow=False
    )


def test_memory_does_not_grow_with_the_world(tmp_path: Path) -> None:
    peaks = []
    made(tmp_path / "warm", customers=50, lines=500)
    for customers in (300, 1500):
        tracemalloc.start()
        make_world(
            tmp_path / str(customers),
            customers=customers,
            lines=customers * 10,
            seed=1,
            today=TODAY,
        )
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.3


def test_last_three_complete_months_are_billed_and_one_of_them_the_old_way(world: World) -> None:
    invoices = list(world.collection("invoices"))
    periods = defaultdict(list)
    for invoice in invoices:
        assert invoice["billingPeriodEndDate"] < invoice["invoiceDate"] <= f"{TODAY}T00:00:00Z"
        kind = (invoice["id"][0], invoice["invoiceType"])
        periods[kind].append(
            (invoice["billingPeriodStartDate"][:10], invoice["billingPeriodEndDate"][:10])
        )
    assert periods == {
        ("G", "OneTime"): [
            ("2024-12-01", "2024-12-31"),
            ("2025-01-01", "2025-01-31"),
            ("2025-02-01", "2025-02-28"),
        ],
        ("D", "Recurring"): [("2024-12-01", "2024-12-31")],
    }


@pytest.mark.parametrize("seed", range(6))
def test_even_a_tiny_world_has_a_recurring_invoice(tmp_path: Path, seed: int) -> None:
    world = made(tmp_path / "w", customers=3, lines=8, seed=seed)
    assert "Recurring" in {invoice["invoiceType"] for invoice in world.collection("invoices")}


def test_invoices_are_not_dated_later_than_today(tmp_path: Path) -> None:
    world = made(tmp_path / "w", today=date(2025, 3, 2))
    dates = [invoice["invoiceDate"][:10] for invoice in world.collection("invoices")]
    assert max(dates) == "2025-03-02"


def test_every_subscription_belongs_to_a_customer_and_is_sold_in_the_catalogue(
    world: World,
) -> None:
    sold = 0
    for subscription in world.collection("subscriptions"):
        owner = subscription["links"]["self"]["uri"].split("/")[2]
        assert world.collection("customers").get(owner)
        if "productType" in subscription:
            assert world.collection("catalog").get(subscription["offerId"])
        if subscription.get("productType", {}).get("id") == "OnlineServicesNCE":
            item = world.collection("catalog").get(subscription["offerId"])
            assert item is not None
            assert item["terms"][0]["duration"] == subscription["termDuration"]
            assert item["terms"][0]["billingCycle"].lower() == subscription["billingCycle"]
            assert item["sku"]["title"] == subscription["offerName"]
            sold += 1
    assert sold > 100


def test_rows_name_subscriptions_there_are_or_customers_who_have_left(
    world: World, seat_rows: list[dict[str, Any]]
) -> None:
    lost = 0
    for row in seat_rows:
        customer = world.collection("customers").get(row["customerId"].removeprefix("org:"))
        subscription = world.collection("subscriptions").get(row["subscriptionId"])
        assert (customer is None) == (subscription is None)
        lost += customer is None
        if customer and subscription:
            assert customer["companyProfile"]["companyName"] == row["customerName"]
            assert customer["companyProfile"]["domain"] == row["customerDomainName"]
            assert subscription["orderId"] == row["orderId"] == row["alternateId"]
    assert 0 < lost < len(seat_rows) / 10


def test_some_customer_ids_carry_the_prefix_microsoft_sometimes_sends(
    seat_rows: list[dict[str, Any]],
) -> None:
    prefixed = sum(row["customerId"].startswith("org:") for row in seat_rows)
    assert 0 < prefixed < len(seat_rows) / 5


def test_every_kind_of_charge_occurs(seat_rows: list[dict[str, Any]]) -> None:
    kinds = {row["chargeType"] for row in seat_rows}
    assert kinds == {
        "new",
        "renew",
        "cycleCharge",
        "addQuantity",
        "removeQuantity",
        "cancelImmediate",
        "customerCredit",
    }


def test_change_of_seats_is_a_refund_and_a_charge_with_one_reference(
    rows: dict[str, list[dict[str, Any]]],
) -> None:
    pairs = 0
    for lines in rows.values():
        by_reference = defaultdict(list)
        for row in lines:
            if row.get("chargeType") in ("addQuantity", "removeQuantity"):
                by_reference[row["referenceId"]].append(row)
        for refund, charge in by_reference.values():
            assert (refund["chargeType"], charge["chargeType"]) == ("removeQuantity", "addQuantity")
            assert refund["subtotal"] < 0 < charge["subtotal"]
            for key in ("subscriptionId", "effectiveUnitPrice", "chargeStartDate", "chargeEndDate"):
                assert refund[key] == charge[key]
            pairs += 1
    assert pairs > 10


def test_money_goes_back_only_for_removals_cancellations_and_credits(
    seat_rows: list[dict[str, Any]],
) -> None:
    back = {row["chargeType"] for row in seat_rows if row["totalForCustomer"] < 0}
    assert back == {"removeQuantity", "cancelImmediate", "customerCredit"}


def test_charges_lie_within_their_invoice_unless_a_year_is_paid_at_once(
    rows: dict[str, list[dict[str, Any]]], world: World
) -> None:
    for invoice_id, lines in rows.items():
        invoice = world.collection("invoices").get(invoice_id)
        assert invoice is not None
        for row in lines:
            start, end = row["chargeStartDate"][:10], row["chargeEndDate"][:10]
            assert invoice["billingPeriodStartDate"][:10] <= start <= end
            if row.get("billingFrequency") != "Annual":
                assert end <= invoice["billingPeriodEndDate"][:10]
                assert end <= row["subscriptionEndDate"][:10]


def test_money_may_be_written_as_text_in_new_rows_only(
    tmp_path: Path, rows: dict[str, list[dict[str, Any]]]
) -> None:
    world = made(tmp_path / "w", money_as_text=True)
    columns = [
        *("unitPrice", "effectiveUnitPrice", "quantity", "billableQuantity"),
        *("subtotal", "taxTotal", "totalForCustomer", "pcToBCExchangeRate"),
    ]
    for invoice_id, numbers in rows.items():
        texts = list(world.invoice_lines(invoice_id))
        for text, number in zip(texts, numbers, strict=True):
            if invoice_id.startswith("D"):
                assert text == number
                continue
            for column in columns:
                assert isinstance(text[column], str)
                assert json.loads(text[column]) == number[column]


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        ({"customers": 0, "lines": 1}, "cannot be made"),
        ({"customers": -1, "lines": 0}, "cannot be made"),
        ({"home": "XX"}, "home 'XX' is not known"),
        ({"program": "reseller"}, "program 'reseller' is not known"),
    ],
)
def test_impossible_wish_is_refused_and_writes_nothing(
    tmp_path: Path, wish: dict[str, Any], reason: str
) -> None:
    with pytest.raises(WorldError, match=reason):
        made(tmp_path / "w", **wish)
    assert not (tmp_path / "w").exists()


def test_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(WorldError, match="not empty"):
        make_world(tmp_path, customers=1, lines=1, seed=1)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]
