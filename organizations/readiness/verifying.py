"""Having Microsoft verify the address that will be sent, and taking one it suggests.

A bad address is an answer too. What can be used is used; what Microsoft would write otherwise is
offered, up to three of them, to be taken with one click.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction

from organizations.directory.details import check_account
from organizations.directory.models import Account
from organizations.directory.queries import get_account
from organizations.readiness import checks
from organizations.readiness.partner import connection_to_ask
from organizations.readiness.sending import SentAddress, address_to_send
from partnercenter.errors import PartnerCenterError
from partnercenter.schemas.addresses import AddressCheck
from partnercenter.schemas.profiles import Address
from portal.core.access import Actor, for_everybody, past_scope
from portal.core.errors import InvalidInput, PortalError
from tenants.connections.clients import partner_center_for
from tenants.connections.failures import as_portal_error
from tenants.connections.models import Connection
from tenants.countries.operations import want_countries

MOST_SUGGESTIONS: Final = 3
PARTS: Final = ("address_line1", "address_line2", "city", "state", "postal_code", "country")
OUTCOMES: Final[Mapping[str, tuple[str, str]]] = {
    "verifiedshippable": ("good", "Microsoft verified this address."),
    "verified": ("good", "Microsoft verified this address; nothing can be shipped to it."),
    "interactionrequired": ("warn", "Microsoft would write it otherwise. Confirm its version."),
    "streetpartial": ("warn", "Microsoft knows the street, not the house. Choose an address."),
    "premisespartial": (
        "warn",
        "Microsoft knows the building, not the part of it. Choose an address.",
    ),
    "multiple": ("warn", "Several addresses fit. Choose the one that is meant."),
    "none": ("bad", "Microsoft knows no such address. Correct it before you provision."),
    "notvalidated": (
        "warn",
        "Microsoft does not verify addresses of this country now. It can be used all the same.",
    ),
}
"""What each of the eight outcomes means for people ("Validate an address")."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An address Microsoft would write, as fields of an account."""

    address_line1: str
    address_line2: str
    city: str
    state: str
    postal_code: str
    country: str

    @property
    def values(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in PARTS}

    @property
    def in_words(self) -> str:
        parts = (self.address_line1, self.address_line2, self.postal_code, self.city, self.state)
        return ", ".join(part for part in (*parts, self.country) if part)


@dataclass(frozen=True, slots=True)
class AddressVerdict:
    """What Microsoft makes of an address. ``status`` is its own word in lower case."""

    status: str
    tone: str
    sentence: str
    message: str
    sent: SentAddress
    suggestions: tuple[Suggestion, ...]

    @property
    def may_be_used(self) -> bool:
        return self.status in ("verifiedshippable", "verified", "notvalidated")


def verify_address(account: Account, *, actor: Actor, connection: Connection) -> AddressVerdict:
    """Ask Microsoft about the address that would be sent for an account. Changes nothing.

    Calls Partner Center, so no transaction may be open.

    Raises:
        InvalidInput: the address is not complete enough to be asked about.
        Unavailable, NotReady: Microsoft could not be asked.
    """
    actor.require("tenants.provision")
    with transaction.atomic():
        row = connection_to_ask(connection, actor=actor)
        account = get_account(actor, account.pk)
        sent = address_to_send(account, actor=actor, connection=row)
        with for_everybody(actor, "country rules") as reader:
            want_countries([sent.address.country], actor=reader, connection=row)
    one = sent.address
    lacking = checks.check_address(one.address_line1, one.address_line2, one.city, sent.rules)
    if lacking:
        field = "address_line1" if one.country else "country"
        raise InvalidInput(lacking, fields={field: [lacking]})
    try:
        with past_scope(actor):
            found = partner_center_for(row).addresses.check(one)
    except PartnerCenterError as error:
        raise as_portal_error(error) from None
    return _verdict(found, sent)


def _verdict(found: AddressCheck, sent: SentAddress) -> AddressVerdict:
    unknown = ("warn", "Microsoft answered with a result this portal does not know yet.")
    tone, sentence = OUTCOMES.get(found.status, unknown)
    offered = [_suggestion(one, sent) for one in found.suggestions[:MOST_SUGGESTIONS]]
    own = _of_account(sent.account)
    fresh = dict.fromkeys(one for one in offered if one is not None and one != own)
    return AddressVerdict(found.status, tone, sentence, found.message[:300], sent, tuple(fresh))


def _of_account(account: Account) -> Suggestion:
    return Suggestion(**{name: getattr(account, name) for name in PARTS})


def _suggestion(one: Address, sent: SentAddress) -> Suggestion | None:
    """Return an address of Microsoft's as an account may hold it, or None where it may not."""
    given = {name: getattr(one, name) for name in PARTS}
    given["country"] = given["country"] or sent.address.country
    try:
        checked = check_account(given, required=())
    except (PortalError, ValidationError):
        return None
    return Suggestion(**{name: getattr(checked, name) for name in PARTS})
