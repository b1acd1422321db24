"""``python -m tools.matching``: set the weights of the matching again, and say how good they are.

Everything is made from fixed seeds, so the same lists give the same weights. A folder with a list
whose truth is known is taken along when it is named, or found where the tests look for reference
material. ``--check`` measures the weights as they are and writes nothing.
"""

import argparse
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from organizations.suggestions.matching import Matcher
from organizations.suggestions.matching.evidence import is_doubtful
from tools.matching.invent import Case
from tools.matching.learn import Question, learn, questions, share_of_best
from tools.matching.lists import SEED, in_half, lists, read_sample, shared_sample
from tools.matching.quality import Quality, judge

WEIGHTS = Path("organizations/suggestions/matching/weights.py")
PRECISION = 0.997
"""Asked of `certain` on lists not learned from, so that 0.995 holds on others."""
LEAST_PRECISION = 0.995
"""Asked of `certain` on each of them."""
STEPS = (0.95, 0.96, 0.97, 0.975, 0.98, 0.985, 0.99, 0.9925, 0.995, 0.9975, 0.999)
SHOWN = (0.95, 0.99, 0.999)
TIDY = ("sample", "sample-blurred-0.5", f"invented-{SEED}-blurred-1")
HEAD = '''"""What each piece of evidence weighs, and from which share on a match is certain.

Written by ``python -m tools.matching`` from lists whose truth is known; run it again rather than
change a number. Above 0 speaks for an organization, below 0 against it; `candidate` is what it
takes to beat "nobody in the list".
"""
'''


def main() -> int:
    """Do what the arguments ask for."""
    parser = argparse.ArgumentParser(prog="python -m tools.matching", description=__doc__)
    parser.add_argument("--sample", type=Path, help="a folder with a list whose truth is known")
    parser.add_argument("--check", action="store_true", help="measure the weights as they are")
    asked = parser.parse_args()
    folder = asked.sample or shared_sample()
    sample = read_sample(folder) if folder else None
    if sample is None:
        _say("No sample of real names is here; invented lists alone are used.")
    cases = lists(sample)
    if asked.check:
        for case in cases:
            _say(f"{case.name:28} {_measure(case)}")
        return 0
    _say("Learned on one half of the tidier lists, tried on the other half of the untidier:")
    asked_of = {case.name: list(questions(case)) for case in cases}
    _crossed([name for name in asked_of if name in TIDY], asked_of)
    _say("Learned on one half of all lists, tried on the other half:")
    certain = _crossed(asked_of, asked_of)
    weights = learn([question for found in asked_of.values() for question in found])
    WEIGHTS.write_text(_module(weights, certain), encoding="utf-8")
    _say(f"Written: {WEIGHTS}, certain from {certain}")
    return 0


def _measure(case: Case) -> Quality:
    matcher = Matcher(case.organizations)
    found = ((tenant.key, matcher.match(tenant, limit=1)) for tenant in case.tenants)
    return judge(found, case.truth)


def _crossed(known: Collection[str], asked: Mapping[str, list[Question]]) -> float:
    """Learn on the tenants of one half of the organizations, try on the others'.

    All organizations stay in the list, for it is they who are mistaken for one another. Returns
    the share from which on a match is certain.
    """
    tried: dict[str, list[tuple[float, bool, bool]]] = {name: [] for name in asked}
    for which in (0, 1):
        here = [one for name in known for one in asked[name] if in_half(one.owner, which)]
        weights = learn(here)
        for name, found in asked.items():
            there = (one for one in found if in_half(one.owner, 1 - which))
            tried[name] += (_tried(question, weights) for question in there)
    certain = next((step for step in STEPS if _is_precise(tried.values(), step)), STEPS[-1])
    for name, trials in tried.items():
        at_steps = "  ".join(
            f"{step}: {_precision(trials, step):.4f}/{_coverage(trials, step):.3f}"
            for step in sorted({certain, *SHOWN})
        )
        _say(f"{name:28} first place {_first(trials):.4f}  precision/coverage at {at_steps}")
    _say(f"Certain from {certain}")
    return certain


def _is_precise(lists_tried: Collection[Sequence[tuple[float, bool, bool]]], step: float) -> bool:
    """Tell whether what is certain from this share on is right often enough, in every list."""
    every = [trial for found in lists_tried for trial in found]
    each = min(_precision(found, step) for found in lists_tried)
    return _precision(every, step) >= PRECISION and each >= LEAST_PRECISION


def _tried(question: Question, weights: dict[str, float]) -> tuple[float, bool, bool]:
    share, best = share_of_best(question, weights)
    if best is not None and is_doubtful(question.candidates[best]):
        share = min(share, STEPS[0] - 0.01)
    return share, best is not None and best == question.right, question.owned


def _first(tried: Collection[tuple[float, bool, bool]]) -> float:
    return sum(right for _, right, _ in tried) / max(sum(owned for *_, owned in tried), 1)


def _precision(tried: Iterable[tuple[float, bool, bool]], step: float) -> float:
    sure = [right for share, right, _ in tried if share >= step]
    return sum(sure) / max(len(sure), 1)


def _coverage(tried: Iterable[tuple[float, bool, bool]], step: float) -> float:
    tried = list(tried)
    right = sum(right for share, right, _ in tried if share >= step)
    return right / max(sum(owned for *_, owned in tried), 1)


def _module(weights: dict[str, float], certain: float) -> str:
    # Adding 0 turns "-0.00" into "0.00".
    lines = [f'    "{name}": {round(weight, 2) + 0:.2f},' for name, weight in weights.items()]
    return "\n".join(
        [
            HEAD,
            "WEIGHTS = {",
            *lines,
            "}",
            f"CERTAIN = {certain}",
            "LIKELY = 0.5",
            "POSSIBLE = 0.05",
            "",
        ]
    )


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
