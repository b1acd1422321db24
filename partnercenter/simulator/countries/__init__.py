"""What some sixty countries ask for, as one table that every check of an address shares.

Countries outside the table have no rules here: their addresses are taken as they are, and address
validation has no service for them.
"""

from partnercenter.simulator.countries.country import Country, Format, codes
from partnercenter.simulator.countries.others import ELSEWHERE, EUROPE, NORTH_AMERICA_AND_CHINA
from partnercenter.simulator.countries.registered import WITH_NUMBER, WITH_NUMBER_AND_PHONE

COUNTRIES: dict[str, Country] = {
    country.code: country
    for country in (
        *WITH_NUMBER_AND_PHONE,
        *WITH_NUMBER,
        *NORTH_AMERICA_AND_CHINA,
        *EUROPE,
        *ELSEWHERE,
    )
}
STATES_CHECKED = frozenset({"US", "CA", "CN", "MX"})
"""The countries whose states are checked against their list, by "Validate an address"."""


def find_country(code: object) -> Country | None:
    """Return the rules of a country by its two-letter code, in any case; None outside the table."""
    return COUNTRIES.get(str(code or "").strip().upper())


__all__ = ["COUNTRIES", "STATES_CHECKED", "Country", "Format", "codes", "find_country"]
