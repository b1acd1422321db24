"""Whom a letter goes to: each address is one address, and comes from one place (D11).

*To* is a list in the text that the reseller wrote, and only there. What a field says is never read
as a list: a value with a comma, a line break or a name before the address is refused as a whole.
Only plain ASCII is taken, so that no letter looks like another; a host in another script is written
the way the mail itself writes it (``xn--…``).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from portal.notify.letters.merging import Fields, key_of, parts_of

LONGEST = 254
MOST = 5
SEPARATOR = re.compile(r"[,;]")
PLAIN = re.compile(r"[A-Za-z0-9.&'*+/=_~-]{1,64}@[A-Za-z0-9.-]{3,250}")
"""Less than the standard allows: ``%`` and ``!`` once named a second host to go on to."""
_valid = EmailValidator()


@dataclass(frozen=True, slots=True)
class Resolved:
    """The addresses *To* yields, or why it yields none."""

    addresses: tuple[str, ...] = ()
    held_because: str = ""


def is_address(text: str) -> bool:
    """Tell whether a text is exactly one plain mail address."""
    if len(text) > LONGEST or not PLAIN.fullmatch(text):
        return False
    try:
        _valid(text)
    except ValidationError:
        return False
    return True


def split_addresses(text: str) -> tuple[str, ...]:
    """Return the addresses that `joined` put together.

    Raises:
        ValueError: one of them is none.
    """
    found = tuple(part.strip(" ") for part in text.split(","))
    if not all(map(is_address, found)) or len(found) > MOST:
        raise ValueError("This is no list of mail addresses.")
    return found


def joined(addresses: tuple[str, ...]) -> str:
    """Return addresses as one text, each once."""
    return ", ".join(dict.fromkeys(addresses))


def problems_in_to(text: str, fields: Fields, *, fixed: bool) -> list[str]:
    """Return what is wrong with a *To*; ``fixed``: only fields may stand in it."""
    entries = [part.strip() for part in SEPARATOR.split(text)]
    if not any(entries):
        return ["Say whom the letter goes to, such as {#Accounts.Email#}."]
    if len(entries) > MOST:
        return [f"A letter goes to at most {MOST} addresses."]
    return [said for entry in entries if (said := _wrong_entry(entry, fields, fixed=fixed))]


def resolve_to(text: str, values: Mapping[str, str], fields: Fields) -> Resolved:
    """Return whom a *To* reaches; one entry that yields no address holds the whole letter."""
    said = {key_of(name): value for name, value in values.items()}
    found: list[str] = []
    for entry in (part.strip() for part in SEPARATOR.split(text)):
        parts = list(parts_of(entry))
        name = parts[0].field if len(parts) == 1 else None
        field = fields.get(name) if name else None
        address = said.get(name or "", "") if field and field.is_address else entry
        if field and not address:
            return Resolved(held_because=f"{field.tag} has no address.")
        if not is_address(address):
            what = f"What {field.tag} says" if field else f"“{entry[:60]}”"
            return Resolved(held_because=f"{what} is not one plain mail address.")
        found.append(address)
    return Resolved(tuple(dict.fromkeys(found)))


def _wrong_entry(entry: str, fields: Fields, *, fixed: bool) -> str:
    parts = list(parts_of(entry))
    if len(parts) == 1 and parts[0].field is not None:
        field = fields.get(parts[0].field)
        if field is None:
            return f"There is no merge field {parts[0].text}."
        return "" if field.is_address else f"{field.tag} is not a mail address."
    if fixed:
        offered = " or ".join(field.tag for field in fields.values() if field.is_address)
        return f"This letter opens a door, so it goes to {offered} and to no address written here."
    return "" if is_address(entry) else f"“{entry[:60]}” is not one plain mail address."
