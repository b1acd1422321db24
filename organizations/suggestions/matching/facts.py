"""What the matching reads and what it answers: plain values, no rows.

Every text may be empty: a missing fact is no evidence, neither for nor against.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


@dataclass(frozen=True, slots=True)
class OrganizationFacts:
    """What is known of an organization; ``country`` is two letters of ISO 3166."""

    key: UUID
    number: str
    name: str
    domain: str = ""
    registration_number: str = ""
    country: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class TenantFacts:
    """What Partner Center knows of a tenant; ``former`` are organizations it was linked to.

    ``partner`` is the partner id it was sold through; the matching itself makes nothing of it.
    """

    key: UUID
    name: str
    domain: str = ""
    country: str = ""
    email: str = ""
    registration_number: str = ""
    former: tuple[UUID, ...] = ()
    partner: str = ""


class Level(StrEnum):
    """How sure a match is: linked unasked where switched on, one click, or worth a look."""

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True)
class Reason:
    """One piece of evidence, as a code and as a short phrase for people."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Match:
    """An organization that may own a tenant; ``score`` is between 0 and 1."""

    tenant: UUID
    organization: UUID
    score: float
    level: Level
    reasons: tuple[Reason, ...]
