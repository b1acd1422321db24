"""Invents organizations and tenants whose owners are known.

Every name is put together from syllables and business words; none is taken from a list of real
companies. What makes linking hard is in it from the start: sister companies that differ by one
word, by a number or by their country, names of nothing but common words, groups that share a
domain, tenants of nobody. Slips and gaps come afterwards, from `blur`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random
from uuid import UUID

from organizations.suggestions.matching import OrganizationFacts, TenantFacts
from organizations.suggestions.matching.letters import fold


@dataclass(frozen=True, slots=True)
class Case:
    """A reseller's list and its tenants; ``truth`` names each tenant's owner, None for nobody."""

    name: str
    organizations: tuple[OrganizationFacts, ...]
    tenants: tuple[TenantFacts, ...]
    truth: Mapping[UUID, UUID | None]


def _words(text: str) -> list[str]:
    return text.split()


STARTS = _words("b br c ch d dr f fl g gr h j k kl l m n p pl pr r s st str t tr v w z sch")
VOWELS = ["a", "e", "i", "o", "u", "ai", "ea", "io", "ou", "ö", "ü", "ä", "å", "ø", "é", "y"]
VOWEL_WEIGHTS = [9, 9, 8, 9, 5, 2, 2, 2, 1, 1, 1, 1, 0.6, 0.6, 0.6, 1]
ENDS = ["", "", "", "n", "r", "s", "l", "x", "m", "nd", "rt", "ck", "th", "ng"]
TRADES = [
    "Bank",
    "Consulting",
    "Data",
    "Dental",
    "Design",
    "Digital",
    "Dynamics",
    "Electric",
    "Energy",
    "Engineering",
    "Financial",
    "Foods",
    "Freight",
    "Health",
    "Holdings",
    "Industries",
    "Insurance",
    "Interiors",
    "Labs",
    "Legal",
    "Logistics",
    "Marine",
    "Materials",
    "Media",
    "Medical",
    "Metals",
    "Mining",
    "Motors",
    "Networks",
    "Oil",
    "Partners",
    "Pharma",
    "Plastics",
    "Power",
    "Properties",
    "Resources",
    "Robotics",
    "Security",
    "Services",
    "Shipping",
    "Software",
    "Solutions",
    "Steel",
    "Systems",
    "Technologies",
    "Therapeutics",
    "Timber",
    "Tools",
    "Travel",
    "Ventures",
    "Water",
    "Wood",
]
GREETINGS = [
    "First",
    "United",
    "National",
    "General",
    "Northern",
    "Premier",
    "Royal",
    "Alpha",
    "Summit",
    "Global",
    "New",
]
SISTERS = [
    "Nordic",
    "Labs",
    "Iberia",
    "Logistics",
    "Foundation",
    "Energy",
    "Benelux",
    "Baltic",
    "Services",
    "Invest",
    "Norway",
    "Sweden",
    "Germany",
    "Asia",
    "Digital",
    "Retail",
    "Academy",
    "Marine",
    "Properties",
    "North",
    "West",
    "Capital",
    "Finance",
    "Consulting",
]
FORMS = {
    "US": ("Inc", "Inc.", "LLC", "Corp", "Corporation", "Co."),
    "GB": ("Ltd", "Limited", "PLC"),
    "DE": ("GmbH", "AG", "GmbH & Co. KG"),
    "SE": ("AB",),
    "NO": ("AS", "ASA"),
    "DK": ("A/S", "ApS"),
    "FI": ("Oy", "Oyj"),
    "NL": ("B.V.", "BV", "N.V."),
    "FR": ("SA", "SAS", "SARL"),
    "ES": ("S.L.", "S.A."),
    "IT": ("S.p.A.", "S.r.l."),
    "PL": ("Sp. z o.o.", "S.A."),
    "CN": ("Co., Ltd.", "Limited"),
    "AU": ("Pty Ltd", "Limited"),
}
ENDINGS = {"US": "com", "GB": "co.uk", "CN": "cn", "AU": "com.au"}
COUNTRY_WEIGHTS = [30, 12, 10, 8, 8, 6, 5, 6, 5, 4, 4, 3, 4, 3]
SISTER_SHARE = 0.14
TWO_TENANTS = 0.06
OF_NOBODY = 0.15
LINKED_BEFORE = 0.04
STILL_RIGHT = 0.9
"""How often the organization of an earlier link is the right one again."""
PREFIX_SHARE = 0.5
MAIL_SHARE = 0.45
NUMBER_SHARE = 0.4


def invent(count: int, *, seed: int) -> Case:
    """Return about ``count`` organizations and as many tenants, the same for the same seed."""
    random = Random(seed)  # noqa: S311  (nothing is secret)
    organizations: list[OrganizationFacts] = []
    tenants: list[TenantFacts] = []
    truth: dict[UUID, UUID | None] = {}
    while len(organizations) < count:
        family = _family(random, len(organizations))
        listed = [facts for facts in family if random.random() > OF_NOBODY]
        organizations += listed
        for facts in family:
            for _ in range(2 if random.random() < TWO_TENANTS else 1):
                tenant = _tenant_of(random, facts)
                if organizations and random.random() < LINKED_BEFORE:
                    right = random.random() < STILL_RIGHT
                    before = facts if right else random.choice(organizations)
                    tenant = replace(tenant, former=(before.key,))
                tenants.append(tenant)
                truth[tenant.key] = facts.key if facts in listed else None
    return Case(f"invented-{seed}", tuple(organizations), tuple(tenants), truth)


def invent_word(random: Random) -> str:
    """Return a word that looks like the name of a company."""
    word = ""
    for _ in range(random.choice((2, 2, 2, 3))):
        [vowel] = random.choices(VOWELS, VOWEL_WEIGHTS)
        word += random.choice(STARTS) + vowel
    return (word + random.choice(ENDS)).capitalize()


def label_of(name: str) -> str:
    """Return a name as it stands in a domain."""
    return re.sub(r"[\W_]+", "", fold(name))


def legal_name(random: Random, base: str, country: str) -> str:
    """Return a name with a legal form of the country, or without one."""
    return f"{base} {random.choice(FORMS[country])}" if random.random() < 0.8 else base


def _base(random: Random) -> str:
    kind = random.random()
    if kind < 0.42:
        return f"{invent_word(random)} {random.choice(TRADES)}"
    if kind < 0.62:
        return invent_word(random)
    if kind < 0.72:
        return f"{invent_word(random)} {random.choice(TRADES)} {random.choice(TRADES)}"
    if kind < 0.80:
        return f"{invent_word(random)} & {invent_word(random)}"
    if kind < 0.88:
        return f"{random.choice(GREETINGS)} {invent_word(random)} {random.choice(TRADES)}"
    if kind < 0.92:
        trades = " ".join(random.sample(TRADES, 2))
        return f"{random.choice(GREETINGS)} {trades}"
    if kind < 0.96:
        return "".join(random.choice("ABCDEFGHKLMNPRSTVX") for _ in range(3))
    return f"{invent_word(random)} {invent_word(random)} {random.choice(TRADES)}"


def _family(random: Random, numbered: int) -> list[OrganizationFacts]:
    """Return an organization and sometimes sisters of it."""
    base = _base(random)
    [country] = random.choices(list(FORMS), COUNTRY_WEIGHTS)
    family = [_organization(random, base, country, numbered)]
    if random.random() > SISTER_SHARE:
        return family
    kind = random.random()
    for at in range(random.choice((1, 1, 2, 3))):
        number = numbered + at + 1
        if kind < 0.55:
            sister = _organization(random, f"{base} {random.choice(SISTERS)}", country, number)
        elif kind < 0.85:
            elsewhere = random.choice([other for other in FORMS if other != country])
            sister = _organization(random, base, elsewhere, number)
        else:
            sister = _organization(random, f"{base} {('II', 'III', 'IV')[at]}", country, number)
        shares = random.random()
        if shares < 0.1:
            # A group that has one address for all.
            sister = replace(sister, domain=family[0].domain, email=family[0].email)
        elif shares < 0.25:
            sister = replace(sister, email=family[0].email)
        family.append(sister)
    return family


def _organization(random: Random, base: str, country: str, numbered: int) -> OrganizationFacts:
    ending = ENDINGS.get(country, country.lower()) if random.random() < 0.6 else "com"
    form = legal_name(random, base, country)
    shape = random.random()
    label = label_of(base) if shape < 0.7 else label_of(form) if shape < 0.8 else _short(base)
    domain = f"{label[:40]}.{ending}"
    mailbox = random.choice(("it", "info", "admin", "office"))
    return OrganizationFacts(
        key=UUID(int=random.getrandbits(128), version=4),
        number=f"I{numbered:06}",
        name=form,
        domain=domain,
        registration_number=str(random.randrange(10**7, 10**9)),
        country=country,
        email=f"{mailbox}@{domain}",
    )


def _short(base: str) -> str:
    words = base.split()
    return label_of(words[0] if len(words[0]) > 4 else base)


def _tenant_of(random: Random, owner: OrganizationFacts) -> TenantFacts:
    domain = owner.domain
    if random.random() < PREFIX_SHARE:
        domain = f"{domain.split('.')[0]}.onmicrosoft.com"
    return TenantFacts(
        key=UUID(int=random.getrandbits(128), version=4),
        name=owner.name,
        domain=domain,
        country=owner.country,
        email=f"admin@{owner.domain}" if random.random() < MAIL_SHARE else "",
        registration_number=owner.registration_number if random.random() < NUMBER_SHARE else "",
    )
