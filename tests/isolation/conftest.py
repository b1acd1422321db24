"""What the isolation tests share: the cast, one caller per person, and the figures they report."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from portal.core.access import Role
from tests.access.calls import Caller
from tests.access.cast import Side, both_sides
from tests.access.matrix import Row

Figure = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Cast:
    """North, whose people call, South, whose rows must stay hidden, and North's callers."""

    north: Side
    south: Side
    callers: dict[Role, Caller]

    def own(self, role: Role) -> dict[str, str]:
        return self.north.objects(self.north.person(role))

    def foreign(self, role: Role) -> dict[str, str]:
        return self.south.objects(self.south.person(role))

    def neighbours(self, role: Role) -> dict[str, str]:
        """Return the ids of the other customer of the same reseller."""
        return self.north.objects(self.north.two.people[role], customer=self.north.two)


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    north, south = both_sides()
    return Cast(north, south, {role: Caller.of(person) for role, person in north.people.items()})


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Figure:
    """Return a function that reports how many of how many were tried."""

    def report(text: str) -> None:
        record_property("figure", text)

    return report


def described(row: Row, role: Role | str, answer: Any) -> str:
    """Return one failure in words."""
    return f"{row} as {role}: {answer.status} {answer.crash[:120]} {answer.text[:80]!r}"
