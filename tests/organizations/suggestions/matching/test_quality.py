"""How good the matching is: on invented lists always, on real names where they are kept here."""

import pytest

from organizations.suggestions.matching import Matcher
from organizations.suggestions.matching.weights import CERTAIN, LIKELY, POSSIBLE, WEIGHTS
from tests.shared_material import ABSENT
from tools.matching.blur import blur
from tools.matching.invent import Case, invent
from tools.matching.learn import AGAINST, FOR, learn, questions, share_of_best
from tools.matching.lists import read_sample, shared_sample
from tools.matching.quality import Quality, judge

SEED_NOT_LEARNED_FROM = 977


def measured(case: Case) -> Quality:
    matcher = Matcher(case.organizations)
    return judge(
        ((tenant.key, matcher.match(tenant, limit=1)) for tenant in case.tenants), case.truth
    )


def untidy(count: int, *, strength: float) -> Case:
    tidy = invent(count, seed=SEED_NOT_LEARNED_FROM)
    return blur(tidy, strength=strength, seed=SEED_NOT_LEARNED_FROM)


@pytest.mark.parametrize(
    ("strength", "first_place", "precision", "coverage"),
    [(1, 0.985, 0.995, 0.90), (2, 0.96, 0.99, 0.75)],
)
def test_an_invented_list_of_other_names_is_matched(
    strength: float, first_place: float, precision: float, coverage: float
) -> None:
    quality = measured(untidy(1_000, strength=strength))
    assert quality.owned > 900
    assert quality.first_place >= first_place, str(quality)
    assert quality.precision >= precision, str(quality)
    assert quality.coverage >= coverage, str(quality)


def test_the_sample_of_real_names_is_matched_as_well_as_promised() -> None:
    folder = shared_sample()
    if folder is None:
        pytest.skip(ABSENT)
    sample = read_sample(folder)
    quality = measured(sample)
    assert quality.tenants == len(sample.tenants) > 2_000
    assert quality.first_place >= 0.99, str(quality)
    assert quality.precision >= 0.995, str(quality)
    assert quality.coverage >= 0.90, str(quality)


def test_the_same_seed_makes_the_same_list_and_another_seed_another() -> None:
    assert untidy(60, strength=1) == untidy(60, strength=1)
    assert invent(60, seed=1) != invent(60, seed=2)


def test_learning_finds_what_tells_and_is_repeatable() -> None:
    asked = list(questions(untidy(150, strength=1)))
    weights = learn(asked, rounds=4)
    assert weights == learn(asked, rounds=4)
    found = [question for question in asked if question.right is not None]
    right = sum(share_of_best(question, weights)[1] == question.right for question in found)
    assert right / len(found) > 0.95
    assert weights["number_same"] > 0 > weights["country_other"]


def test_the_weights_speak_for_and_against_as_they_should() -> None:
    for name, weight in WEIGHTS.items():
        if any(mark in name for mark in FOR):
            assert weight >= 0, name
        if any(mark in name for mark in AGAINST):
            assert weight <= 0, name
    assert WEIGHTS["number_same"] > WEIGHTS["domain_same"] > WEIGHTS["label_same"] > 0
    assert 0 < POSSIBLE < LIKELY < CERTAIN < 1
