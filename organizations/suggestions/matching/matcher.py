"""Finds the organizations that may own a tenant, best first."""

from collections.abc import Iterable, Iterator
from math import exp, fsum

from organizations.suggestions.matching.alike import Evidence
from organizations.suggestions.matching.evidence import is_doubtful, is_worth_a_look, weigh
from organizations.suggestions.matching.facts import (
    Level,
    Match,
    OrganizationFacts,
    TenantFacts,
)
from organizations.suggestions.matching.index import Index
from organizations.suggestions.matching.profiles import (
    OrganizationProfile,
    TenantProfile,
    read_organization,
    read_tenant,
)
from organizations.suggestions.matching.reasons import explain
from organizations.suggestions.matching.weights import CERTAIN, LIKELY, POSSIBLE, WEIGHTS

MOST_WEIGHT = 60.0
"""Beyond this nothing changes, and the exponential stays a number."""
SAME_FIT = 0.7
"""Two scores in at least this proportion fit equally well."""


class Matcher:
    """Matches tenants with the organizations it was made of; it keeps no tenant."""

    def __init__(self, organizations: Iterable[OrganizationFacts]) -> None:
        ordered = sorted(organizations, key=lambda facts: (facts.key.int, facts.number, facts.name))
        self._profiles = [read_organization(facts) for facts in ordered]
        self._index = Index(self._profiles)

    def match(self, tenant: TenantFacts, *, limit: int = 5) -> list[Match]:
        """Return at most ``limit`` matches of a tenant, best first; the same for the same facts."""
        read = read_tenant(tenant)
        weighed = self.weigh(read)
        shares = [exp(min(total(evidence), MOST_WEIGHT)) for _, evidence in weighed]
        # Together with "nobody in the list", whose weight is 0, the shares make up 1.
        whole = 1.0 + fsum(shares)
        ranked = sorted(
            zip((share / whole for share in shares), weighed, strict=True),
            key=lambda found: (-found[0], found[1][0].key.int),
        )
        matches = []
        for rank, (score, (organization, evidence)) in enumerate(ranked[:limit]):
            if score < POSSIBLE:
                break
            rival = next(
                (
                    other
                    for at, (share, (other, _)) in enumerate(ranked)
                    if at != rank and SAME_FIT <= share / score <= 1 / SAME_FIT
                ),
                None,
            )
            level = _level(score, evidence, first=rank == 0)
            reasons = explain(read, organization, evidence, rival=rival)
            matches.append(Match(tenant.key, organization.key, score, level, reasons))
        return matches

    def match_all(self, tenants: Iterable[TenantFacts], *, limit: int = 5) -> Iterator[list[Match]]:
        """Match tenants one after the other, in their order."""
        for tenant in tenants:
            yield self.match(tenant, limit=limit)

    def weigh(self, tenant: TenantProfile) -> list[tuple[OrganizationProfile, list[Evidence]]]:
        """Return the organizations worth comparing with all evidence, as the weights are set on."""
        found = [self._profiles[at] for at in self._index.candidates(tenant)]
        weighed = ((other, weigh(tenant, other, self._index)) for other in found)
        return [(other, evidence) for other, evidence in weighed if is_worth_a_look(evidence)]


def total(evidence: list[Evidence]) -> float:
    """Return the sum of the weights of the evidence."""
    return fsum(WEIGHTS.get(name, 0.0) * amount for name, amount in evidence)


def _level(score: float, evidence: list[Evidence], *, first: bool) -> Level:
    if first and score >= CERTAIN and not is_doubtful(evidence):
        return Level.CERTAIN
    return Level.LIKELY if first and score >= LIKELY else Level.POSSIBLE
