"""What a country has to provide for companies to be invented in it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class City:
    """A town with the patterns of its postal codes and telephone numbers; state only in the US."""

    name: str
    postal_code: str
    phone: str
    state: str = ""


@dataclass(frozen=True, slots=True)
class Market:
    """One country: `share` is its weight among a partner's foreign customers.

    `street` takes {street} and {number}; `currency` is what Microsoft prices the country in;
    `vat` is a percentage; a legal form or trade named twice is drawn twice as often.
    """

    country: str
    culture: str
    currency: str
    symbol: str
    vat: str
    top_level: str
    share: int
    street: str
    cities: tuple[City, ...]
    streets: tuple[str, ...]
    legal_forms: tuple[str, ...]
    trades: tuple[str, ...]
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]

    @property
    def language(self) -> str:
        """Return the two-letter language of the culture."""
        return self.culture[:2]


def words(text: str) -> tuple[str, ...]:
    """Return the comma-separated parts of a text."""
    return tuple(word.strip() for word in text.split(","))
