"""The decision before publishing: equal, explained, or refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.invoices.proof import Adjustment, Sums, prove
from portal.core.errors import InvalidInput

amounts = st.decimals(min_value=-1_000_000, max_value=1_000_000, allow_nan=False, places=6)


def sums(total: str, **changes: object) -> Sums:
    return Sums(lines=2, subtotal=Decimal(total), tax=Decimal(0), total=Decimal(total), **changes)  # type: ignore[arg-type]


def decide(total: str, found: Sums, *, legacy: bool = False, currency: str = "EUR") -> Adjustment:
    return prove(number="G1", total=Decimal(total), currency=currency, is_legacy=legacy, sums=found)


@pytest.mark.parametrize(
    ("total", "lines", "currency"),
    [
        ("121.00", "100.00", "EUR"),
        ("107.70", "100.00", "CHF"),
        ("108.88", "100.00", "USD"),
        ("110", "100", "JPY"),
        ("-121.00", "-100.00", "EUR"),
    ],
)
def test_one_tax_on_untaxed_lines_is_known_as_such(total: str, lines: str, currency: str) -> None:
    proved = decide(total, sums(lines), currency=currency)
    assert proved == Adjustment(Decimal(total) - Decimal(lines), "header_tax")


@pytest.mark.parametrize(
    ("total", "lines"),
    [("119.87", "100.00"), ("99.99", "100.00"), ("140.00", "100.00"), ("0.01", "0"), ("5", "-5")],
)
def test_what_is_no_tax_is_refused(total: str, lines: str) -> None:
    with pytest.raises(InvalidInput, match="G1"):
        decide(total, sums(lines))


def test_lines_that_carry_tax_already_are_not_taxed_again() -> None:
    with pytest.raises(InvalidInput):
        decide("121.00", sums("100.00", carries_tax=True))


@pytest.mark.parametrize("legacy", [True, False])
def test_repeated_lines_are_never_explained_away(legacy: bool) -> None:
    with pytest.raises(InvalidInput, match="1 of them came more than once"):
        decide("121.00", sums("100.00", repeated=1), legacy=legacy)


def test_a_legacy_total_without_the_lines_tax_is_named() -> None:
    found = Sums(2, Decimal(100), Decimal(21), Decimal(121), carries_tax=True)
    assert decide("100", found, legacy=True) == Adjustment(Decimal(-21), "untaxed_total")


@given(total=amounts, lines=amounts, legacy=st.booleans())
def test_total_is_lines_and_adjustment_or_it_is_refused(
    total: Decimal, lines: Decimal, legacy: bool
) -> None:
    found = Sums(1, lines, Decimal(0), lines)
    try:
        proved = prove(number="X", total=total, currency="EUR", is_legacy=legacy, sums=found)
    except InvalidInput:
        assert total != lines and not legacy
    else:
        assert lines + proved.amount == total
        assert bool(proved.kind) == bool(proved.amount)
