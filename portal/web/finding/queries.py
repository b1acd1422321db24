"""What the one search field finds, asked of whoever has registered.

Floors above register a `Finder` each when their app is ready, so nothing here knows of tenants or
invoices. A finder costs one query and starts, like every other, from what the actor may see.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from portal.core.access import Actor

TERM_LENGTH = 200
SHORTEST = 2
"""Letters from which on anything is looked for: one letter is in everything."""
EACH = 6


@dataclass(frozen=True, slots=True)
class Found:
    """One thing: what it is called, what tells it from its namesakes, and its page."""

    label: str
    detail: str
    url: str


Look = Callable[[Actor, str, int], Sequence[Found]]


@dataclass(frozen=True, slots=True)
class Finder:
    """One kind of thing. ``look``: actor, words and how many at most; one query, best first."""

    kind: str
    many: str
    capability: str
    look: Look
    position: int


@dataclass(frozen=True, slots=True)
class Group:
    """What one finder found. ``more``: there are others than those."""

    kind: str
    many: str
    found: Sequence[Found]
    more: bool


_finders: dict[str, Finder] = {}


def register_finder(finder: Finder) -> None:
    """Let things of a kind be found; registering a kind again replaces it."""
    _finders[finder.kind] = finder


def registered_kinds() -> list[str]:
    """Return what can be found, in the order it is shown."""
    return [finder.kind for finder in _in_order()]


def find(actor: Actor, words: str) -> list[Group]:
    """Return what the actor may see that the words fit, kind by kind (1 query for each kind)."""
    wanted = tidy(words)
    if len(wanted) < SHORTEST:
        return []
    groups = []
    for finder in _in_order():
        if actor.may(finder.capability):
            found = list(finder.look(actor, wanted, EACH + 1))
            if found:
                groups.append(Group(finder.kind, finder.many, found[:EACH], more=len(found) > EACH))
    return groups


def tidy(words: str) -> str:
    """Return words without what no database takes, spaced as names are."""
    return " ".join(words.replace("\x00", "").split())[:TERM_LENGTH]


def _in_order() -> list[Finder]:
    return sorted(_finders.values(), key=lambda finder: finder.position)
