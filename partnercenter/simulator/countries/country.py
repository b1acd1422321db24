"""What a country asks of an address, a tax id and a company's registration number."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Format:
    """A pattern without anchors, in the part of regular expressions .NET and Python share.

    Alternatives stand in parentheses, so that anchors hold all of them. `sample` is a value of that
    form that belongs to nobody.
    """

    pattern: str
    sample: str

    @property
    def anchored(self) -> str:
        """Return the pattern as it stands on the wire."""
        return f"^{self.pattern}$"

    def accepts(self, value: str) -> bool:
        """Tell whether a value has this form."""
        return re.fullmatch(self.pattern, value, re.ASCII) is not None


@dataclass(frozen=True, slots=True)
class Country:
    """The rules of one country; the first culture is its default one.

    `postal_code` is None where there are no postal codes. Of the registration number, `number` is
    its form and `number_required` whether Microsoft refuses a customer without it; a number is not
    taken at all where `number_supported` is false. `phone_required` concerns the telephone number
    of the default address.
    """

    code: str
    cultures: tuple[str, ...]
    calling_codes: tuple[str, ...]
    postal_code: Format | None
    languages: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    city_required: bool = True
    vat_id: Format | None = None
    tax_id: bool = False
    phone: Format | None = None
    number: Format | None = None
    number_required: bool = False
    number_supported: bool = True
    phone_required: bool = False

    @property
    def supported_languages(self) -> tuple[str, ...]:
        """Return the languages; those of the cultures where the table says nothing else."""
        return self.languages or tuple(dict.fromkeys(name[:2] for name in self.cultures))


def codes(text: str) -> tuple[str, ...]:
    """Return the blank-separated codes of a text."""
    return tuple(text.split())
