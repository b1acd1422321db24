"""Registration numbers brought to one spelling.

The same number is written with and without the country, spaces, dots, leading zeros. python-stdnum
knows the marks of a country's own numbers; what it refuses is compared by its letters and digits,
since a number that fails its check digit is still the number somebody typed twice.
"""

import re
from functools import lru_cache

from stdnum import get_cc_module
from stdnum.exceptions import ValidationError

_MARKS = re.compile(r"[\W_]+")
_PREFIX = re.compile(r"\A[A-Z]{2,3}(?=\d)")
_SUFFIX = re.compile(r"(?<=\d)(?:MVA|VAT|TVA|MWST|IVA)\Z")
_NUMBER_KINDS = ("vat", "businessid", "orgnr", "cvr", "abn", "siren")
LONGEST = 60
SHORTEST = 5
"""Fewer digits than this are shared by chance."""


@lru_cache(maxsize=50_000)
def read_number(text: str, country: str) -> str:
    """Return the comparable form of a registration number, "" when there is none."""
    plain = _MARKS.sub("", text[:LONGEST]).upper()
    if not plain:
        return ""
    plain = _SUFFIX.sub("", plain)
    digits = _PREFIX.sub("", plain)
    compact = _by_country(digits if digits.isdigit() else plain, country)
    compact = compact.lstrip("0")
    return compact if sum(map(str.isdigit, compact)) >= SHORTEST else ""


def _by_country(plain: str, country: str) -> str:
    """Let a country's own rule take off what it takes off, where it accepts the number."""
    if len(country) != 2 or plain.isdigit():
        return plain
    for kind in _NUMBER_KINDS:
        rule = get_cc_module(country.lower(), kind)
        if rule is not None:
            try:
                return _PREFIX.sub("", _MARKS.sub("", str(rule.validate(plain))).upper())
            except ValidationError:
                continue
    return plain
