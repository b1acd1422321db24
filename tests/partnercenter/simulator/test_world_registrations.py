"""Registration numbers would pass the checks of the registers they imitate."""

import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnercenter.simulator.worlds.markets import MARKETS
from partnercenter.simulator.worlds.registrations import (
    luhn_digit,
    registration_number,
    weighted_sum,
)

FORMS = {
    "BE": r"0\d{3}\.\d{3}\.\d{3}",
    "DE": r"HRB \d{4,6}",
    "DK": r"\d{8}",
    "FR": r"\d{9}",
    "GB": r"\d{8}",
    "NL": r"\d{8}",
    "NO": r"9\d{8}",
    "PL": r"\d{10}",
    "SE": r"55\d{4}-\d{4}",
    "US": r"00-\d{7}",
}


@pytest.mark.parametrize("country", [market.country for market in MARKETS])
@given(seed=st.integers())
def test_numbers_have_the_form_of_their_country(country: str, seed: int) -> None:
    assert re.fullmatch(FORMS[country], registration_number(country, Random(seed)))


@given(seed=st.integers())
def test_check_digits_hold(seed: int) -> None:
    rng = Random(seed)
    swedish = registration_number("SE", rng).replace("-", "")
    french = registration_number("FR", rng)
    assert luhn_digit(swedish[:-1]) == swedish[-1]
    assert luhn_digit(french[:-1]) == french[-1]
    norwegian, danish = registration_number("NO", rng), registration_number("DK", rng)
    assert weighted_sum(norwegian, (3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0
    assert weighted_sum(danish, (2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0
    belgian = registration_number("BE", rng).replace(".", "")
    assert (int(belgian[:8]) + int(belgian[8:])) % 97 == 0


def test_luhn_digit_of_a_known_number() -> None:
    # The worked example most descriptions of the method give.
    assert luhn_digit("7992739871") == "3"


def test_country_without_a_known_form_has_no_number() -> None:
    assert registration_number("ZZ", Random(1)) == ""
