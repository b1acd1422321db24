"""Makes a list as untidy as lists are: slips, gaps, old names, other people's addresses.

Each kind of untidiness happens with its own chance, times a strength: 1 is an ordinary list, 2 a
neglected one, 3 a bad one. It works on any list whose truth is known, tidy or already untidy.
"""

from dataclasses import replace
from random import Random

from organizations.suggestions.matching import OrganizationFacts, TenantFacts
from tools.matching.invent import (
    COUNTRY_WEIGHTS,
    FORMS,
    Case,
    invent_word,
    label_of,
    legal_name,
)

LETTERS = "abcdefghijklmnopqrstuvwxyz"
DECORATIONS = ("{} (HQ)", "{} - Main", "{} Group", "{} Holding", "{} International", "The {}")
PREFIX_ENDS = (
    "1",
    "11",
    "365",
    "ltd",
    "group",
    "online",
    "corp",
    "2",
    "cloud",
    "inc",
    "hq",
    "m365",
)
FREE = ("gmail.com", "outlook.com", "hotmail.com", "yahoo.com")
ACCENTS = {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "é": "e"}
SHORTENED = {
    "technologies": "Tech",
    "international": "Intl",
    "services": "Svcs",
    "systems": "Sys",
    "engineering": "Eng",
    "industries": "Ind",
    "financial": "Fin",
    "solutions": "Sol",
    "consulting": "Cons",
}


def blur(case: Case, *, strength: float, seed: int) -> Case:
    """Return the same list with untidy facts and the same truth."""
    random = Random(seed)  # noqa: S311  (nothing is secret)
    providers = [f"{label_of(invent_word(random))}it.com" for _ in range(12)]
    mailers = [f"csp@{provider}" for provider in providers]
    return Case(
        f"{case.name}-blurred-{strength:g}",
        tuple(_organization(random, facts, strength, mailers) for facts in case.organizations),
        tuple(_tenant(random, facts, strength, providers) for facts in case.tenants),
        case.truth,
    )


def _organization(
    random: Random, facts: OrganizationFacts, strength: float, mailers: list[str]
) -> OrganizationFacts:
    def happens(chance: float) -> bool:
        return random.random() < chance * strength

    email = facts.email
    number = _number(random, facts.registration_number, facts.country, strength)
    if happens(0.12):
        email = ""
    elif happens(0.15):
        email = random.choice(mailers)
    elif happens(0.08):
        email = f"{label_of(facts.name)[:20] or 'x'}@{random.choice(FREE)}"
    return replace(
        facts,
        name=_name(random, facts.name, facts.country, strength),
        domain="" if happens(0.15) else _domain(random, facts.domain, strength),
        registration_number="" if happens(0.3) else number,
        country="" if happens(0.03) else facts.country,
        email=email,
    )


def _tenant(
    random: Random, facts: TenantFacts, strength: float, providers: list[str]
) -> TenantFacts:
    def happens(chance: float) -> bool:
        return random.random() < chance * strength

    email = facts.email
    number = _number(random, facts.registration_number, facts.country, strength)
    if happens(0.2):
        email = ""
    elif happens(0.06):
        email = f"admin@{random.choice(providers)}"
    elif happens(0.04):
        email = f"{label_of(facts.name)[:12] or 'x'}@{random.choice(FREE)}"
    country = facts.country
    if happens(0.02):
        [country] = random.choices([*FORMS, ""], [*COUNTRY_WEIGHTS, 40])
    return replace(
        facts,
        name=_name(random, facts.name, facts.country, strength),
        domain=_tenant_domain(random, facts, strength),
        registration_number="" if happens(0.2) else number,
        country=country,
        email=email,
    )


