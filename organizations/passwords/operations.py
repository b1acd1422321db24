"""Handing a first password over: its letter, its links, and whom they go to.

The letter follows from the row that `keeping` wrote, once per password; nothing of the password
itself passes through here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from organizations.directory.models import Account
from organizations.directory.queries import get_account
from organizations.passwords.keeping import NO_RECIPIENT, lock_password, record, wipe
from organizations.passwords.keys import key_digest, link_key
from organizations.passwords.models import FirstPassword, PasswordLink, PasswordSettings
from organizations.passwords.names import WELCOME
from organizations.passwords.queries import get_first_password, last_link
from organizations.passwords.recipients import recipient_for
from portal.core import audit
from portal.core.access import Actor, acting, past_scope, system_actor
from portal.core.audit.models import AuditEvent
from portal.core.errors import Conflict, InvalidInput
from portal.notify.letters.addresses import is_address
from portal.notify.letters.operations import send_letter
from portal.notify.models import Delivery

REASON_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Handing:
    """How a reseller hands first passwords over; see `PasswordSettings`."""

    in_mail: bool
    own_address: str


def send_welcome(first_password: FirstPassword, *, actor: Actor) -> Delivery:
    """Have "Welcome Office 365 customer" sent, once per password; call in a transaction.

    A held one is written down as a letter that failed, with the reason. Asks for no right, as
    `keep_password`.

    Raises:
        Conflict: the password was wiped before it was ever sent.
    """
    with acting(system_actor(actor.reseller_id, "first passwords")) as system:
        row = lock_password(first_password, actor=system)
        key = f"{row.pk}:{row.version}"
        rows = Delivery.objects.visible_to(system).filter(dedupe_key=f"letter:{WELCOME}:{key}")
        found: Delivery | None = rows.first()
        if found is not None:
            return found
        return _send(row, key=key, actor=actor, system=system)


def send_again(first_password: FirstPassword, *, actor: Actor, reason: str = "") -> Delivery:
    """Have the letter sent again with a new link to the same address; the links before end.

    Raises:
        Conflict: the password is wiped, or the letter has no address to go to.
    """
    actor.require("passwords.send")
    with transaction.atomic():
        seen = get_first_password(actor, first_password.pk)
        with past_scope(actor) as sender:
            row = lock_password(seen, actor=sender)
            if not row.recipient and not row.is_wiped:
                raise Conflict(f"{row.held_because} Choose whom it goes to first.", code="held")
            key = f"{row.pk}:{row.version}:{row.links + 1}"
            return _send(row, key=key, actor=sender, system=sender, reason=reason)


def redirect_password(first_password: FirstPassword, *, actor: Actor, reason: str) -> FirstPassword:
    """Approve that a first password goes to whom the letter would go to by now.

    This is the only way to another address (D13). Whoever changed the account's address, the
    letter, or the reseller's own address last cannot approve it.

    Raises:
        InvalidInput: no reason was given.
        Conflict: wiped, held for the same reason as before, or it is the same address.
        NotAllowed: the same person changed the address.
    """
    actor.require("passwords.manage")
    said = " ".join(reason.split())
    if not said or len(said) > REASON_LENGTH:
        text = f"Say why, in at most {REASON_LENGTH} characters."
        raise InvalidInput(text, fields={"reason": [text]})
    with transaction.atomic():
        row = lock_password(first_password, actor=actor)
        if row.is_wiped:
            raise Conflict("The password is wiped; nothing is sent any more.", code="wiped")
        account = get_account(actor, row.account_id)
        found = recipient_for(account, actor=actor)
        if found.held_because:
            raise Conflict(found.held_because, code="held")
        if found.address == row.recipient:
            raise Conflict("It goes to that address already.", code="same_recipient")
        _refuse_own_change(account, actor=actor)
        before = {"recipient": row.recipient, "held_because": row.held_because}
        row.recipient, row.held_because, row.language = found.address, "", found.language
        row.save(update_fields=["recipient", "held_because", "language"])
        # Whoever holds a link to the former address opens nothing with it from now on.
        PasswordLink.objects.visible_to(actor).filter(password=row).update(
            expires_at=timezone.now(), code_until=None
        )
        after = {"recipient": row.recipient, "held_because": ""}
        record(
            actor, "organizations.password_redirected", row, before=before, after=after, reason=said
        )
    return row


def change_handing(*, actor: Actor, handing: Handing) -> PasswordSettings:
    """Choose whether the letter may carry the password, and the reseller's own address.

    Raises:
        InvalidInput: the address is none.
    """
    actor.require("passwords.manage")
    address = handing.own_address.strip()
    if address and not is_address(address):
        text = "Give one plain mail address, or leave it empty."
        raise InvalidInput(text, fields={"own_address": [text]})
    with transaction.atomic():
        PasswordSettings.objects.bulk_create(
            [PasswordSettings(reseller_id=actor.reseller_id)], ignore_conflicts=True
        )
        rows = PasswordSettings.objects.visible_to(actor).select_for_update(of=("self",))
        row: PasswordSettings = rows.get()
        before = {"in_mail": row.in_mail, "own_address": row.own_address}
        after = {"in_mail": handing.in_mail, "own_address": address}
        if before != after:
            row.in_mail, row.own_address = handing.in_mail, address
            row.save(update_fields=["in_mail", "own_address"])
            action = "organizations.password_settings_changed"
            audit.record(actor, action, row, before=before, after=after)
    return row


def note_sent(password_id: UUID, *, actor: Actor, carried: bool) -> None:
    """Write down that the letter was sent; wipe the password if the letter carried it."""
    rows = FirstPassword.objects.visible_to(actor).select_for_update(of=("self",))
    row = rows.filter(pk=password_id).first()
    if row is None or row.is_wiped:
        return
    row.state, row.sent_at = FirstPassword.State.SENT, timezone.now()
    row.save(update_fields=["state", "sent_at"])
    record(actor, "organizations.password_sent", row, after={"recipient": row.recipient})
    if carried:
        wipe(row, FirstPassword.Wiped.MAILED, state=FirstPassword.State.MAILED, actor=actor)


def renew_link(row: FirstPassword, *, actor: Actor) -> PasswordLink | None:
    """Return the link that a letter carries, good from now on; None where there is none.

    A letter may have waited for its mail server for longer than a link lasts.
    """
    link = last_link(row, actor=actor)
    if link is not None:
        link.expires_at = min(_link_end(), row.expires_at)
        PasswordLink.objects.filter(pk=link.pk).update(expires_at=link.expires_at)
    return link


def _send(
    row: FirstPassword, *, key: str, actor: Actor, system: Actor, reason: str = ""
) -> Delivery:
    if row.is_wiped:
        raise Conflict(
            "The password is wiped. Set a new one in Microsoft and hand it over yourself.",
            code="wiped",
        )
    if row.recipient:
        _make_link(row, actor=system)
    row.state = FirstPassword.State.WAITING
    row.save(update_fields=["links", "state"])
    delivery = send_letter(
        WELCOME,
        actor=system,
        subject_id=row.pk,
        recipient=row.recipient,
        language=row.language,
        key=key,
        held_because="" if row.recipient else row.held_because or NO_RECIPIENT,
    )
    after = {"recipient": row.recipient, "link": row.links}
    record(actor, "organizations.password_asked", row, after=after, reason=reason)
    return delivery


def _make_link(row: FirstPassword, *, actor: Actor) -> PasswordLink:
    row.links += 1
    link = PasswordLink(
        reseller_id=actor.reseller_id,
        password=row,
        number=row.links,
        version=row.version,
        made_at=timezone.now(),
        expires_at=min(_link_end(), row.expires_at),
    )
    link.digest = key_digest(link_key(link))
    link.save(force_insert=True)
    return link


def _link_end() -> datetime:
    return timezone.now() + timedelta(hours=settings.WELCOME_LINK_HOURS)


def _refuse_own_change(account: Account, *, actor: Actor) -> None:
    """Refuse to approve who made the change to be approved."""
    events = AuditEvent.objects.visible_to(actor)
    changes = (
        events.filter(
            action="organizations.account_changed",
            subject_id=str(account.pk),
            after__has_key="email",
        ),
        events.filter(action="notify.letter_changed", subject_label__startswith=WELCOME),
        events.filter(action="organizations.password_settings_changed"),
    )
    for found in changes:
        last = found.order_by("-sequence").first()
        if last is not None and actor.membership_id and last.actor_id == actor.membership_id:
            raise Conflict(
                "You changed the address or the letter yourself; somebody else has to approve"
                " where the credentials go.",
                code="own_change",
            )
