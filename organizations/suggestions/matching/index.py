"""Brings up the few organizations that are worth comparing with a tenant.

An inverted index: of each organization its numbers, domains, one-word spellings, words and pairs of
words point back at it. Words that many share point at nobody; pairs of them do. Where none of that
finds a good candidate, triples of letters do, the rarest first, which survive typing slips. What
is found by several keys, or by a rare one, is compared first.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from heapq import nlargest
from itertools import chain, pairwise
from math import log, log2

from organizations.suggestions.matching.profiles import (
    OrganizationProfile,
    TenantProfile,
    organization_labels,
    tenant_labels,
)
from organizations.suggestions.matching.words import COMMON

MOST_HOLDERS = 120
"""A key of more organizations than this brings nobody up."""
MOST_COMPARED = 10
MOST_SPELLED = 8
"""How many candidates letters bring up."""
MOST_RANKED = 200
SHORTEST_ANAGRAM = 5
MOST_LETTERS = 3_000
"""How many pointers are followed for the letters of one tenant."""
GOOD = 7.0
"""With a candidate brought up this strongly, letters are not asked."""
COMPANIES_BEFORE = 1_000
COMMON_BEFORE = 20
"""What is assumed before the list is read, so that a list of ten has rare and common words too."""

NUMBER, DOMAIN, MAIL, KEY, LABEL, PAIR = 8.0, 6.0, 6.0, 6.0, 4.0, 2.0
WORD = 0.35
SPELLED = 5.0

_Pointers = dict[str, "int | array[int]"]


class Index:
    """Finds candidates; organizations are numbered by their place in ``profiles``."""

    def __init__(self, profiles: list[OrganizationProfile]) -> None:
        self._profiles = profiles
        self._holders: Counter[str] = Counter()
        self._domains: Counter[str] = Counter()
        for profile in profiles:
            self._holders.update(set(profile.name.core))
            self._domains.update(domains_of(profile))
        self._all = len(profiles) + COMPANIES_BEFORE
        self._pointers: _Pointers = {}
        self._letters: dict[str, array[int]] = defaultdict(lambda: array("I"))
        self._at = {profile.key: at for at, profile in enumerate(profiles)}
        for at, profile in enumerate(profiles):
            for key in self._keys(profile):
                self._point(key, at)
            for triple in triples(profile):
                self._letters[triple].append(at)

    def rarity(self, word: str) -> float:
        """Return how telling a word is: the logarithm of one in how many companies has it."""
        before = COMMON_BEFORE if word in COMMON else 1
        return log(self._all / (self._holders[word] + before))

    def sharers(self, domain: str) -> int:
        """Return how many organizations have a domain as their own or their mail's."""
        return self._domains[domain]

    def candidates(self, tenant: TenantProfile) -> list[int]:
        """Return the places of organizations to compare, the most promising first."""
        found: dict[int, float] = {}
        for key, worth in self._questions(tenant):
            holders = self._follow(key)
            if len(holders) > 1:
                worth /= 1 + log2(len(holders))
            for at in holders:
                found[at] = found.get(at, 0.0) + worth
        best = max(found.values(), default=0.0)
        if best < GOOD:
            for at, worth in self._spelled(tenant):
                found[at] = found.get(at, 0.0) + worth
        former = [self._at[key] for key in tenant.former if key in self._at]
        ranked = nlargest(MOST_COMPARED, found, key=lambda at: (found[at], -at))
        return list(dict.fromkeys([*former[:MOST_COMPARED], *ranked]))

    def _keys(self, profile: OrganizationProfile) -> set[str]:
        keys = {f"l{label}" for label in organization_labels(profile)}
        keys.update(f"d{domain}" for domain in domains_of(profile))
        if profile.number:
            keys.add(f"n{profile.number}")
        core = profile.name.core
        if len(profile.name.joined) >= SHORTEST_ANAGRAM:
            keys.add(f"a{_anagram(profile.name.joined)}")
        keys.update(f"w{word}" for word in core if self._holders[word] <= MOST_HOLDERS)
        if len(core) > 1:
            keys.add(f"k{profile.name.key}")
            keys.update(_pairs(core))
        return keys

    def _questions(self, tenant: TenantProfile) -> Iterator[tuple[str, float]]:
        if tenant.number:
            yield f"n{tenant.number}", NUMBER
        if tenant.domain:
            yield f"d{tenant.domain.name}", DOMAIN
        if tenant.mail and tenant.mail.domain and tenant.mail.domain != tenant.domain:
            yield f"d{tenant.mail.domain.name}", MAIL
        for label in dict.fromkeys(tenant_labels(tenant)):
            yield f"l{label}", LABEL
        for label in dict.fromkeys((tenant.name.joined, *tenant.labels)):
            if len(label) >= SHORTEST_ANAGRAM:
                yield f"a{_anagram(label)}", LABEL
        core = tenant.name.core
        for word in dict.fromkeys(core):
            yield f"w{word}", WORD * self.rarity(word)
        if len(core) > 1:
            yield f"k{tenant.name.key}", KEY
            for pair in sorted(_pairs(core)):
                yield pair, PAIR

    def _point(self, key: str, at: int) -> None:
        known = self._pointers.get(key)
        if known is None:
            self._pointers[key] = at
        elif isinstance(known, int):
            self._pointers[key] = array("I", (known, at))
        elif len(known) <= MOST_HOLDERS:
            known.append(at)

    def _follow(self, key: str) -> Sequence[int]:
        known = self._pointers.get(key)
        if known is None:
            return ()
        if isinstance(known, int):
            return (known,)
        return known if len(known) <= MOST_HOLDERS else ()

    def _spelled(self, tenant: TenantProfile) -> Iterator[tuple[int, float]]:
        """Go through organizations that share rare triples of letters, and what that is worth."""
        own = triples(tenant)
        known = sorted(
            (len(self._letters[triple]), triple) for triple in own & self._letters.keys()
        )
        asked: list[array[int]] = []
        followed = 0
        for holders, triple in known:
            followed += holders
            if asked and followed > MOST_LETTERS:
                break
            asked.append(self._letters[triple])
        shared = Counter(chain.from_iterable(asked))
        if len(shared) > MOST_RANKED:
            shared = Counter({at: count for at, count in shared.items() if count > 1})
        for at in nlargest(MOST_SPELLED, shared, key=lambda at: (shared[at], -at)):
            yield at, SPELLED * shared[at] / len(own)


def domains_of(profile: OrganizationProfile) -> set[str]:
    """Return the domain of an organization and that of its mail."""
    found = {profile.domain.name} if profile.domain else set()
    if profile.mail and profile.mail.domain:
        found.add(profile.mail.domain.name)
    return found


def triples(profile: OrganizationProfile | TenantProfile) -> set[str]:
    """Return the triples of letters of a name and of its domain, with their ends marked."""
    texts = [profile.name.joined]
    if profile.domain:
        texts.append(profile.domain.label)
    elif isinstance(profile, TenantProfile) and profile.prefixes:
        texts.append(profile.prefixes[-1])
    found: set[str] = set()
    for text in texts:
        marked = f"^{text}$"
        found.update(marked[at : at + 3] for at in range(len(marked) - 2))
    return found


def _anagram(text: str) -> str:
    """Return the letters in order, the same when two of them were swapped."""
    return "".join(sorted(text))


def _pairs(core: tuple[str, ...]) -> set[str]:
    return {f"p{min(pair)} {max(pair)}" for pair in pairwise(core)}
