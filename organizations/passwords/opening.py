"""Handing a first password over: a code by mail or a sign-in, then the password once, then nothing.

The receiver is a stranger with a link, so what is done here is done by the system and told in the
audit. Looking at the page changes nothing: programs that check mails open every link in them.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import Final

from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from organizations.directory.models import Account
from organizations.passwords.keeping import wipe
from organizations.passwords.keys import CODE_MINUTES, CODE_TRIES, MOST_CODES, is_code
from organizations.passwords.models import FirstPassword, PasswordLink
from organizations.passwords.names import CODE
from portal.core import audit
from portal.core.access import Actor, Role, system_actor
from portal.core.encryption import unseal
from portal.core.errors import Conflict, InvalidInput, NotFound
from portal.notify.letters.addresses import split_addresses
from portal.notify.letters.operations import send_letter

WORKER: Final = "one-time link"


class Stand(Enum):
    """What a link is good for now."""

    READY = "ready"
    SHOWN = "shown"
    EXPIRED = "expired"
    REPLACED = "replaced"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Opening:
    """What came of a try: how the link stands, what was wrong, and the password if it is shown."""

    stand: Stand
    wrong: str = ""
    password: str = field(default="", repr=False)


def worker_of(link: PasswordLink) -> Actor:
    """Return who works for the holder of a link."""
    return system_actor(link.reseller_id, WORKER)


def stand_of(link: PasswordLink, password: FirstPassword) -> Stand:
    """Return what a link is good for (no query)."""
    if link.opened_at is not None:
        return Stand.SHOWN
    if link.number != password.links or link.version != password.version:
        return Stand.REPLACED
    if password.is_wiped:
        shown = password.wiped_because == FirstPassword.Wiped.SHOWN
        return Stand.SHOWN if shown else Stand.GONE
    now = timezone.now()
    if link.expires_at <= now or password.expires_at <= now:
        return Stand.EXPIRED
    return Stand.READY


def masked(address: str) -> str:
    """Return an address as its owner knows it again and nobody else learns it."""
    name, _, host = address.rpartition("@")
    return f"{name[:1]}…@{host}"


def belongs_to(actor: Actor | None, password: FirstPassword) -> bool:
    """Tell whether somebody who is signed in administers the organization of the tenant."""
    return (
        actor is not None
        and actor.role == Role.CUSTOMER_ADMIN
        and not actor.read_only
        and actor.reseller_id == password.reseller_id
        and actor.organization_id == password.account.organization_id
    )


def ask_code(link: PasswordLink, *, actor: Actor, place: int = 0) -> str:
    """Have a code mailed to one of the addresses decided for the password; return it masked.

    Call in a transaction. A code before it is worth nothing from now on.

    Raises:
        Conflict: the link opens nothing, or too many codes were mailed for it.
        InvalidInput: there is no such address.
    """
    password, row = _held(link, actor=actor)
    if stand_of(row, password) != Stand.READY:
        raise Conflict("This link opens nothing.", code="link_closed")
    if row.codes >= MOST_CODES:
        raise Conflict("Too many codes were mailed for this link.", code="too_many_codes")
    addresses = split_addresses(password.recipient)
    if not 0 <= place < len(addresses):
        raise InvalidInput("Choose one of the addresses.")
    row.codes += 1
    row.code_tries, row.code_until = 0, timezone.now() + timedelta(minutes=CODE_MINUTES)
    row.save(update_fields=["codes", "code_tries", "code_until"])
    send_letter(
        CODE,
        actor=actor,
        subject_id=row.pk,
        recipient=addresses[place],
        language=password.language,
        key=f"{row.pk}:{row.codes}",
    )
    _record(actor, "organizations.password_code", password, after={"recipient": addresses[place]})
    return masked(addresses[place])


@sensitive_variables("code", "shown")
def open_with_code(link: PasswordLink, *, actor: Actor, code: str) -> Opening:
    """Show the password to who knows the code; call in a transaction, and answer before it ends.

    A wrong code is counted and not raised, so that the count is kept.
    """
    password, row = _held(link, actor=actor)
    stand = stand_of(row, password)
    if stand != Stand.READY:
        return Opening(stand)
    if row.code_until is None or row.code_until <= timezone.now():
        return Opening(stand, wrong="That code is too old. Have another one mailed.")
    if not is_code(row, code):
        row.code_tries += 1
        if row.code_tries >= CODE_TRIES:
            row.code_until = None
        row.save(update_fields=["code_tries", "code_until"])
        if row.code_until is None:
            return Opening(stand, wrong="That was wrong too often. Have another code mailed.")
        return Opening(stand, wrong="That is not the code of the last mail.")
    shown = _show(password, row, actor=actor, how="code")
    return Opening(Stand.SHOWN, password=shown)


@sensitive_variables("shown")
def open_signed_in(link: PasswordLink, *, actor: Actor, member: Actor) -> Opening:
    """Show the password to an administrator of the organization; in a transaction, as above.

    Raises:
        NotFound: it is not that organization's.
    """
    password, row = _held(link, actor=actor)
    if not belongs_to(member, password):
        raise NotFound
    stand = stand_of(row, password)
    if stand != Stand.READY:
        return Opening(stand)
    shown = _show(password, row, actor=actor, how=f"sign-in of {member.label}")
    return Opening(Stand.SHOWN, password=shown)


@sensitive_variables()
def _show(password: FirstPassword, link: PasswordLink, *, actor: Actor, how: str) -> str:
    shown = unseal(password.password_sealed, password.seal())
    now = timezone.now()
    link.opened_at, link.code_until = now, None
    link.save(update_fields=["opened_at", "code_until"])
    password.opened_at = now
    password.save(update_fields=["opened_at"])
    _record(actor, "organizations.password_shown", password, after={"after": how})
    wipe(password, FirstPassword.Wiped.SHOWN, state=FirstPassword.State.OPENED, actor=actor)
    return shown


def read_link(link: PasswordLink, *, actor: Actor) -> tuple[FirstPassword, PasswordLink]:
    """Return a link as it is now, with its password and whose it is (2 queries)."""
    row = PasswordLink.objects.visible_to(actor).filter(pk=link.pk).first()
    if row is None:
        raise NotFound
    wide = FirstPassword.objects.visible_to(actor).select_related("account__organization")
    return wide.defer("password_sealed").get(pk=row.password_id), row


def _held(link: PasswordLink, *, actor: Actor) -> tuple[FirstPassword, PasswordLink]:
    """Lock the password first, then the link, as whoever sends it again does."""
    rows = FirstPassword.objects.visible_to(actor).select_for_update(of=("self",))
    password = rows.select_related("account__organization").get(pk=link.password_id)
    links = PasswordLink.objects.visible_to(actor).select_for_update(of=("self",))
    return password, links.get(pk=link.pk)


def _record(
    actor: Actor, action: str, password: FirstPassword, *, after: dict[str, object]
) -> None:
    account: Account = password.account
    audit.record(actor, action, password, after=after, organization_id=account.organization_id)
