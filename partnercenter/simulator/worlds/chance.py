"""Repeatable chance: everything invented is drawn from a source named after what it is for.

A source of its own for every customer, month or id means that adding one thing to the generator
does not reshuffle all the others, and that a customer can be made again without the ones before.
"""

from __future__ import annotations

from random import Random
from uuid import UUID

# Letters that occur in Dutch postal codes and in the last part of British ones.
_SIGNS = {"#": "123456789", "@": "ABDEGHJLNPRSTWXZ"}


def source(name: str) -> Random:
    """Return the source of chance with this name, always at its start."""
    return Random(name)  # noqa: S311 - invented data has to be repeatable, nothing here is secret


def random_id(rng: Random) -> str:
    """Return a random version 4 GUID in lower case."""
    return str(UUID(int=rng.getrandbits(128), version=4))


def filled(pattern: str, rng: Random) -> str:
    """Return the pattern with every # replaced by a digit and every @ by a capital letter."""
    return "".join(rng.choice(_SIGNS[sign]) if sign in _SIGNS else sign for sign in pattern)
