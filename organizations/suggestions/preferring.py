"""Who was sold through a sub-reseller is looked for among its organizations first (IND-06).

Partner Center's word about the partner says more than a name: an organization of somebody else can
still be right, because customers change their reseller, but then a person has to see it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from django.db import transaction

from organizations.directory.queries import sub_resellers
from organizations.suggestions.matching import Level, Match
from organizations.suggestions.matching.facts import Reason
from portal.core.access import Actor

LOOKED_AT = 20
"""So many matches are compared where a partner is known: its own may not be among the first."""
OUTSIDE_SHARE = 0.5
ONE_LOWER = {Level.CERTAIN: Level.LIKELY, Level.LIKELY: Level.POSSIBLE}
INSIDE = Reason("partner_same", "sold through its sub-reseller")


@dataclass(frozen=True, slots=True)
class Partners:
    """Trees of sub-resellers by partner id, and the sub-reseller of each organization."""

    trees: Mapping[str, frozenset[UUID]] = field(default_factory=dict)
    owners: Mapping[UUID, UUID] = field(default_factory=dict)

    def wanted(self, partner: str, limit: int) -> int:
        """Return how many matches to ask for so that ``limit`` are left."""
        return max(limit, LOOKED_AT) if partner in self.trees else limit

    def prefer(self, partner: str, matches: Sequence[Match], limit: int) -> list[Match]:
        """Return at most ``limit`` matches, best first; another's customers count for half."""
        tree = self.trees.get(partner)
        if tree is None:
            return list(matches[:limit])
        weighed = [
            replace(match, reasons=(*match.reasons, INSIDE))
            if self.owners.get(match.organization) in tree
            else _outside(match, partner)
            for match in matches
        ]
        return sorted(weighed, key=lambda match: -match.score)[:limit]


def read_partners(actor: Actor, owners: Mapping[UUID, UUID]) -> Partners:
    """Return the partners of a reseller (1 query); ``owners``: whose each organization is."""
    with transaction.atomic():
        rows = list(sub_resellers(actor).values_list("pk", "parent_id", "mpn_id"))
    below: dict[UUID | None, list[UUID]] = {}
    for pk, parent, _ in rows:
        below.setdefault(parent, []).append(pk)
    return Partners({mpn_id: _tree(pk, below) for pk, _, mpn_id in rows if mpn_id}, owners)


def _tree(root: UUID, below: Mapping[UUID | None, Iterable[UUID]]) -> frozenset[UUID]:
    found: set[UUID] = set()
    waiting = [root]
    while waiting:
        here = waiting.pop()
        if here not in found:
            found.add(here)
            waiting.extend(below.get(here, ()))
    return frozenset(found)


def _outside(match: Match, partner: str) -> Match:
    said = Reason("partner_other", f"sold through another partner ({partner})")
    return replace(
        match,
        score=match.score * OUTSIDE_SHARE,
        level=ONE_LOWER.get(match.level, match.level),
        reasons=(*match.reasons, said),
    )
