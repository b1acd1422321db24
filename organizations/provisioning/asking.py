"""Checking what somebody asks for, and finding the same wish again.

A wish is what it is about: account, connection, domain, administrator, reseller. The same wish by
page, API and file is one request; so is the same idempotency key, which never expires (DEC7).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from django.utils import timezone

from organizations.directory.models import Account
from organizations.provisioning.models import ProvisioningRequest
from organizations.provisioning.queries import requests
from organizations.readiness.checks import check_username
from organizations.readiness.naming import full_domain, is_mpn
from organizations.readiness.partner import own_mpn_id
from portal.core.access import Actor
from portal.core.errors import Conflict, InvalidInput
from tenants.connections.models import Connection

KEY_LENGTH: Final = 200
AGREED: Final = ("first_name", "last_name", "email", "phone_number", "agreed_on")
TO_COME: Final = "Nobody has agreed on a day that is to come."


class KeyReused(Conflict):
    """The same idempotency key with another body."""

    status = 422
    code = "key_reused"


def is_to_come(day: date) -> bool:
    """Tell whether a day has not begun anywhere on earth."""
    return day > timezone.now().date() + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Agreed:
    """Who agreed to the Microsoft Customer Agreement for the customer, and when."""

    first_name: str
    last_name: str
    email: str
    agreed_on: date
    phone_number: str = ""

    def stored(self) -> dict[str, str]:
        """Return it as the journal keeps it."""
        return {name: str(getattr(self, name)) for name in AGREED}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for, checked and in one spelling."""

    account: Account
    connection: Connection
    username: str
    domain: str
    reseller_mpn_id: str
    agreed: Mapping[str, str] = field(default_factory=dict)

    def digest(self) -> str:
        """Return the SHA-256 of all of it, for a key that comes again."""
        parts = [
            str(self.account.pk),
            str(self.connection.pk),
            self.username,
            self.domain,
            self.reseller_mpn_id,
            dict(self.agreed),
        ]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def is_that_of(self, request: ProvisioningRequest) -> bool:
        """Tell whether a request of the same account and connection wants the same."""
        return (request.username, request.domain, request.reseller_mpn_id) == (
            self.username,
            self.domain,
            self.reseller_mpn_id,
        )


def read_wish(
    account: Account,
    *,
    actor: Actor,
    connection: Connection,
    username: str,
    domain: str,
    reseller_mpn_id: str,
    agreed: Agreed | None,
) -> Wish:
    """Return what is asked for; a sub-reseller that names none is itself the reseller.

    Raises:
        InvalidInput: with every field that is wrong.
    """
    wrong: dict[str, list[str]] = {}
    name, full, mpn = username.strip(), full_domain(domain, cloud=connection.cloud), ""
    if reason := check_username(name):
        wrong["username"] = [reason]
    if not full:
        wrong["domain"] = [
            "Enter a prefix of 1 to 27 letters and digits, or the whole domain of a tenant that"
            " exists, with its suffix such as .com."
        ]
    if connection.shows_reseller_mpn:
        mpn = reseller_mpn_id.strip() or own_mpn_id(account, actor=actor)
        if mpn and not is_mpn(mpn):
            wrong["reseller_mpn_id"] = ["A partner id is a number."]
    elif reseller_mpn_id.strip():
        wrong["reseller_mpn_id"] = ["Only indirect connections sell through a reseller."]
    if agreed and is_to_come(agreed.agreed_on):
        wrong["agreed_on"] = [TO_COME]
    if wrong:
        raise InvalidInput("Some fields are not valid.", fields=wrong)
    return Wish(account, connection, name, full, mpn, agreed.stored() if agreed else {})


def stored_key(key: str, *, actor: Actor) -> str | None:
    """Return a caller's idempotency key as it is stored: another user's same key is another key."""
    text = key.strip()
    if not text:
        return None
    if len(text) > KEY_LENGTH or not text.isprintable():
        raise InvalidInput(
            "The idempotency key is not usable.",
            fields={"key": [f"Use at most {KEY_LENGTH} printable characters."]},
        )
    return f"{actor.membership_id or actor.label}:{text}"


def request_of_key(key: str | None, *, digest: str, actor: Actor) -> ProvisioningRequest | None:
    """Return the request that has a key already.

    Raises:
        KeyReused: it is about something else.
    """
    if key is None:
        return None
    found: ProvisioningRequest | None = requests(actor).filter(key=key).first()
    if found is not None and found.digest != digest:
        raise KeyReused(
            "This idempotency key was used before, for something else. Use another one for"
            " another request.",
            data={"provisioning_request": str(found.pk)},
        )
    return found


def audit_facts(wish: Wish) -> dict[str, Any]:
    """Return what the audit keeps of a wish."""
    return {
        "account": str(wish.account.pk),
        "connection": wish.connection.name,
        "username": wish.username,
        "domain": wish.domain,
        "reseller_mpn_id": wish.reseller_mpn_id,
    }
