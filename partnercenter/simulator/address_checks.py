"""What address validation says of an address: decided by its content alone, the same every time.

There is no postal database behind it. An address whose parts fit the rules of its country is good,
and marks in it choose the other answers, so that a demonstration or a test can call each one up:

    NotValidated         a country the table of rules does not have
    None                 no street, no city, a postal code that is missing or malformed, an unknown
                         state in the United States, Canada, China or Mexico
    StreetPartial        a street without a house number: "Dock Street"
    PremisesPartial      a part of the building without its number: "1 Dock Street, Suite"
    Multiple             a corner of two streets: "5th & Main"
    InteractionRequired  a state that the postal code contradicts (United States), or a postal code
                         written without its blank or dash
    Verified             a post office box, to which nothing can be shipped
    VerifiedShippable    anything else

Source of the statuses and of how many suggestions each has: page "Validate an address".
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from partnercenter.simulator.countries import STATES_CHECKED, Country, find_country

Address = dict[str, Any]

_MOST_SUGGESTIONS = 3
_BOX = re.compile(
    r"\b(p\.? ?o\.? ?box|post(bus|fach|boks|box)|bo[iî]te postale|apartado)\b", re.IGNORECASE
)
_PREMISES = re.compile(r"\b(suite|apt|apartment|unit|floor|building|room)\W*$", re.IGNORECASE)
_CORNER = re.compile(r"\s(?:&|and|corner)\s", re.IGNORECASE)
_HOUSE_NUMBER = re.compile(r"\b\d+ ?[a-z]?\b", re.IGNORECASE)
# Which three-digit beginnings of a ZIP code lie in which state; the ends of a range are part of it.
_ZIP_AREAS = """
    AK 995-999 AL 350-369 AR 716-729 AZ 850-865 CA 900-961 CO 800-816 CT 060-069 DC 200-205
    DE 197-199 FL 320-349 GA 300-319 HI 967-968 IA 500-528 ID 832-838 IL 600-629 IN 460-479
    KS 660-679 KY 400-427 LA 700-714 MA 010-027 MD 206-219 ME 039-049 MI 480-499 MN 550-567
    MO 630-658 MS 386-397 MT 590-599 NC 270-289 ND 580-588 NE 680-693 NH 030-038 NJ 070-089
    NM 870-884 NV 889-898 NY 100-149 OH 430-459 OK 730-749 OR 970-979 PA 150-196 RI 028-029
    SC 290-299 SD 570-577 TN 370-385 TX 750-799 UT 840-847 VA 220-246 VT 050-059 WA 980-994
    WI 530-549 WV 247-268 WY 820-831
