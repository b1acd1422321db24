"""Numbers, money, moments and ids in words."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.web import wording

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("1234.5", "EUR", "€1,234.50"),
        ("0.005", "EUR", "€0.01"),
        ("-0.005", "EUR", "-€0.01"),
        ("98.5", "JPY", "JP¥99"),
        ("1.0005", "KWD", "KWD1.001"),
    ],
)
def test_money_is_rounded_half_up_to_its_currency(
    amount: str, currency: str, expected: str
) -> None:
    assert wording.write_money(Decimal(amount), currency) == expected


def test_money_refuses_a_float() -> None:
    with pytest.raises(TypeError, match="float"):
        wording.write_money(0.1, "EUR")  # type: ignore[arg-type]


def test_numbers_follow_the_chosen_locale_and_only_inside_the_block() -> None:
    with wording.numbers_in("nl_NL"):
        assert wording.write_money(Decimal("1234.5"), "EUR") == "€\xa01.234,50"
        assert wording.write_number(1234) == "1.234"
    assert wording.write_number(1234) == "1,234"


@pytest.mark.parametrize(
    ("count", "words", "expected"),
    [
        (0, ("tenant",), "0 tenants"),
        (1, ("tenant",), "1 tenant"),
        (84312, ("entry", "entries"), "84,312 entries"),
    ],
)
def test_a_count_agrees_with_its_noun(count: int, words: tuple[str, ...], expected: str) -> None:
    assert wording.write_count(count, *words) == expected


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=60), "1 minute ago"),
        (timedelta(minutes=59, seconds=59), "59 minutes ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(hours=47), "1 day ago"),
        (timedelta(days=29), "29 days ago"),
        (timedelta(days=31), "21 Oct 2026"),
        (timedelta(seconds=-30), "in less than a minute"),
        (timedelta(days=-3), "in 3 days"),
    ],
)
def test_a_moment_reads_as_a_distance_until_a_date_says_more(ago: timedelta, expected: str) -> None:
    assert wording.write_relative(NOW - ago, NOW) == expected


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_any_moment_has_words(value: datetime, now: datetime) -> None:
    assert wording.write_relative(value, now)


def test_an_exact_moment_names_its_zone_and_a_day_has_none() -> None:
    assert wording.write_exact(NOW) == "21 November 2026, 12:00:00 UTC"
    assert wording.write_exact(date(2026, 11, 21)) == "21 November 2026"
    assert wording.write_month(date(2026, 7, 31)) == "July 2026"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("18f2f09b-4c5e-4f0a-9a1e-6f1d2b7c8d90", "18f2f09b…"),
        ("123456789", "123456789"),
        ("1234567890", "12345678…"),
    ],
)
def test_an_id_is_shortened_only_when_that_saves_something(value: str, expected: str) -> None:
    assert wording.shorten_id(value) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Ada Berg", "AB"), ("ada.berg@north.example", "AB"), ("Ada", "A"), ("", "?"), ("--", "?")],
)
def test_initials(name: str, expected: str) -> None:
    assert wording.initials(name) == expected


@given(st.text())
def test_any_name_has_initials(name: Any) -> None:
    assert wording.initials(name)
