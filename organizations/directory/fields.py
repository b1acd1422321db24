"""What a field of an organization may hold, and how what people paste becomes that.

Each rule takes the text of one field and returns the text to keep, or raises Django's
`ValidationError` with a sentence that names what is wrong. They are pure, so the form, the API, the
import and the linking pages cannot come to differ, and a value that went through once goes through
again unchanged. Empty text stays empty: which fields are required is decided by `details`.
"""

import re
import unicodedata
from contextlib import suppress
from functools import lru_cache

import phonenumbers
from babel import Locale
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

NAME_LENGTH = 200
REGISTRATION_LENGTH = 60
EMAIL_LENGTH = 254
PHONE_LENGTH = 40
PHONE_EXAMPLE = "+31 20 123 4567"

WHITE_CONTROLS = frozenset("\t\n\r")
DIRECTION_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They let a name show other letters than it has; the plain marks of right-to-left scripts stay."""
NOT_COUNTRIES = frozenset(
    ["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"]
)
"""Two-letter codes of the Unicode locale data that ISO 3166 gives to no country."""
COUNTRY_ALIASES = {"UK": "GB", "EL": "GR"}


def clean_text(value: str, *, label: str, length: int) -> str:
    """Return ``value`` composed, on one line, with single spaces.

    Raises:
        ValidationError: control characters, direction overrides, or more than ``length`` signs.
    """
    for character in value:
        if character in DIRECTION_OVERRIDES:
            raise ValidationError(
                f"{label} contains invisible characters that turn the reading direction round;"
                " type it instead of pasting it."
            )
        if character not in WHITE_CONTROLS and unicodedata.category(character) in ("Cc", "Cs"):
            raise ValidationError(
                f"{label} contains a control character (U+{ord(character):04X}); take it out."
            )
    text = " ".join(unicodedata.normalize("NFC", value).split())
    if len(text) > length:
        raise ValidationError(f"{label} has {len(text)} characters; {length} fit.")
    return text


def clean_name(value: str) -> str:
    """Return a company's name; one without a single visible character is as good as none."""
    text = clean_text(value, label="The name", length=NAME_LENGTH)
    if text and not any(unicodedata.category(character)[0] in "LNPS" for character in text):
        raise ValidationError("The name has no visible character.")
    return text


def clean_registration_number(value: str) -> str:
    """Return a company or tax number: free text, since every country writes it its own way."""
    return clean_text(value, label="The registration number", length=REGISTRATION_LENGTH)


def clean_email(value: str) -> str:
    """Return one e-mail address, its domain in lower case."""
    text = clean_text(value, label="The e-mail address", length=EMAIL_LENGTH)
    if not text:
        return ""
    if text.count("@") > 1 or any(mark in text for mark in ",; "):
        raise ValidationError("Enter one e-mail address only, such as it@contoso.com.")
    mailbox, _, domain = text.rpartition("@")
    text = f"{mailbox}@{domain.lower()}"
    try:
        validate_email(text)
    except ValidationError:
        raise ValidationError(
            f"“{shorten(value)}” is no e-mail address; it should look like it@contoso.com."
        ) from None
    return text


def clean_country(value: str) -> str:
    """Return the ISO 3166 code of a country, given by its code or its English name."""
    text = clean_text(value, label="The country", length=NAME_LENGTH)
    if not text:
        return ""
    code = COUNTRY_ALIASES.get(text.upper(), text.upper())
    if code in country_names():
        return code
    named = _codes_by_name().get(text.casefold())
    if named is None:
        raise ValidationError(
            f"“{shorten(text)}” is no country; use its two-letter ISO 3166 code, such as NL."
        )
    return named


def clean_phone(value: str, country: str = "") -> str:
    """Return a telephone number in international form; ``country`` lets a national one be read.

    The length is checked against the country's own numbering, not the ranges in use: a range newer
    than the library's tables is no reason to refuse a customer.
    """
    text = clean_text(value, label="The phone number", length=4 * PHONE_LENGTH)
    if not text:
        return ""
    number = _parse_phone(text, country)
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason == ValidationResult.TOO_SHORT:
        raise ValidationError(f"“{shorten(text)}” is too short for a phone number.")
    if reason == ValidationResult.TOO_LONG:
        raise ValidationError(f"“{shorten(text)}” has too many digits for a phone number.")
    if reason == ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
        raise ValidationError(
            f"“{shorten(text)}” lacks its area code; write it like this: {PHONE_EXAMPLE}."
        )
    if reason != ValidationResult.IS_POSSIBLE:
        raise ValidationError(_no_phone(text))
    written = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    if len(written) > PHONE_LENGTH:
        raise ValidationError(f"“{shorten(text)}” is too long; leave the extension out.")
    return written


@lru_cache(maxsize=1)
def country_names() -> dict[str, str]:
    """Return the English name of each country by its code, in alphabetical order of names."""
    territories = Locale("en").territories
    names = {
        code: name
        for code, name in territories.items()
        if len(code) == 2 and code.isalpha() and code not in NOT_COUNTRIES
    }
    return dict(sorted(names.items(), key=lambda item: item[1]))


@lru_cache(maxsize=1)
def _codes_by_name() -> dict[str, str]:
    return {name.casefold(): code for code, name in country_names().items()}


def _parse_phone(text: str, country: str) -> phonenumbers.PhoneNumber:
    digits = re.sub(r"[\s().-]", "", text)
    if digits.startswith("00"):  # how most of the world writes the international +
        with suppress(NumberParseException):
            number = phonenumbers.parse("+" + digits[2:], None)
            if phonenumbers.is_possible_number(number):
                return number
    try:
        return phonenumbers.parse(text, country or None)
    except NumberParseException as error:
        unknown_region = error.error_type == NumberParseException.INVALID_COUNTRY_CODE
        if unknown_region and not digits.startswith(("+", "00")):
            raise ValidationError(
                "Begin with + and the country's calling code"
                f" (such as {PHONE_EXAMPLE}), or give the country."
            ) from None
        raise ValidationError(_no_phone(text)) from None


def _no_phone(text: str) -> str:
    return f"“{shorten(text)}” is no phone number; write it like this: {PHONE_EXAMPLE}."


def shorten(text: str, length: int = 60) -> str:
    """Return the beginning of a refused value, short enough for a message."""
    return text if len(text) <= length else f"{text[:length]}…"
