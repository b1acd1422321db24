"""The rows of a made invoice follow the published arithmetic and add up to its total exactly."""

from collections.abc import Iterator
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnercenter.simulator.worlds import World, make_world, open_world
from partnercenter.simulator.worlds.lines import seat_amounts

CENT = Decimal("0.01")


def exact(value: object) -> Decimal:
    return Decimal(str(value))


@pytest.fixture(scope="module", params=["NL", "GB", "SE", "US"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("worlds") / request.param
    make_world(
        folder, customers=120, lines=1500, seed=9, home=request.param, today=date(2025, 7, 8)
    )
    return open_world(str(folder), cache=folder.parent)


def rows_of(world: World, provider: str) -> Iterator[dict[str, Any]]:
    for invoice in world.collection("invoices"):
        for row in world.invoice_lines(invoice["id"]):
            if row["billingProvider"] == provider:
                yield row


def test_header_is_the_exact_sum_of_its_rows(world: World) -> None:
    for invoice in world.collection("invoices"):
        lines = world.invoice_lines(invoice["id"])
        total = sum((exact(row["totalForCustomer"]) for row in lines), Decimal(0))
        assert exact(invoice["totalCharges"]) == total


def test_rows_and_headers_are_in_the_currency_of_the_partner(world: World) -> None:
    home = {"NL": "EUR", "GB": "GBP", "SE": "SEK", "US": "USD"}[world.partner.country]
    assert {invoice["currencyCode"] for invoice in world.collection("invoices")} == {home}
    for provider in ("one_time", "office"):
        assert {row["currency"] for row in rows_of(world, provider)} == {home}


def test_seat_rows_follow_the_published_formula(world: World) -> None:
    for row in rows_of(world, "one_time"):
        price = exact(row["effectiveUnitPrice"]) * exact(row["pcToBCExchangeRate"])
        seat = price.quantize(CENT, ROUND_DOWN)
        assert exact(row["subtotal"]) == seat * exact(row["billableQuantity"])
        assert exact(row["totalForCustomer"]) == exact(row["subtotal"]) + exact(row["taxTotal"])


def test_customers_abroad_are_priced_in_their_currency_at_the_rate_of_the_month(
    world: World,
) -> None:
    rates: dict[tuple[str, str], set[Decimal]] = {}
    for row in rows_of(world, "one_time"):
        converted = row["pricingCurrency"] != row["currency"]
        date_known = not row["pcToBCExchangeRateDate"].startswith("0001-")
        assert date_known == converted
        assert converted or row["pcToBCExchangeRate"] == 1
        key = (row["invoiceNumber"], row["pricingCurrency"])
        rates.setdefault(key, set()).add(exact(row["pcToBCExchangeRate"]))
    assert len({currency for _, currency in rates}) >= 4
    assert all(len(values) == 1 for values in rates.values())


def test_tax_is_charged_on_new_rows_where_the_country_has_one(world: World) -> None:
    taxed = any(exact(row["taxTotal"]) for row in rows_of(world, "one_time"))
    assert taxed == (world.partner.country != "US")


def test_legacy_rows_come_to_the_same_by_amount_and_by_total(world: World) -> None:
    legacy = list(rows_of(world, "office"))
    assert legacy
    for row in legacy:
        assert exact(row["amount"]) == exact(row["unitPrice"]) * row["quantity"]
        assert exact(row["amount"]) == exact(row["totalForCustomer"]) == exact(row["subtotal"])


@given(
    price=st.decimals("0.01", "5000", places=2),
    share=st.decimals("0.000001", "1", places=6),
    rate=st.decimals("0.01", "20", places=6),
    billable=st.integers(-5000, 5000),
    tax=st.sampled_from([Decimal(0), Decimal(7), Decimal("5.5"), Decimal(25)]),
)
def test_amounts_are_whole_cents_and_mirror_for_refunds(
    price: Decimal, share: Decimal, rate: Decimal, billable: int, tax: Decimal
) -> None:
    amounts = seat_amounts(price=price, share=share, rate=rate, billable=billable, tax=tax)
    for value in (amounts.subtotal, amounts.tax, amounts.total):
        assert value == value.quantize(CENT)
    assert amounts.total == amounts.subtotal + amounts.tax
    assert abs(amounts.effective_price - price * share) <= Decimal("0.0000005")
    seat = (amounts.effective_price * rate).quantize(CENT, ROUND_DOWN)
    assert amounts.subtotal == seat * billable
    assert amounts.tax == (amounts.subtotal * tax / 100).quantize(CENT, ROUND_HALF_UP)
    back = seat_amounts(price=price, share=share, rate=rate, billable=-billable, tax=tax)
    assert back.total == -amounts.total