def _name(random: Random, name: str, country: str, strength: float) -> str:
    def happens(chance: float) -> bool:
        return random.random() < chance * strength

    for _ in range(2):
        if happens(0.07):
            name = slip(random, name)
    if happens(0.2):
        base = _without_form(name)
        name = legal_name(random, base, country) if country in FORMS else base
    words = name.split()
    if len(words) > 2 and happens(0.02):
        at = random.randrange(len(words) - 1)
        words[at], words[at + 1] = words[at + 1], words[at]
    if len(words) > 2 and happens(0.015):
        words.pop(random.randrange(1, len(words)))
    if happens(0.03):
        words = [SHORTENED.get(word.lower(), word) for word in words]
    name = " ".join(words)
    if happens(0.06):
        name = random.choice(DECORATIONS).format(name)
    if happens(0.06):
        name = name.upper()
    if happens(0.3):
        for letter, plain in ACCENTS.items():
            name = name.replace(letter, random.choice((plain, plain[0])))
    if happens(0.3):
        name = name.replace("&", "and")
    if happens(0.01):
        name = name.replace(" ", "", 1)
    if happens(0.006):
        name = "".join(word[0] for word in _without_form(name).split()).upper() or name
    if happens(0.008):
        # It was renamed and one of the two lists was not told.
        name = f"{invent_word(random)} {words[-1]}"
    return name


def slip(random: Random, text: str) -> str:
    """Return a text with one typing slip in a letter."""
    places = [at for at, char in enumerate(text) if char.isalpha()]
    if len(places) < 4:
        return text
    at = random.choice(places)
    kind = random.randrange(4)
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[:at] + text[at] + text[at:]
    if kind == 2 and at + 1 < len(text):
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + random.choice(LETTERS) + text[at + 1 :]


def _without_form(name: str) -> str:
    for forms in FORMS.values():
        for form in forms:
            if name.lower().endswith(f" {form.lower()}"):
                return name[: -len(form) - 1]
    return name


def _domain(random: Random, domain: str, strength: float) -> str:
    if domain and random.random() < 0.03 * strength:
        label, _, ending = domain.partition(".")
        kind = random.randrange(3)
        if kind == 0:
            return f"{label}.{random.choice(('com', 'net', 'eu', 'io'))}"
        if kind == 1:
            return f"{slip(random, label)}.{ending}"
        return f"{label}{random.choice(('group', '-online', 'it'))}.{ending}"
    return domain


def _tenant_domain(random: Random, facts: TenantFacts, strength: float) -> str:
    label = facts.domain.partition(".")[0]
    own = not facts.domain.endswith(".onmicrosoft.com")
    if own and random.random() > 0.15 * strength:
        return _domain(random, facts.domain, strength)
    if not own and random.random() > 0.3 * strength:
        return facts.domain
    words = [label_of(word) for word in facts.name.split() if label_of(word)] or ["x"]
    initials = "".join(word[0] for word in words)
    shape = random.random()
    if shape < 0.45:
        prefix = label[: random.choice((14, 20, 27))]
    elif shape < 0.6:
        prefix = label_of(facts.name)[:20]
    elif shape < 0.72:
        prefix = f"{initials}{random.randrange(10, 999)}"
    elif shape < 0.84:
        prefix = words[0][:20]
    elif shape < 0.94:
        prefix = slip(random, label)
    else:
        prefix = f"{label_of(invent_word(random))}{random.randrange(99)}"
    if random.random() < 0.6:
        prefix += random.choice(PREFIX_ENDS)
    return f"{prefix or 'x'}.onmicrosoft.com"


def _number(random: Random, number: str, country: str, strength: float) -> str:
    if not number or random.random() > 0.25 * strength:
        return number
    kind = random.random()
    if kind < 0.3:
        return f"{number[:3]} {number[3:6]} {number[6:]}"
    if kind < 0.5:
        return number.removeprefix(country) if number.startswith(country) else country + number
    if kind < 0.65:
        return f"{number[:4]}.{number[4:]}"
    if kind < 0.75:
        return number if number[:2].isalpha() else f"00{number}"
    at = random.randrange(max(len(number) - 5, 0), len(number))
    if kind < 0.9:
        return number[:at] + random.choice("0123456789") + number[at + 1 :]
    return number[:2] + "".join(random.choice("0123456789") for _ in number[2:])
