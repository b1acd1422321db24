"""What recorded answers of commerce say, kept: ids, counts, money to the last digit, dates."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from partnercenter.decoding import decode_json
from partnercenter.schemas.carts import read_cart, read_checkout
from partnercenter.schemas.catalogue import read_availability
from partnercenter.schemas.fields import as_guid
from partnercenter.schemas.orders import read_order
from partnercenter.schemas.pricing import Pricing
from partnercenter.schemas.subscriptions import Generation, read_subscription
from partnercenter.schemas.usage import read_usage_cost
from tests.shared_material import recordings


def _answer(path: Path) -> Any:
    return decode_json(json.dumps(json.loads(path.read_text())["response"]["body"]).encode())


def _rows(path: Path, mark: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
    """Return the answered objects, alone or in a collection, that a reader is for."""
    body = _answer(path)
    rows = body.get("items", [body]) if isinstance(body, dict) else []
    return [row for row in rows if mark(row)]


def _amounts(pricing: Pricing | None) -> tuple[Any, ...]:
    if pricing is None:
        return (None,) * 5
    return (
        pricing.list_price,
        pricing.discounted,
        pricing.prorated,
        pricing.price,
        pricing.extended,
    )


def _written_amounts(line: dict[str, Any]) -> tuple[Any, ...]:
    written = line.get("pricing", {})
    names = ("listPrice", "discountedPrice", "proratedPrice", "price", "extendedPrice")
    return tuple(written.get(name) for name in names)


@pytest.mark.parametrize("path", recordings("carts"))
def test_carts_and_checkouts_keep_lines_and_prices(path: Path) -> None:
    body = _answer(path)
    if "orders" in body:
        result = read_checkout(body)
        assert [order.id for order in result.orders] == [row["id"] for row in body["orders"]]
        assert result.is_complete
        return
    cart = read_cart(body)
    for line, written in zip(cart.lines, body["lineItems"], strict=True):
        assert (line.id, line.catalog_item_id) == (written["id"], written["catalogItemId"])
        assert (line.quantity, line.currency) == (written["quantity"], written["currencyCode"])
        assert _amounts(line.pricing) == _written_amounts(written)
    assert cart.expires is not None
    assert cart.expires.tzinfo is UTC
    assert not cart.bad_lines


@pytest.mark.parametrize("path", recordings("orders", "carts"))
def test_orders_keep_lines_and_totals(path: Path) -> None:
    body = _answer(path)
    rows = body.get("orders") or _rows(path, lambda row: "referenceCustomerId" in row)
    for row in rows:
        order = read_order(row)
        assert order.id == (as_guid(row["id"]) or row["id"])
        assert order.total == row.get("totalPrice")
        assert order.currency == row.get("currencyCode", "")
        assert order.created is not None
        for line, written in zip(order.lines, row["lineItems"], strict=True):
            assert (line.number, line.offer_id) == (written["lineItemNumber"], written["offerId"])
            assert line.quantity == written["quantity"]
            assert line.subscription_id == written.get("subscriptionId", "").lower()
            assert _amounts(line.pricing) == _written_amounts(written)


@pytest.mark.parametrize("path", recordings("subscriptions"))
def test_subscriptions_keep_seats_and_terms(path: Path) -> None:
    for row in _rows(path, lambda row: "commitmentEndDate" in row):
        subscription = read_subscription(row)
        assert (subscription.id, subscription.offer_id) == (row["id"].lower(), row["offerId"])
        assert subscription.quantity == row["quantity"]
        assert subscription.status == row["status"]
        assert subscription.auto_renew is row["autoRenewEnabled"]
        if row["commitmentEndDate"].startswith("9999"):
            assert subscription.commitment_end is None
        else:
            assert str(subscription.last_day) == row["commitmentEndDate"][:10]
        told = row.get("productType", {}).get("id")
        expected = {
            "OnlineServicesNCE": Generation.SEATS,
            "Software": Generation.SOFTWARE,
            None: Generation.OTHER if ":" in row["offerId"] else Generation.LEGACY,
        }
        assert subscription.generation is expected[told]
        details = row.get("refundableQuantity", {}).get("details", [])
        assert [seats.quantity for seats in subscription.refundable] == [
            detail["quantity"] for detail in details
        ]


@pytest.mark.parametrize("path", recordings("catalog"))
def test_availabilities_keep_what_is_bought(path: Path) -> None:
    for row in _rows(path, lambda row: "catalogItemId" in row and "segment" in row):
        availability = read_availability(row)
        assert availability.catalog_item_id == row["catalogItemId"]
        assert availability.currency == row["defaultCurrency"]["code"]
        for term in row.get("terms", []):
            if "billingCycle" in term:
                assert availability.offers(
                    term_duration=term["duration"], billing_cycle=term["billingCycle"]
                )
        assert not availability.offers(term_duration="P9Y", billing_cycle="annual")


@pytest.mark.parametrize("path", recordings("usage"))
def test_usage_keeps_its_costs(path: Path) -> None:
    for row in _rows(path, lambda row: "totalCost" in row):
        cost = read_usage_cost(row)
        assert cost.total == Decimal(str(row["totalCost"]))
        assert (cost.currency or cost.currency_locale) in (
            row.get("currencyCode"),
            row.get("currencyLocale"),
        )
        budget = row.get("budget", {})
        assert cost.budget == budget.get("amount", budget.get("ammount"))


@pytest.mark.parametrize("path", recordings("subscriptions"))
def test_sentinels_are_no_dates(path: Path) -> None:
    far = datetime(9000, 1, 1, tzinfo=UTC)
    for row in _rows(path, lambda row: "commitmentEndDate" in row):
        subscription = read_subscription(row)
        for moment in (subscription.commitment_end, subscription.commitment_end_time):
            assert moment is None or moment < far
