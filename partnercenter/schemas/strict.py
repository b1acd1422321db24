"""Fields without which an answer about commerce is not used.

A wrong product, count or price would be bought, billed or stored as fact, so these are refused
when they are missing or unreadable; everything else is read leniently through ``Fields``.
"""

import re
from decimal import Decimal

from partnercenter.errors import MalformedAnswer
from partnercenter.schemas.fields import Fields, as_guid

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_GAP = re.compile(r"[\s_]+")


def required_text(fields: Fields, thing: str, *names: str) -> str:
    """Return the first of these fields with any text. Raises: MalformedAnswer without."""
    text = fields.text(*names).strip()
    if not text:
        raise MalformedAnswer(f"The answer has {thing} without {names[0]}.")
    return text


def required_id(fields: Fields, thing: str, *names: str) -> str:
    """Return an identity; a GUID in lower case, others (order numbers) exactly as written.

    Raises: MalformedAnswer without.
    """
    text = required_text(fields, thing, *names)
    return as_guid(text) or text


def required_guid(fields: Fields, thing: str, *names: str) -> str:
    """Return a GUID in lower case. Raises: MalformedAnswer when it is missing or none."""
    guid = as_guid(fields.get(*names))
    if guid is None:
        raise MalformedAnswer(f"The answer has {thing} without {names[0]}.")
    return guid


def required_count(fields: Fields, thing: str, *names: str) -> int:
    """Return a whole number, also one written as ``25.0`` or as text.

    Raises: MalformedAnswer when it is missing or has a fraction.
    """
    number = count(fields, *names)
    if number is None:
        raise MalformedAnswer(f"The answer has {thing} without {names[0]}.")
    return number


def count(fields: Fields, *names: str) -> int | None:
    """Return a whole number, None when absent. Raises: MalformedAnswer when it has a fraction."""
    amount = fields.amount(*names)
    if amount is None:
        return None
    if amount != amount.to_integral_value():
        raise MalformedAnswer(f"The answer has no whole number in {names[0]}.")
    return int(amount)


def required_amount(fields: Fields, thing: str, *names: str) -> Decimal:
    """Return money exactly. Raises: MalformedAnswer when it is missing or unreadable."""
    amount = fields.amount(*names)
    if amount is None:
        raise MalformedAnswer(f"The answer has {thing} without {names[0]}.")
    return amount


def rows(fields: Fields, name: str) -> list[Fields]:
    """Return the objects of a list none of which may be passed over; empty when absent.

    Raises: MalformedAnswer when it is no list of objects.
    """
    value = fields.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise MalformedAnswer(f"The answer has no list in {name}.")
    return [Fields(row) for row in value]


def currency(fields: Fields, *names: str) -> str:
    """Return a currency code in capitals, empty when there is none."""
    return fields.text(*names).strip().upper()


def word(text: str) -> str:
    """Return a word of a fixed list in one spelling: ``OneTime`` and ``one time`` as ``one_time``.

    Routes spell the same words differently, and new ones appear: an unknown word is kept.
    """
    return _GAP.sub("_", _HUMP.sub("_", text.strip())).lower()


def etag_of(fields: Fields) -> str:
    """Return the entity tag, empty when the resource has none; it must never be stored."""
    attributes = fields.inner("attributes")
    return attributes.text("etag") if attributes else ""
