"""How alike two names, or two one-word spellings, are: comparisons that answer in evidence.

Each returns pairs of the name of a piece of evidence and how much of it there is, mostly 1.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from math import fsum

from rapidfuzz.distance import OSA

from organizations.suggestions.matching.names import Name, is_numeral
from organizations.suggestions.matching.words import BRANCHES

Evidence = tuple[str, float]
Rarity = Callable[[str], float]

TEN = 10.0
"""Rarities are divided by it, so that amounts are around 1."""
SHORTEST_SLIP = 4
SHORTEST_CUT = 3
LONGEST_CUT = 5
SHORTEST_NEAR = 5
SHORTEST_START = 4
LONG_START = 11
"""Services cut names at different lengths, none of them below this."""
MOST_BRANCHES = 2
LEAST_INITIALS = 2


def compare_names(tenant: Name, organization: Name, rarity: Rarity) -> list[Evidence]:
    """Return what the names say for and against one company."""
    if not tenant.core or not organization.core:
        return [("name_missing", 1)]
    if tenant.key == organization.key:
        kind = "name_same" if tenant.core == organization.core else "name_order"
        matched = _mass(organization.core, rarity)
        return [(kind, 1), ("name_rare", matched / TEN), *_forms(tenant, organization)]
    if tenant.joined == organization.joined:
        matched = _mass(organization.core, rarity)
        return [("name_spacing", 1), ("name_rare", matched / TEN), *_forms(tenant, organization)]
    return _compare_words(tenant, organization, rarity)


def _compare_words(tenant: Name, organization: Name, rarity: Rarity) -> list[Evidence]:
    theirs, ours = list(tenant.core), list(organization.core)
    both = [word for word in dict.fromkeys(theirs) if word in ours]
    for word in both:
        theirs.remove(word)
        ours.remove(word)
    meant, slips, cuts = _align(theirs, ours)
    if theirs and ours and not _numbers(theirs + ours):
        step = _slips("".join(theirs), "".join(ours))
        if step is None and not both:
            step = _slips(tenant.joined, organization.joined)
        if step is not None:
            meant += ours
            slips += step
            theirs, ours = [], []
    if (theirs or ours) and (
        _is_initials(tenant, organization) or _is_initials(organization, tenant)
    ):
        return [("name_initials", 1)]
    grown = _grown(theirs, ours)
    matched = _mass(both + meant + grown, rarity)
    if not matched:
        return [("name_other", 1)]
    if theirs or ours:
        found: list[Evidence] = [("name_part", 1)]
    elif slips:
        found = [("name_slip" if slips == 1 else "name_slips", 1)]
    else:
        found = [("name_cut" if cuts else "name_spacing", 1)]
    found.append(("name_rare", matched / TEN))
    return found + _leftovers(theirs, ours, rarity) + _forms(tenant, organization)


def _align(theirs: list[str], ours: list[str]) -> tuple[list[str], int, int]:
    """Take off the words that mean each other; return ours of them, the slips and the cuts.

    The closest pairs go first, so that it is all one which of the names is whose.
    """
    pairs = []
    for word in dict.fromkeys(theirs):
        for other in dict.fromkeys(ours):
            if found := _spelled_alike(word, other):
                pairs.append((found[::-1], min(word, other), max(word, other), word, other))
    meant, all_slips, all_cuts = list[str](), 0, 0
    for (cut, slips), _, _, word, other in sorted(pairs):
        if word in theirs and other in ours:
            theirs.remove(word)
            ours.remove(other)
            meant.append(other)
            all_slips += slips
            all_cuts += cut
    return meant, all_slips, all_cuts


def _grown(theirs: list[str], ours: list[str]) -> list[str]:
    """Return words that are a word of the other name with a sister's word grown onto it."""
    return [
        max(word, other, key=len)
        for word in theirs
        for other in ours
        if len(word) != len(other) and _is_grown(*sorted((word, other), key=len))
    ]


def _is_grown(short: str, long: str) -> bool:
    return (
        len(short) >= SHORTEST_CUT
        and long.startswith(short)
        and long.removeprefix(short) in BRANCHES
    )


@lru_cache(maxsize=100_000)
def is_branch(word: str) -> bool:
    """Tell whether sister companies differ by such a word, a slip in it or not."""
    if word in BRANCHES:
        return True
    return len(word) > LONGEST_CUT and any(
        branch[0] == word[0] and OSA.distance(word, branch, score_cutoff=1) == 1
        for branch in BRANCHES
        if len(branch) > LONGEST_CUT
    )


def _mass(words: Iterable[str], rarity: Rarity) -> float:
    """Return how telling words are together, the same in whatever order they come."""
    return fsum(map(rarity, dict.fromkeys(words)))


