"""What is sent to Microsoft of an account: whose address, in which form, in which culture."""

import re
from dataclasses import dataclass

from babel import Locale, UnknownLocaleError

from organizations.directory.fields import country_names
from organizations.directory.models import Account, Organization
from organizations.directory.queries import accounts_of
from organizations.readiness.checks import phone_digits
from partnercenter.schemas.profiles import Address
from portal.core.access import Actor
from tenants.connections.models import Connection
from tenants.countries.queries import rules_for
from tenants.countries.rules import Rules

OWN_PARTS = ("address_line1", "address_line2", "city", "state", "postal_code")
"""What makes an address; the country alone does not, as it is taken over from the organization."""
_CULTURE = re.compile(r"[a-z]{2,3}-[A-Za-z]{2,4}")


@dataclass(frozen=True, slots=True)
class SentAddress:
    """The address a customer is created with, and whose it is.

    ``whose`` is a name for people: the account's own organization, or its sub-reseller. ``account``
    holds the address, so that is where it is changed.
    """

    address: Address
    account: Account
    whose: str
    is_own: bool
    rules: Rules

    @property
    def country_name(self) -> str:
        """The country in words, or its code where it is none we know."""
        return country_names().get(self.address.country, self.address.country)

    @property
    def sentence(self) -> str:
        """Whose address is sent, in words."""
        if self.is_own:
            return "The account's own billing address is sent to Microsoft."
        return (
            f"This account has no billing address, so that of its reseller {self.whose} is sent to"
            " Microsoft."
        )


def address_to_send(account: Account, *, actor: Actor, connection: Connection) -> SentAddress:
    """Return the account's own address, or its sub-reseller's where its own is empty (PRV-13).

    The latter only with the connection's switch, and only if the sub-reseller has one (2 queries,
    4 where the account has none).
    """
    source, reseller = account, _sub_reseller(account, actor=actor, connection=connection)
    if reseller is not None:
        source = accounts_of(reseller, actor).first() or account
        if not has_address(source):
            source = account
    rules = rules_for(source.country, actor=actor)
    phone = account.phone or source.phone
    return SentAddress(
        Address(
            country=source.country,
            city=source.city,
            state=source.state.strip().upper() if rules.needs_state else source.state,
            address_line1=source.address_line1,
            address_line2=source.address_line2,
            postal_code=source.postal_code,
            phone_number=phone_digits(phone, source.country) if phone else "",
        ),
        source,
        source.organization.name,
        source is account,
        rules,
    )


def has_address(account: Account) -> bool:
    """Tell whether anything of a billing address is filled in."""
    return any(getattr(account, name).strip() for name in OWN_PARTS)


def company_name_to_send(account: Account) -> str:
    """Return the name the tenant gets: the account's, which begins as the organization's."""
    return account.name.strip()


def registration_number_to_send(account: Account, rules: Rules) -> str:
    """Return the registration number where the country wants or knows one, else "".

    Some countries take none at all and refuse a customer with one (600002), and which is not
    documented: so it is sent where their rules speak of it.
    """
    asked = rules.needs_registration_number or rules.registration_pattern
    return account.organization.registration_number.strip() if asked else ""


def culture_to_send(rules: Rules) -> tuple[str, str]:
    """Return culture and language of a new customer, such as ``nl-NL`` and ``nl``."""
    culture = rules.default_culture or next(iter(rules.cultures), "")
    if not _CULTURE.fullmatch(culture):
        culture = _usual_culture(rules.country)
    return culture, culture.partition("-")[0]


def _usual_culture(country: str) -> str:
    try:
        language = Locale.parse(f"und_{country}").language
    except (ValueError, UnknownLocaleError):
        language = "en"
    return f"{language}-{country}" if len(language) == 2 else "en-US"


def _sub_reseller(account: Account, *, actor: Actor, connection: Connection) -> Organization | None:
    """Return the sub-reseller whose address steps in, if one does."""
    parent_id = account.organization.parent_id
    if parent_id is None or not connection.uses_reseller_address or has_address(account):
        return None
    rows = Organization.objects.visible_to(actor).filter(pk=parent_id)
    found: Organization | None = rows.first()
    return found
