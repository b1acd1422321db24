"""Money keeps its currency and is rounded once."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.money import CurrencyMismatch, Money, round_amount

amounts = st.decimals(
    min_value=-(10**9), max_value=10**9, places=6, allow_nan=False, allow_infinity=False
)


@given(amounts, amounts)
def test_sums_are_exact(left: Decimal, right: Decimal) -> None:
    total = Money(left, "EUR") + Money(right, "EUR")
    assert total.amount == left + right
    assert (total - Money(right, "EUR")).amount == left


def test_two_currencies_never_meet_in_a_sum() -> None:
    with pytest.raises(CurrencyMismatch):
        Money(Decimal(1), "EUR") + Money(Decimal(1), "USD")


def test_a_float_is_refused() -> None:
    with pytest.raises(TypeError):
        Money(0.1, "EUR")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("2.345", "EUR", "2.35"),
        ("-2.345", "EUR", "-2.35"),
        ("1234.5", "JPY", "1235"),
        ("1.23456", "KWD", "1.235"),
    ],
)
def test_rounding_goes_half_up_to_the_currencys_places(
    amount: str, currency: str, rounded: str
) -> None:
    assert round_amount(Decimal(amount), currency) == Decimal(rounded)
