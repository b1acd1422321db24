"""How good the matching is on a list of real names whose truth is known, where that list is here.

Against the loop one would write first: rapidfuzz over every name, without an index and without any
other evidence.
"""

from collections.abc import Sequence

from rapidfuzz import fuzz, process

from bench.ground import Ground
from bench.results import Check, NotMeasured, Result
from bench.timing import seconds_of
from organizations.suggestions.matching import Matcher, OrganizationFacts, TenantFacts
from tests.shared_material import ABSENT
from tools.matching.lists import read_sample, shared_sample
from tools.matching.quality import judge

REFERENCE = "rapidfuzz over every name, some tenants scaled up"
COMPARED = 40
LEAST_FIRST = 0.99
LEAST_PRECISION = 0.995
LEAST_COVERAGE = 0.90


def measure(_ground: Ground) -> Result | NotMeasured:
    """Match the whole list, and compare with the truth."""
    folder = shared_sample()
    if folder is None:
        return NotMeasured("matching", ABSENT)
    case = read_sample(folder)
    found = []

    def match() -> None:
        matcher = Matcher(case.organizations)
        for tenant in case.tenants:
            found.append((tenant.key, matcher.match(tenant)))

    seconds = seconds_of(match)
    quality = judge(found, case.truth)
    return Result(
        name="matching",
        n=quality.tenants,
        seconds=seconds,
        reference=REFERENCE,
        reference_seconds=by_names_alone(case.organizations, case.tenants),
        checks=(
            Check("first_place", quality.first_place, LEAST_FIRST, at_least=True),
            Check("certain_precision", quality.precision, LEAST_PRECISION, at_least=True),
            Check("certain_coverage", quality.coverage, LEAST_COVERAGE, at_least=True),
        ),
        more={
            "organizations": len(case.organizations),
            "owned": quality.owned,
            "certain": quality.certain,
            "certain_wrong": quality.certain - quality.certain_right,
        },
        summary=str(quality),
    )


def by_names_alone(
    organizations: Sequence[OrganizationFacts], tenants: Sequence[TenantFacts]
) -> float:
    """Return the seconds it takes to compare every tenant's name with every organization's.

    Some tenants are compared, and their time is multiplied up.
    """
    names = [organization.name.lower() for organization in organizations]
    some = tenants[:COMPARED]

    def compare() -> None:
        for tenant in some:
            process.extractOne(tenant.name.lower(), names, scorer=fuzz.token_sort_ratio)

    return seconds_of(compare) * len(tenants) / len(some)
