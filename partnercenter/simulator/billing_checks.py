"""What a billing profile must be like for a customer to be created or a profile to be written.

Refusals follow the page "Create a customer". Parts of an address that are absent are let pass,
though the rules of its country call some of them required: no page says that a create is refused
for them, and one says that customers with an invalid address exist. What is given must have the
form its country asks for.
"""

import re
from typing import Any

from partnercenter.simulator.address_checks import state_of
from partnercenter.simulator.countries import STATES_CHECKED, Country, find_country
from partnercenter.simulator.errors import Problem

_EMAIL = re.compile(r"[^@\s]+@([^@\s]+\.[^@\s.]+)")
_CULTURE = re.compile(r"[a-z]{2,3}-[a-z]{2,4}", re.IGNORECASE)
_NUMBER = re.compile(r"[\w ./&-]{1,50}")
_LEGAL_FORM = re.compile(
    "ab|ag|as|bv|co|company|corp|corporation|gmbh|inc|incorporated"
    "|kg|limited|llc|llp|ltd|nv|oy|plc|pty|sa|sarl|srl"
)
_REQUIRED = ("email", "culture", "language", "companyName", "defaultAddress")
_LENGTHS = {"addressLine1": 200, "addressLine2": 200, "firstName": 50, "lastName": 50}


def check_billing(billing: dict[str, Any], *, partner_domain: str) -> None:
    """Let a billing profile pass.

    Raises Problem 400/800002 for what is missing or malformed, an e-mail address of Microsoft or
    the partner, and a company name that names no company.
    """
    missing = [name for name in _REQUIRED if not billing.get(name)]
    if missing:
        raise Problem(400, 800002, "Required properties are missing.", data=missing)
    email = _EMAIL.fullmatch(str(billing["email"]))
    if email is None or email.group(1).lower() in ("microsoft.com", partner_domain.lower()):
        raise Problem(400, 800002, "billingProfile.email is not an address of the customer.")
    if not re.fullmatch(r"[a-z]{2}", str(billing["language"]), re.IGNORECASE):
        raise Problem(400, 800002, "billingProfile.language must be two letters.")
    _check_company_name(str(billing["companyName"]))
    country = _check_address(billing["defaultAddress"])
    _check_culture(str(billing["culture"]), country)


def check_registration(number: object, address: dict[str, Any]) -> None:
    """Let the registration number and telephone number of a new customer pass.

    Raises Problem 400 with 600049 for a missing number, 600050 for a malformed one, 600051 for a
    missing telephone number and 600002 for a number the country does not take. Numbers in
    countries that do not demand them are only kept from being nonsense.
    """
    country = find_country(address.get("country"))
    text = str(number or "").strip()
    if country is None:
        return
    if text and not country.number_supported:
        raise Problem(400, 600002, f"Registration numbers are not supported in {country.code}.")
    if country.number_required and not text:
        raise Problem(400, 600049, f"A registration number is required in {country.code}.")
    accepted = country.number.accepts(text) if country.number else _NUMBER.fullmatch(text)
    if text and not accepted:
        raise Problem(400, 600050, "The registration number does not have the form of its country.")
    if country.phone_required and not str(address.get("phoneNumber") or "").strip():
        raise Problem(400, 600051, f"A phone number is required in {country.code}.")


def _check_company_name(name: str) -> None:
    bare = re.sub(r"[\W_]", "", name).lower()
    if len(name.strip()) < 2 or not bare or _LEGAL_FORM.fullmatch(bare):
        raise Problem(400, 800002, "billingProfile.companyName is not the name of a company.")


def _check_culture(culture: str, country: Country | None) -> None:
    if not _CULTURE.fullmatch(culture):
        raise Problem(400, 800002, "billingProfile.culture must look like en-US.")
    if country and culture.lower() not in [name.lower() for name in country.cultures]:
        raise Problem(
            400, 800002, f"{culture} is no culture of {country.code}.", data=country.cultures
        )


def _check_address(address: object) -> Country | None:
    if not isinstance(address, dict):
        raise Problem(400, 800002, "billingProfile.defaultAddress must be an object.")
    if not re.fullmatch(r"[a-z]{2}", str(address.get("country", "")), re.IGNORECASE):
        raise Problem(400, 800002, "defaultAddress.country must be a two-letter code.")
    missing = [name for name in ("addressLine1", "city") if not address.get(name)]
    if missing:
        raise Problem(400, 800002, "Required address lines are missing.", data=missing)
    for name, limit in _LENGTHS.items():
        if len(str(address.get(name) or "")) > limit:
            raise Problem(400, 800002, f"defaultAddress.{name} is longer than {limit}.")
    country = find_country(address["country"])
    if country is not None:
        _check_forms(address, country)
    return country


def _check_forms(address: dict[str, Any], country: Country) -> None:
    state = state_of(address)
    if state and country.code in STATES_CHECKED and state not in country.states:
        raise Problem(400, 800002, f"{state} is not a state of {country.code}.")
    for name, form in (("postalCode", country.postal_code), ("phoneNumber", country.phone)):
        value = str(address.get(name) or "").strip()
        if value and form is not None and not form.accepts(value):
            raise Problem(400, 800002, f"defaultAddress.{name} does not have the form it needs.")
