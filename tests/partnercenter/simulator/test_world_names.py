"""Invented names never meet, and can always be turned into a domain."""

from hypothesis import given
from hypothesis import strategies as st

from partnercenter.simulator.worlds.names import (
    HOSTILE_NAMES,
    STEM_COUNT,
    ascii_slug,
    hostile_name,
    stem,
)


def test_stems_are_distinct_beyond_one_round() -> None:
    numbers = range(STEM_COUNT + 2000)
    assert len({stem(number, seed=3).lower() for number in numbers}) == len(numbers)


def test_stems_suffice_for_the_largest_world() -> None:
    assert STEM_COUNT > 100_000


@given(number=st.integers(0, 10**7), seed=st.integers(0, 10**6))
def test_stem_is_a_word_that_can_begin_a_domain(number: int, seed: int) -> None:
    word = stem(number, seed=seed)
    assert word == ascii_slug(word).capitalize()
    assert 8 <= len(word) <= 10


@given(text=st.text())
def test_slug_is_plain_whatever_comes_in(text: str) -> None:
    slug = ascii_slug(text)
    assert slug == "" or (slug.isascii() and slug.isalnum() and slug == slug.lower())


def test_slug_keeps_letters_with_accents() -> None:
    assert ascii_slug("Søren Łódź-Größe Ærø 7") == "sorenlodzgrosseaero7"


def test_hostile_names_can_be_stored_and_sent() -> None:
    for number in range(len(HOSTILE_NAMES)):
        name = hostile_name(number, "Norelvik")
        assert "Norelvik" in name or "kivleroN" in name
        assert "\0" not in name
        name.encode("utf-8")
