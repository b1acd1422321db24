"""Sets the weights of the evidence from lists whose truth is known.

The chance that an organization owns a tenant is its share of exp(sum of weights) among all
candidates and "nobody in the list". The weights are those under which the truth is most probable
(a conditional logit), found by going through the tenants in a fixed random order with steps that
become smaller for evidence that is seen often. What is evidence for may not come out negative and
what is evidence against not positive: a list in which a quirk says otherwise is not followed.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp, sqrt
from random import Random
from uuid import UUID

from organizations.suggestions.matching import Matcher
from organizations.suggestions.matching.alike import Evidence
from organizations.suggestions.matching.profiles import read_tenant
from tools.matching.invent import Case

FOR = ("_same", "_near", "_rare", "_label", "_within", "name_order", "name_spacing")
SET = {"former_link": 4.5}
"""Not learned: no list with a known truth says who linked what before. A person once decided it, so
alone it outweighs other names and domains, and yields to the evidence for another organization."""
AGAINST = ("_other", "_differs", "rest_", "_alone", "name_missing")
MOST = 9.0
STEP = 1.0
PULL = 0.00002
SEED = 7


@dataclass(frozen=True, slots=True)
class Question:
    """A tenant's candidates by their evidence, and which one is right; None for nobody.

    ``owner`` is the organization, in the list or not, or for nobody's the tenant itself.
    """

    candidates: tuple[tuple[Evidence, ...], ...]
    right: int | None
    owned: bool
    owner: UUID


def questions(case: Case) -> Iterator[Question]:
    """Go through the tenants of a list."""
    matcher = Matcher(case.organizations)
    for facts in case.tenants:
        owner = case.truth[facts.key]
        weighed = matcher.weigh(read_tenant(facts))
        keys = [organization.key for organization, _ in weighed]
        yield Question(
            tuple(tuple(evidence) for _, evidence in weighed),
            keys.index(owner) if owner in keys else None,
            owner is not None,
            owner or facts.key,
        )


def learn(asked: Sequence[Question], *, rounds: int = 12) -> dict[str, float]:
    """Return the weight of each piece of evidence."""
    # A right organization that was not brought up would teach that nobody is right.
    asked = [question for question in asked if question.right is not None or not question.owned]
    weights: dict[str, float] = defaultdict(float)
    squares: dict[str, float] = defaultdict(lambda: 1.0)
    averages: dict[str, float] = defaultdict(float)
    order, random = list(range(len(asked))), Random(SEED)  # noqa: S311  (nothing is secret)
    for turn in range(rounds):
        random.shuffle(order)
        for at in order:
            question = asked[at]
            for name, slope in _slopes(question, weights).items():
                squares[name] += slope * slope
                step = STEP * slope / sqrt(squares[name])
                weights[name] = _bounded(name, (weights[name] + step) * (1 - PULL * STEP))
        if turn >= rounds // 2:
            for name, weight in weights.items():
                averages[name] += weight / (rounds - rounds // 2)
    return dict(sorted(averages.items()))


def share_of_best(question: Question, weights: dict[str, float]) -> tuple[float, int | None]:
    """Return the chance of the best candidate and its place, None when there is none."""
    shares = _shares(question, weights)
    if not shares:
        return 0.0, None
    best = max(range(len(shares)), key=shares.__getitem__)
    return shares[best], best


def _shares(question: Question, weights: dict[str, float]) -> list[float]:
    sums = [
        sum(weights.get(name, 0.0) * amount for name, amount in evidence)
        for evidence in question.candidates
    ]
    top = max([0.0, *sums])
    grown = [exp(value - top) for value in sums]
    whole = exp(-top) + sum(grown)
    return [value / whole for value in grown]


def _slopes(question: Question, weights: dict[str, float]) -> dict[str, float]:
    slopes: dict[str, float] = defaultdict(float)
    for at, share in enumerate(_shares(question, weights)):
        missed = (at == question.right) - share
        if abs(missed) > 1e-4:
            for name, amount in question.candidates[at]:
                slopes[name] += missed * amount
    return slopes


def _bounded(name: str, weight: float) -> float:
    if name in SET:
        return SET[name]
    low = 0.0 if any(mark in name for mark in FOR) else -MOST
    high = 0.0 if any(mark in name for mark in AGAINST) else MOST
    return min(max(weight, low), high)
