"""Patterns of a stranger: the same answer as Python's matcher, and never much work."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnercenter.simulator.countries import COUNTRIES
from tenants.countries import patterns
from tenants.countries.patterns import fits, is_usable
from tenants.countries.rules import offline_rules

SIGNS = st.sampled_from("ab1 -")
SINGLE = st.sampled_from(["a", "b", r"\d", "[ab]", "[^a]", r"\-", ".", "[0-9a]", r"[\d -]", " "])
PATTERNS = st.recursive(
    SINGLE,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}|{two[1]})"),
        st.tuples(inner, st.sampled_from(["?", "*", "+", "{2}", "{1,2}", "{0,}", "*?"])).map(
            lambda two: f"(?:{two[0]}){two[1]}"
        ),
    ),
    max_leaves=5,
)


@given(PATTERNS, st.text(SIGNS, max_size=6))
def test_the_answer_is_that_of_pythons_matcher(pattern: str, text: str) -> None:
    expected = re.fullmatch(pattern, text, re.ASCII) is not None
    assert fits(pattern, text) is expected
    assert fits(f"^{pattern}$", text) is (re.fullmatch(f"^{pattern}$", text, re.ASCII) is not None)


@given(st.text(max_size=60), st.text(max_size=80))
def test_any_text_at_all_is_answered(pattern: str, text: str) -> None:
    assert fits(pattern, text) in (True, False, None)


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+$", "(a*)*b", "((((a*)*)*)*)*c", "(a|aa)+$", "(a|a?)+b", "a*a*a*a*a*a*a*a*b", "(.*)*x"],
)
def test_patterns_that_ruin_other_matchers_take_few_steps(pattern: str) -> None:
    matching = patterns._Matching("a" * 63 + "!")
    tree = patterns._tree_of(pattern)
    assert tree is not None
    assert len(matching.text) not in matching.ends(tree, 0)
    assert matching.steps <= patterns.MOST_STEPS


def test_what_would_still_be_too_much_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "MOST_STEPS", 10)
    assert fits("(a|b)*(a|b)*(a|b)*c", "ab" * 20) is None


@pytest.mark.parametrize(
    "pattern",
    ["", "(", "a)", "[a", r"(a)\1", "(?=a)a", "(?i)a", "a{9999}", "a**", "*a", "[[a]]", "(" * 30,
     "a" * 2000, r"\p{L}", "a{2,1}", "a{"],
)  # fmt: skip
def test_what_is_not_understood_refuses_nothing(pattern: str) -> None:
    assert not is_usable(pattern)
    assert fits(pattern, "anything") is None


def test_every_rule_of_the_simulated_microsoft_accepts_its_own_sample() -> None:
    seen = 0
    for country in COUNTRIES.values():
        for form in (country.postal_code, country.phone, country.number, country.vat_id):
            if form is not None:
                seen += 1
                assert fits(form.anchored, form.sample) is True, (country.code, form)
    assert seen > 100


def test_offline_rules_of_every_country_accept_their_own_sample() -> None:
    seen = 0
    for code in COUNTRIES:
        rules = offline_rules(code)
        if rules.postal_code_pattern and rules.postal_code_sample:
            seen += 1
            assert fits(rules.postal_code_pattern, rules.postal_code_sample) is True, code
    assert seen > 40
