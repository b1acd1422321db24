"""Domains, mail addresses and onmicrosoft.com prefixes, read as far as they tell who owns them."""

import re
from dataclasses import dataclass
from functools import lru_cache

import idna
from tldextract import TLDExtract

from organizations.suggestions.matching.letters import fold, settle
from organizations.suggestions.matching.words import FREE_MAIL, PREFIX_ENDINGS, ROLES

MICROSOFT_DOMAIN = "onmicrosoft.com"
LONGEST = 253
SHORTEST_REST = 3
SHORTEST_INITIALS = 2
MOST_ENDINGS = 4
_split = TLDExtract(suffix_list_urls=(), cache_dir=None, fallback_to_snapshot=True)
_LETTERS = re.compile(r"[\W_]+")
_NUMBER_AT_END = re.compile(r"\d+\Z")
_SIMPLE = re.compile(r"(?:[a-z0-9-]+\.)*([a-z0-9-]+)\.(?:com|net|org|[a-z]{4,})")
_TWO_LEVELS = frozenset(["com", "co", "net", "org", "gov", "edu", "ac", "or", "ne", "in"])


@dataclass(frozen=True, slots=True)
class Domain:
    """What somebody registered: ``contoso.co.uk``, its ``label`` and the label's ``parts``."""

    name: str
    label: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mail:
    """An address: its domain unless it is free mail, and what its local part may name."""

    address: str
    domain: Domain | None
    local: str


@lru_cache(maxsize=100_000)
def read_domain(text: str) -> Domain | None:
    """Return the registrable domain of a host name, or None: empty, no domain, Microsoft's."""
    host = text[:LONGEST].strip(" .").lower()
    if "xn--" in host:
        try:
            host = idna.decode(host)
        except UnicodeError:
            return None
    if "." not in host or host.endswith(MICROSOFT_DOMAIN):
        return None
    label, name = _registrable(host)
    if not label:
        return None
    parts = tuple(settle(part) for part in fold(label).split("-") if part)
    return Domain(name, "".join(parts), parts) if parts else None


def read_prefix(text: str) -> str:
    """Return the name in front of onmicrosoft.com in plain letters, or "" for other domains."""
    host = text[:LONGEST].strip(" .").lower()
    if not host.endswith("." + MICROSOFT_DOMAIN):
        return ""
    prefix = host.removesuffix("." + MICROSOFT_DOMAIN).removesuffix(".mail").rpartition(".")[2]
    return settle(_LETTERS.sub("", fold(prefix)))


def read_mail(text: str) -> Mail | None:
    """Return what an address tells, or None where there is none."""
    local, _, host = text[: LONGEST * 2].strip().lower().rpartition("@")
    domain = read_domain(host) if local else None
    if domain is None:
        return None
    local = local.partition("+")[0]
    words = [word for word in re.split(r"[\W_]+", fold(local)) if word and word not in ROLES]
    return Mail(
        address=f"{local}@{host}",
        domain=None if domain.name in FREE_MAIL else domain,
        local=settle("".join(words)),
    )


def without_endings(prefix: str) -> tuple[str, ...]:
    """Return a prefix and what is left when numbers and words like "365" or "ltd" come off."""
    found = [prefix]
    rest = prefix
    for _ in range(MOST_ENDINGS):
        shorter, least = _NUMBER_AT_END.sub("", rest), SHORTEST_INITIALS
        if shorter == rest:
            ending = next((end for end in PREFIX_ENDINGS if rest.endswith(end)), "")
            shorter, least = rest.removesuffix(ending) if ending else rest, SHORTEST_REST
        if shorter == rest or len(shorter) < least:
            break
        found.append(shorter)
        rest = shorter
    return tuple(found)


def _registrable(host: str) -> tuple[str, str]:
    simple = _SIMPLE.fullmatch(host)
    # The list is asked only where the ending is not plain: it takes ten times as long.
    if simple and host.endswith((".com", ".net", ".org")) and simple[1] not in _TWO_LEVELS:
        label = simple[1]
        return label, f"{label}{host[host.rindex('.') :]}"
    parts = _split(host)
    return parts.domain, f"{parts.domain}.{parts.suffix}" if parts.suffix else ""