def _leftovers(theirs: list[str], ours: list[str], rarity: Rarity) -> list[Evidence]:
    """Weigh the words only one of the names has: by them sister companies differ."""
    found: list[Evidence] = []
    if numbers := _numbers(theirs + ours):
        found.append(("number_other", min(numbers, MOST_BRANCHES)))
    branches = sum(map(is_branch, theirs + ours)) + len(_grown(theirs, ours))
    if branches:
        found.append(("branch_other", min(branches, MOST_BRANCHES)))
    for name, words in (("rest_tenant", theirs), ("rest_organization", ours)):
        rest = _mass((word for word in words if not is_numeral(word)), rarity)
        if rest:
            found.append((name, min(rest / TEN, 2.0)))
    return found


def _forms(tenant: Name, organization: Name) -> list[Evidence]:
    found: list[Evidence] = []
    loose = len({word[:5] for word in tenant.loose} ^ {word[:5] for word in organization.loose})
    if loose:
        found.append(("loose_other", min(loose, MOST_BRANCHES)))
    if tenant.legal and organization.legal:
        same = bool(tenant.legal & organization.legal)
        found.append(("legal_same" if same else "legal_other", 1))
    return found


def _numbers(words: Iterable[str]) -> int:
    return sum(map(is_numeral, words))


@lru_cache(maxsize=100_000)
def _slip(one: str, other: str) -> int | None:
    """Return the number of typing slips between two words, or None when they are too many."""
    length = min(len(one), len(other))
    if length < SHORTEST_SLIP:
        # A slip in a word this short changes much of it, so it counts for two.
        meant = sorted(one) == sorted(other) or (length == 3 and OSA.distance(one, other) == 1)
        return 2 if length == 3 and meant and one[0] == other[0] else None
    most = 1 if length < 8 else 2
    slips = OSA.distance(one, other, score_cutoff=most)
    return slips if slips <= most else None


def _slips(one: str, other: str) -> int | None:
    length = min(len(one), len(other))
    if length < SHORTEST_NEAR or one[-1].isdigit() != other[-1].isdigit():
        return None
    most = 1 + (length >= 8) + (length >= 18)
    slips = OSA.distance(one, other, score_cutoff=most)
    return slips if slips <= most else None


def _spelled_alike(word: str, other: str) -> tuple[int, int] | None:
    """Return the slips between two words and whether one is cut, None when they are two words."""
    if is_numeral(word) or is_numeral(other) or word[-1].isdigit() or other[-1].isdigit():
        return None
    slips = _slip(word, other)
    if slips is not None:
        return slips, 0
    return (0, 1) if _is_cut(word, other) else None


def _is_cut(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if len(short) == 1:
        return long.startswith(short) and not long.isdigit()
    if len(short) < SHORTEST_CUT or len(long) - len(short) < 2:
        return False
    if long.startswith(short):
        # "Contosofinance" is no longer "contoso", while "tech" is short for "technologies".
        return len(short) <= LONGEST_CUT or long.removeprefix(short) not in BRANCHES
    return (
        short[0] == long[0] and len(long) > 6 and _in_order(short, long) and short[-1] == long[-1]
    )


def _in_order(short: str, long: str) -> bool:
    """Tell whether the letters of ``short`` come in ``long`` in the same order ("intl")."""
    letters = iter(long)
    return all(letter in letters for letter in short)


def _is_initials(short: Name, long: Name) -> bool:
    joined = short.joined
    if len(joined) < LEAST_INITIALS or len(long.core) < LEAST_INITIALS:
        return False
    return joined in long.initials


def compare_labels(ours: Sequence[str], names: Sequence[str], initials: Sequence[str] = ()) -> str:
    """Return how spellings fit others: same, near, cut, initials, starts, other; "" for none.

    ``starts``: one goes on where the other ends, as "contosonordic" does after "contoso".
    """
    if not ours or not names:
        return ""
    if any(len(label) > 2 and label in names for label in ours):
        return "same"
    best = "other"
    for label in ours:
        for name in names:
            short, long = (label, name) if len(label) <= len(name) else (name, label)
            length = len(short)
            if length >= SHORTEST_NEAR and _slips(short, long) is not None:
                return "near"
            if length >= SHORTEST_START and long.startswith(short):
                if length >= LONG_START and short == label:
                    return "cut"
                best = "starts"
            elif length >= LONG_START and OSA.distance(short, long[:length], score_cutoff=1) <= 1:
                best = "starts"
        if len(label) >= LEAST_INITIALS and label in initials:
            return "initials"
    return best
