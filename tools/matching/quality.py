"""How good a matching is on lists whose truth is known."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from organizations.suggestions.matching import Level, Match


@dataclass(frozen=True, slots=True)
class Quality:
    """What came out of a list.

    ``first_place``: of the tenants with an organization, the share whose best match it is.
    ``precision``: the share of the certain that are right. ``coverage``: of the tenants with an
    organization, the share that is certain and right.
    """

    tenants: int
    owned: int
    first: int
    certain: int
    certain_right: int

    @property
    def first_place(self) -> float:
        return self.first / max(self.owned, 1)

    @property
    def precision(self) -> float:
        return self.certain_right / max(self.certain, 1)

    @property
    def coverage(self) -> float:
        return self.certain_right / max(self.owned, 1)

    def __str__(self) -> str:
        return (
            f"{self.tenants:>6,} tenants  first place {self.first_place:.4f}"
            f"  certain: precision {self.precision:.4f} ({self.certain - self.certain_right} wrong)"
            f"  coverage {self.coverage:.4f}"
        )


def judge(found: Iterable[tuple[UUID, list[Match]]], truth: Mapping[UUID, UUID | None]) -> Quality:
    """Compare the matches of tenants with the truth."""
    tenants = owned = first = certain = certain_right = 0
    for key, matches in found:
        owner = truth[key]
        best = matches[0] if matches else None
        right = best is not None and best.organization == owner
        sure = best is not None and best.level is Level.CERTAIN
        tenants += 1
        owned += owner is not None
        first += right
        certain += sure
        certain_right += sure and right
    return Quality(tenants, owned, first, certain, certain_right)
