"""The best suggestion of each of many tenants, and whether it is good enough."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from organizations.bulk.verdicts import LINKABLE, Verdict
from organizations.suggestions.models import Level, LinkSuggestion
from portal.core.access import Actor
from portal.core.errors import InvalidInput

LEVELS = (Level.CERTAIN, Level.LIKELY, Level.POSSIBLE)
"""The best first."""


@dataclass(frozen=True, slots=True)
class Suggested:
    """The best open suggestion of a tenant; ``words`` are its reasons.

    ``is_shared``: another organization is suggested at the same level.
    """

    organization_id: UUID
    level: str
    words: str
    is_shared: bool

    def judge(self, level: str) -> Verdict:
        """Say what keeps the suggestion from being accepted where ``level`` is asked for."""
        if LEVELS.index(Level(self.level)) > LEVELS.index(Level(level)):
            return Verdict(
                "below_level",
                f"The best suggestion is only {Level(self.level).label.lower()}: {self.words}",
            )
        if self.is_shared and self.level == Level.CERTAIN:
            return Verdict(
                "ambiguous",
                "More than one organization is suggested as certain; choose it by hand.",
            )
        return LINKABLE


def best_suggestions(tenant_ids: Collection[UUID], *, actor: Actor) -> dict[UUID, Suggested]:
    """Return the best open suggestion of each tenant that has one (1 query)."""
    rows = LinkSuggestion.objects.visible_to(actor).filter(
        tenant__in=list(tenant_ids), state=LinkSuggestion.State.OPEN
    )
    found: dict[UUID, Suggested] = {}
    for row in rows.order_by("tenant", "rank"):
        first = found.get(row.tenant_id)
        if first is None:
            found[row.tenant_id] = Suggested(
                row.organization_id, row.level, ", ".join(row.reason_texts), is_shared=False
            )
        elif row.level == first.level:
            found[row.tenant_id] = Suggested(
                first.organization_id, first.level, first.words, is_shared=True
            )
    return found


def at_least(level: str) -> tuple[Level, ...]:
    """Return the levels that are as good as one or better.

    Raises:
        InvalidInput: there is no such level.
    """
    if level not in Level.values:
        text = f"Use one of: {', '.join(LEVELS)}."
        raise InvalidInput(text, fields={"level": [text]})
    return LEVELS[: LEVELS.index(Level(level)) + 1]
