"""A company's name, read into the words that tell it from others and those that do not."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from organizations.suggestions.matching.words import (
    DOUBLED_LEGAL,
    IDEOGRAPHIC_LEGAL,
    INNER_LEGAL,
    JOINING,
    LEADING_LEGAL,
    LEGAL,
    LEGAL_FAMILY,
    LONGEST_LEGAL,
    LOOSE,
    MISSPELT_LEGAL,
    split_words,
)

_ROMAN = frozenset(["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"])
SHORTEST_LABEL = 2
LONGEST_TEXT = 300
MOST_WORDS = 16


@dataclass(frozen=True, slots=True)
class Name:
    """A name taken apart.

    ``core``: its telling words in order. ``key``: the same sorted, as one text. ``joined``: the
    same without spaces. ``loose``: words such as "group". ``legal``: its legal forms, as families.
    ``labels``: how it is written as one word, in a domain say. ``initials``: of its telling words,
    with words such as "group", and of all words.
    """

    core: tuple[str, ...]
    key: str
    joined: str
    loose: frozenset[str]
    legal: frozenset[str]
    labels: tuple[str, ...]
    initials: tuple[str, ...]


def read_name(text: str) -> Name:
    """Take a name apart; an empty one has no words."""
    text = text[:LONGEST_TEXT]
    if not text.isascii():
        text = IDEOGRAPHIC_LEGAL.sub(" ", text) or text
    words = split_words(text)[:MOST_WORDS]
    kept, legal = _without_legal(words)
    told = [word for word in kept if word not in JOINING] or kept
    core = tuple(word for word in told if word not in LOOSE)
    loose = frozenset(word for word in told if word in LOOSE)
    if not core:
        core, loose = tuple(told), frozenset()
    labels = {"".join(core), "".join(told), "".join(kept)}
    # Domains are often cut out of a name in the middle of its legal form: "nninc" of NN Inc LLC.
    labels.update("".join(words[:end]) for end in range(len(kept), len(words) + 1))
    return Name(
        core=core,
        key=" ".join(sorted(core)),
        joined="".join(core),
        loose=loose,
        legal=frozenset(LEGAL_FAMILY[word] for word in legal if word in LEGAL_FAMILY),
        labels=tuple(sorted(label for label in labels if len(label) >= SHORTEST_LABEL)),
        initials=tuple(dict.fromkeys(map(_initials, (core, told, words)))),
    )


def is_numeral(word: str) -> bool:
    """Tell whether a word is a number, Arabic or Roman: two that differ are two companies."""
    return word in _ROMAN or word.isdigit()


def _initials(words: Iterable[str]) -> str:
    return "".join(word[0] for word in words)


def _without_legal(words: list[str]) -> tuple[list[str], set[str]]:
    """Return the words without legal forms, and the forms; at least one word is kept."""
    kept, legal, decorations = list(words), set[str](), list[str]()
    if len(kept) > 1 and kept[0] in LEADING_LEGAL:
        legal.add(kept.pop(0))
    while len(kept) > 1:
        if ending := _legal_ending(kept):
            legal.update(kept[-ending:])
            del kept[-ending:]
        elif kept[-1] in LOOSE:
            # A decoration may stand behind the form: "Contoso Ltd (HQ)".
            decorations.append(kept.pop())
        elif legal and kept[-1] in JOINING:
            kept.pop()
        else:
            break
    inner = [word for word in kept if word not in INNER_LEGAL]
    if inner and len(inner) < len(kept):
        legal.update(word for word in kept if word in INNER_LEGAL)
        kept = inner
    return kept + decorations[::-1], legal


def _legal_ending(words: list[str]) -> int:
    for length in range(min(LONGEST_LEGAL, len(words) - 1), 0, -1):
        if tuple(words[-length:]) in LEGAL:
            return length
    return int(_is_misspelt_legal(words[-1]))


@lru_cache(maxsize=100_000)
def _is_misspelt_legal(word: str) -> bool:
    if len(word) in (4, 5):
        return any(word[:at] + word[at + 1 :] in DOUBLED_LEGAL for at in range(1, len(word)))
    return len(word) > 5 and any(
        word[0] == form[0] and OSA.distance(word, form, score_cutoff=1) == 1
        for form in MISSPELT_LEGAL
    )
