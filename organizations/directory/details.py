"""The details of an organization and of an account, checked as a whole.

Operations take plain text and turn it into these values; whoever holds one need not check again.
Only the registration number and the country are optional where a person fills in a form; an import
asks for the name alone, and the organization says itself what it still lacks.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, fields
from uuid import UUID

from django.core.exceptions import ValidationError

from organizations.directory.domains import clean_domain
from organizations.directory.fields import (
    clean_country,
    clean_email,
    clean_name,
    clean_phone,
    clean_registration_number,
    clean_text,
)
from portal.core.errors import InvalidInput
from portal.core.money import currency_code

LABELS = {
    "number": "Number",
    "name": "Name",
    "primary_domain": "Primary domain",
    "registration_number": "Registration number",
    "country": "Country",
    "notification_email": "Notification e-mail address",
    "contact_phone": "Contact phone",
}
PARTNER_LABELS = {"mpn_id": "Partner id (MPN)", "microsoft_partner_id": "Partner tenant"}
REQUIRED_BY_PEOPLE = frozenset({"name", "primary_domain", "notification_email", "contact_phone"})
REQUIRED_BY_IMPORT = frozenset({"name"})
REQUIRED_OF_ACCOUNT = frozenset({"name", "currency"})
NUMBER_LENGTH = 40
MPN_LENGTH = 30
NOT_VALID = "Some fields are not valid."


@dataclass(frozen=True, slots=True)
class OrganizationDetails:
    """Checked values; empty text where nothing is known."""

    name: str
    primary_domain: str = ""
    registration_number: str = ""
    country: str = ""
    notification_email: str = ""
    contact_phone: str = ""


@dataclass(frozen=True, slots=True)
class AccountDetails:
    """The commercial side. In `create_organization` what is empty comes from the organization."""

    name: str = ""
    customer_number: str = ""
    email: str = ""
    phone: str = ""
    currency: str = ""
    address_line1: str = ""
    address_line2: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""


ORGANIZATION_FIELDS = tuple(field.name for field in fields(OrganizationDetails))
ACCOUNT_FIELDS = tuple(field.name for field in fields(AccountDetails))

_Rule = Callable[[str], str]


def check_number(value: str) -> str:
    """Return an organization's number: the reseller's own customer number, any text of one line.

    Raises:
        InvalidInput: control characters, or too long.
    """
    try:
        return clean_number(value)
    except ValidationError as error:
        raise InvalidInput(NOT_VALID, fields={"number": error.messages}) from error


def clean_number(value: str) -> str:
    """Return a number as `check_number` does; raises `ValidationError`, as a form wants it."""
    return clean_text(value, label="The number", length=NUMBER_LENGTH)


def check_mpn_id(value: str) -> str:
    """Return an indirect reseller's partner id as Microsoft writes it: digits alone.

    Raises:
        InvalidInput: anything else.
    """
    try:
        return clean_mpn_id(value)
    except ValidationError as error:
        raise InvalidInput(NOT_VALID, fields={"mpn_id": error.messages}) from error


def clean_mpn_id(value: str) -> str:
    """Return a partner id as `check_mpn_id` does; raises `ValidationError`, as a form wants it."""
    text = clean_text(value, label="The partner id", length=MPN_LENGTH)
    if text and not (text.isascii() and text.isdigit()):
        raise ValidationError("A partner id (MPN) has digits only, such as 4847383.")
    return text


def check_partner_tenant(value: str | UUID | None) -> UUID | None:
    """Return the Microsoft ID of a sub-reseller's partner tenant, None for nothing.

    Raises:
        InvalidInput: it is no such id.
    """
    try:
        text = clean_partner_tenant(str(value or ""))
    except ValidationError as error:
        raise InvalidInput(NOT_VALID, fields={"microsoft_partner_id": error.messages}) from error
    return UUID(text) if text else None


def clean_partner_tenant(value: str) -> str:
    """Return such an id as text; raises `ValidationError`, as a form wants it."""
    text = value.strip()
    try:
        return str(UUID(text)) if text else ""
    except ValueError:
        raise ValidationError(
            "The Microsoft ID of a tenant looks like 00000000-0000-0000-0000-000000000000."
        ) from None


def check_organization(
    values: Mapping[str, str], *, required: Collection[str] = REQUIRED_BY_PEOPLE
) -> OrganizationDetails:
    """Check the text of every field; names absent from ``values`` count as empty.

    Raises:
        InvalidInput: with every field that is wrong, not only the first.
    """
    cleaned = _check(values, _ORGANIZATION_RULES, required, phone="contact_phone")
    return OrganizationDetails(**cleaned)


def check_account(
    values: AccountDetails | Mapping[str, str],
    *,
    required: Collection[str] = REQUIRED_OF_ACCOUNT,
) -> AccountDetails:
    """Check the text of every field of an account, as `check_organization` does."""
    texts = asdict(values) if isinstance(values, AccountDetails) else values
    return AccountDetails(**_check(texts, _ACCOUNT_RULES, required, phone="phone"))


def _clean_currency(value: str) -> str:
    text = clean_text(value, label="The currency", length=NUMBER_LENGTH).upper()
    if text:
        currency_code(text)
    return text


def _line(label: str, length: int) -> _Rule:
    """Return the rule of a free line of text."""

    def clean_line(value: str) -> str:
        return clean_text(value, label=label, length=length)

    return clean_line


_ORGANIZATION_RULES: dict[str, _Rule] = {
    "name": clean_name,
    "primary_domain": clean_domain,
    "registration_number": clean_registration_number,
    "country": clean_country,
    "notification_email": clean_email,
}
_ACCOUNT_RULES: dict[str, _Rule] = {
    "name": clean_name,
    "customer_number": _line("The customer number", 60),
    "email": clean_email,
    "currency": _clean_currency,
    "address_line1": _line("The address", 200),
    "address_line2": _line("The second address line", 200),
    "city": _line("The city", 100),
    "state": _line("The state", 60),
    "postal_code": _line("The postal code", 20),
    "country": clean_country,
}


def _check(
    values: Mapping[str, str], rules: Mapping[str, _Rule], required: Collection[str], *, phone: str
) -> dict[str, str]:
    """Apply every rule; the phone comes last because it is read with the country."""
    cleaned: dict[str, str] = {}
    wrong: dict[str, list[str]] = {}

    def apply(name: str, rule: _Rule) -> None:
        try:
            cleaned[name] = rule(values.get(name, ""))
        except ValidationError as error:
            wrong[name] = error.messages
            return
        if name in required and not cleaned[name]:
            wrong[name] = ["This field is required."]

    for name, rule in rules.items():
        apply(name, rule)
    apply(phone, lambda text: clean_phone(text, cleaned.get("country", "")))
    if wrong:
        raise InvalidInput(NOT_VALID, fields=wrong)
    return cleaned