"""
_STATE_OF_ZIP = {
    f"{prefix:03}": state
    for state, area in zip(_ZIP_AREAS.split()[::2], _ZIP_AREAS.split()[1::2], strict=True)
    for prefix in range(int(area[:3]), int(area[4:]) + 1)
}


@dataclass(frozen=True, slots=True)
class Assessment:
    """A status, the suggested addresses, and words for every status but the two good ones."""

    status: str
    suggestions: tuple[Address, ...] = ()
    message: str = ""


def assess(address: Mapping[str, Any]) -> Assessment:
    """Return what validation says of an address with camelCase keys."""
    country = find_country(address.get("country"))
    if country is None:
        return Assessment("NotValidated", message="Addresses of this country are not validated.")
    fault = find_fault(address, country)
    if fault:
        return Assessment("None", message=fault)
    street = str(address.get("addressLine1") or "").strip()
    if not _HOUSE_NUMBER.search(street):
        if _CORNER.search(street):
            return _choose("Multiple", address, country, _either_street(street))
        return _choose("StreetPartial", address, country, _numbered(street))
    lines = " ".join(str(address.get(f"addressLine{at}") or "") for at in (1, 2, 3)).strip()
    if _PREMISES.search(lines):
        return _choose("PremisesPartial", address, country, _premises(address))
    corrected = _corrected(address, country)
    if corrected:
        return Assessment(
            "InteractionRequired",
            (_completed({**address, **corrected}, country),),
            "Confirm the corrected address.",
        )
    status = "Verified" if _BOX.search(street) else "VerifiedShippable"
    return Assessment(status, (_completed(address, country),))


def find_fault(address: Mapping[str, Any], country: Country) -> str:
    """Return what makes an address unusable, in words; "" when nothing does."""
    if not str(address.get("addressLine1") or "").strip():
        return "The street is missing."
    if country.city_required and not str(address.get("city") or "").strip():
        return "The city is missing."
    if country.code in STATES_CHECKED and state_of(address) not in country.states:
        return f"{address.get('state') or 'No state'} is not a state of {country.code}."
    postal_code = str(address.get("postalCode") or "").strip()
    if country.postal_code is not None and not country.postal_code.accepts(postal_code):
        return "The postal code does not have the form of its country."
    return ""


def state_of(address: Mapping[str, Any]) -> str:
    """Return the state of an address as the lists of states write it."""
    return str(address.get("state") or "").strip().upper()


def _choose(
    status: str, address: Mapping[str, Any], country: Country, changes: list[Address]
) -> Assessment:
    suggestions = tuple(
        _completed({**address, **change}, country) for change in changes[:_MOST_SUGGESTIONS]
    )
    return Assessment(status, suggestions, "Choose one of the suggested addresses.")


def _numbered(street: str) -> list[Address]:
    first = 1 + _number_from(street, below=40)
    return [{"addressLine1": f"{number} {street}"} for number in (first, first + 2, first + 4)]


def _either_street(street: str) -> list[Address]:
    streets = (part.strip(" ,.") for part in _CORNER.split(street))
    return [{"addressLine1": f"1 {name}"} for name in streets if name]


def _premises(address: Mapping[str, Any]) -> list[Address]:
    line = next(
        f"addressLine{at}" for at in (3, 2, 1) if str(address.get(f"addressLine{at}") or "").strip()
    )
    text = str(address[line]).strip(" ,.")
    return [{line: f"{text} {number}"} for number in (100, 200, 300)]


def _corrected(address: Mapping[str, Any], country: Country) -> Address:
    postal_code = str(address.get("postalCode") or "").strip()
    if country.code == "US":
        state = _STATE_OF_ZIP.get(postal_code[:3])
        return {"state": state} if state and state != state_of(address) else {}
    written = _as_usually_written(postal_code, country)
    return {"postalCode": written} if written != postal_code else {}


def _as_usually_written(postal_code: str, country: Country) -> str:
    write = _POSTAL_STYLES.get(country.code)
    return write(re.sub(r"[\s-]", "", postal_code).upper()) if write else postal_code


def _split_at(place: int, sign: str = " ") -> Callable[[str], str]:
    return lambda code: f"{code[:place]}{sign}{code[place:]}"


_POSTAL_STYLES: dict[str, Callable[[str], str]] = {
    "CA": _split_at(3),
    "CZ": _split_at(3),
    "GB": _split_at(-3),
    "GR": _split_at(3),
    "IE": _split_at(3),
    "JP": _split_at(3, "-"),
    "NL": _split_at(4),
    "PL": _split_at(2, "-"),
    "SE": _split_at(3),
    "SK": _split_at(3),
}


def _completed(address: Mapping[str, Any], country: Country) -> Address:
    """Return an address with its ZIP+4 code, which the original usually lacks."""
    completed = dict(address)
    postal_code = str(completed.get("postalCode") or "").strip()
    if country.code == "US" and re.fullmatch(r"\d{5}", postal_code, re.ASCII):
        street = f"{completed.get('addressLine1')} {completed.get('city')}".lower()
        completed["postalCode"] = f"{postal_code}-{1001 + _number_from(street, below=8999)}"
    return completed


def _number_from(text: str, *, below: int) -> int:
    digest = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big") % below
