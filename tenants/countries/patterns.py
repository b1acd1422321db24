"""Patterns of a stranger, matched in bounded time.

Microsoft's country rules carry regular expressions. Python's own matcher tries every way to read a
text, so a pattern made wrong, or by somebody else, could keep a worker busy for years. Here a
pattern is read into a small tree, and matching carries the set of places reached so far: each part
is looked at once for each place, and all of it stops after so many steps. What is not understood
(references back, looking ahead, flags) is no pattern, and then nothing is refused by it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

PATTERN_LENGTH: Final = 1_000
TEXT_LENGTH: Final = 64
MOST_STEPS: Final = 100_000
MOST_REPEATS: Final = 1_000
DEPTH: Final = 20

_DIGITS = frozenset("0123456789")
_WORD = _DIGITS | frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
_BLANK = frozenset(" \t\n\r\f\v")
_CLASSES = {"d": _DIGITS, "w": _WORD, "s": _BLANK}
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r"}
_QUANTIFIERS = {"?": (0, 1), "*": (0, None), "+": (1, None)}


class NotUnderstood(ValueError):
    """The pattern is longer, deeper or of another kind than is read here."""


class TooManySteps(Exception):
    """Matching would take too long; nothing is known of the text."""


@dataclass(frozen=True, slots=True, eq=False)
class _Signs:
    signs: frozenset[str]
    negated: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _Edge:
    at_end: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    parts: tuple["_Node", ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Choice:
    branches: tuple["_Node", ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Repeat:
    part: "_Node"
    least: int
    most: int | None


_Node = _Signs | _Edge | _Row | _Choice | _Repeat


def fits(pattern: str, text: str) -> bool | None:
    """Say whether the whole of ``text`` has the form of ``pattern``.

    None where that cannot be said: the pattern is empty or not understood, or would take too long.
    Digits, letters and blanks of ``\\d``, ``\\w`` and ``\\s`` are those of ASCII.
    """
    if not pattern or len(text) > TEXT_LENGTH:
        return None if not pattern else False
    tree = _tree_of(pattern)
    if tree is None:
        return None
    try:
        return len(text) in _Matching(text).ends(tree, 0)
    except TooManySteps:
        return None


def is_usable(pattern: str) -> bool:
    """Say whether a pattern is understood, so that it is worth keeping."""
    return bool(pattern) and _tree_of(pattern) is not None


@lru_cache(maxsize=512)
def _tree_of(pattern: str) -> _Node | None:
    try:
        return _Reading(pattern).whole()
    except NotUnderstood:
        return None


@dataclass(slots=True)
class _Matching:
    """One text, and where each part of the pattern can end from each place."""

    text: str
    steps: int = 0
    known: dict[tuple[int, int], frozenset[int]] = field(default_factory=dict)

    def ends(self, node: _Node, start: int) -> frozenset[int]:
        """Return the places at which ``node`` can end when it begins at ``start``."""
        key = (id(node), start)
        if key not in self.known:
            self._count()
            self.known[key] = self._find(node, start)
        return self.known[key]

    def _find(self, node: _Node, start: int) -> frozenset[int]:
        if isinstance(node, _Signs):
            fitting = start < len(self.text) and (self.text[start] in node.signs) != node.negated
            return frozenset({start + 1}) if fitting else frozenset()
        if isinstance(node, _Edge):
            return frozenset({start}) if start == len(self.text) * node.at_end else frozenset()
        if isinstance(node, _Choice):
            return frozenset().union(*(self.ends(branch, start) for branch in node.branches))
        places = frozenset({start})
        if isinstance(node, _Row):
            for part in node.parts:
                places = self._from_all(part, places)
            return places
        return self._repeated(node, places)

    def _repeated(self, node: _Repeat, places: frozenset[int]) -> frozenset[int]:
        """Go round until nothing new is reached: every round goes on or stands still."""
        for _ in range(node.least):
            further = self._from_all(node.part, places)
            if further == places:
                break
            places = further
        found, rounds = places, node.least
        while places and (node.most is None or rounds < node.most):
            places = self._from_all(node.part, places) - found
            found, rounds = found | places, rounds + 1
        return found

    def _from_all(self, node: _Node, places: Iterable[int]) -> frozenset[int]:
        found: set[int] = set()
        for place in places:
            self._count()
            found |= self.ends(node, place)
        return frozenset(found)

    def _count(self) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise TooManySteps


class _Reading:
    """Reads a pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        if len(pattern) > PATTERN_LENGTH:
            raise NotUnderstood
        self.pattern, self.at, self.depth = pattern, 0, 0

    def whole(self) -> _Node:
        node = self._choice()
        if self.at < len(self.pattern):
            raise NotUnderstood
        return node

    def _choice(self) -> _Node:
        branches = [self._row()]
        while self._take("|"):
            branches.append(self._row())
        return branches[0] if len(branches) == 1 else _Choice(tuple(branches))

    def _row(self) -> _Node:
        parts = []
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            parts.append(self._repeat())
        return _Row(tuple(parts))

    def _repeat(self) -> _Node:
        node = self._single()
        bounds = self._bounds()
        if bounds is None:
            return node
        if isinstance(node, _Edge):
            raise NotUnderstood
        self._take("?")  # lazy: the same texts, found in another order
        if self._bounds() is not None:
            raise NotUnderstood
        return _Repeat(node, *bounds)

    def _bounds(self) -> tuple[int, int | None] | None:
        sign = self._peek()
        if sign in _QUANTIFIERS:
            self.at += 1
            return _QUANTIFIERS[sign]
        if sign != "{":
            return None
        inside, closed, _ = self.pattern[self.at + 1 :].partition("}")
        low, comma, high = inside.partition(",")
        if not closed or not _is_number(low) or not (_is_number(high) or not high):
            raise NotUnderstood
        self.at += len(inside) + 2
        least, most = int(low), int(high) if high else (None if comma else int(low))
        if least > MOST_REPEATS or (most is not None and not least <= most <= MOST_REPEATS):
            raise NotUnderstood
        return least, most

    def _single(self) -> _Node:
        sign = self._next()
        if sign == "(":
            return self._group()
        if sign == "[":
            return self._set()
        if sign == "\\":
            return self._escaped()
        if sign in "^$":
            return _Edge(at_end=sign == "$")
        if sign == ".":
            return _Signs(frozenset("\n"), negated=True)
        if sign in "?*+{})":
            raise NotUnderstood
        return _Signs(frozenset(sign))

    def _group(self) -> _Node:
        if self._take("?") and not self._take(":"):
            raise NotUnderstood
        self.depth += 1
        if self.depth > DEPTH:
            raise NotUnderstood
        node = self._choice()
        if not self._take(")"):
            raise NotUnderstood
        self.depth -= 1
        return node

    def _escaped(self) -> _Signs:
        sign = self._next()
        if sign.lower() in _CLASSES:
            return _Signs(_CLASSES[sign.lower()], negated=sign.isupper())
        return _Signs(frozenset(self._plain(sign)))

    def _plain(self, sign: str) -> str:
        """Return what an escaped sign stands for."""
        if sign in _CONTROLS:
            return _CONTROLS[sign]
        if sign.isalnum():
            raise NotUnderstood
        return sign

    def _set(self) -> _Signs:
        negated, found, first = self._take("^"), set[str](), True
        while first or self._peek() != "]":
            low = self._in_set()
            if isinstance(low, frozenset):
                found |= low
            elif self._peek() == "-" and self.pattern[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                found |= _between(low, self._in_set())
            else:
                found.add(low)
            first = False
        self.at += 1
        return _Signs(frozenset(found), negated)

    def _in_set(self) -> str | frozenset[str]:
        sign = self._next()
        if sign == "[":  # classes within classes are .NET's own
            raise NotUnderstood
        if sign != "\\":
            return sign
        sign = self._next()
        return _CLASSES[sign] if sign in _CLASSES else self._plain(sign)

    def _peek(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def _next(self) -> str:
        sign = self._peek()
        if not sign:
            raise NotUnderstood
        self.at += 1
        return sign

    def _take(self, sign: str) -> bool:
        taken = self._peek() == sign
        self.at += taken
        return taken


def _between(low: str, high: str | frozenset[str]) -> set[str]:
    if isinstance(high, frozenset) or not (high.isascii() and low <= high):
        raise NotUnderstood
    return {chr(code) for code in range(ord(low), ord(high) + 1)}


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 4
