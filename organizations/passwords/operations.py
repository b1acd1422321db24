"""Keeping a first password, having it handed over, and wiping it.

Whoever creates a tenant keeps its password in the transaction that writes the outcome down, so none
is lost; the letter follows from the row. The password passes through here and is in no argument of
a task, no audit event and no message of an error.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from organizations.directory.models import Account
from organizations.directory.queries import get_account
from organizations.passwords.keys import key_digest, link_key
from organizations.passwords.models import FirstPassword, PasswordLink, PasswordSettings
from organizations.passwords.names import WELCOME
from organizations.passwords.queries import get_first_password, last_link, settings_of
from organizations.passwords.recipients import language_for, recipient_for
from portal.core import audit
from portal.core.access import Actor, acting, past_scope, system_actor
from portal.core.audit.models import AuditEvent
from portal.core.encryption import SealBroken, seal, unseal
from portal.core.errors import Conflict, InvalidInput, NotFound
from portal.notify.letters.addresses import is_address, joined, split_addresses
from portal.notify.letters.operations import send_letter
from portal.notify.letters.queries import get_kind
from portal.notify.models import Delivery
from tenants.connections.models import Connection

NO_RECIPIENT = "Nobody was named whom it goes to."
REASON_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Handing:
    """How a reseller hands first passwords over; see `PasswordSettings`."""

    in_mail: bool
    own_address: str


@sensitive_variables("password")
def keep_password(
    account: Account,
    *,
    actor: Actor,
    request_id: UUID,
    connection: Connection,
    tenant_id: UUID | str,
    username: str,
    domain: str,
    password: str,
    recipient: str,
) -> FirstPassword:
    """Keep the first password of a tenant that was just created, sealed, until it is handed over.

    Call in the transaction in which the outcome of creating is written; it asks for no right, the
    caller did when the tenant was ordered. ``recipient`` is what `recipient_for` yielded then: one
    address, or several joined with commas; "" holds the letter. Repeatable by ``request_id``: the
    same password again changes nothing, another one replaces it unless it was handed over.

    Raises:
        InvalidInput: the password is empty.
    """
    if not password:
        raise InvalidInput("There is no password to keep.")
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("A password is kept with its tenant.")
    with acting(system_actor(actor.reseller_id, "first passwords")) as system:
        rows = FirstPassword.objects.visible_to(system).select_for_update(of=("self",))
        row = rows.filter(request_id=request_id).first()
        if row is not None:
            return _replace(row, password, actor=actor)
        now = timezone.now()
        held = _why_held(recipient)
        row = FirstPassword(
            reseller_id=actor.reseller_id,
            account=account,
            connection=connection,
            microsoft_id=UUID(str(tenant_id)),
            request_id=request_id,
            username=username[:120],
            domain=domain[:253],
            recipient="" if held else joined(split_addresses(recipient)),
            held_because=held,
            language=language_for(account, get_kind(WELCOME), actor=system),
            kept_at=now,
            expires_at=now + timedelta(days=settings.FIRST_PASSWORD_DAYS),
        )
        row.password_sealed = seal(password, row.seal())
        row.save(force_insert=True)
        _record(actor, "organizations.password_kept", row, after=_facts(row))
    return row


@sensitive_variables("password")
def _replace(row: FirstPassword, password: str, *, actor: Actor) -> FirstPassword:
    if row.is_wiped or _is_same(row, password):
        return row
    now = timezone.now()
    row.version += 1
    row.password_sealed = seal(password, row.seal())
    row.state, row.kept_at, row.sent_at = FirstPassword.State.WAITING, now, None
    row.expires_at = now + timedelta(days=settings.FIRST_PASSWORD_DAYS)
    row.save()
    _record(actor, "organizations.password_kept", row, after=_facts(row))
    return row


@sensitive_variables("password")
def _is_same(row: FirstPassword, password: str) -> bool:
    try:
        return unseal(row.password_sealed, row.seal()) == password
    except SealBroken:
        return False


def send_welcome(first_password: FirstPassword, *, actor: Actor) -> Delivery:
    """Have "Welcome Office 365 customer" sent, once per password; call in a transaction.

    A held one is written down as a letter that failed, with the reason. Asks for no right, as
    `keep_password`.

    Raises:
        Conflict: the password was wiped before it was ever sent.
    """
    with acting(system_actor(actor.reseller_id, "first passwords")) as system:
        row = _locked(first_password, actor=system)
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
            row = _locked(seen, actor=sender)
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
        row = _locked(first_password, actor=actor)
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
        _record(
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
    _record(actor, "organizations.password_sent", row, after={"recipient": row.recipient})
    if carried:
        wipe(row, FirstPassword.Wiped.MAILED, state=FirstPassword.State.MAILED, actor=actor)


def wipe(row: FirstPassword, why: str, *, state: str, actor: Actor) -> None:
    """Forget a password for good (inside a transaction that holds the row)."""
    row.password_sealed, row.state = "", state
    row.wiped_at, row.wiped_because = timezone.now(), why
    row.save(update_fields=["password_sealed", "state", "wiped_at", "wiped_because"])
    _record(actor, "organizations.password_wiped", row, after={"why": why})


def expire(*, actor: Actor) -> int:
    """Mark links that were not opened in time, and wipe passwords that are too old.

    Returns how many were wiped.
    """
    now, wiped = timezone.now(), 0
    with transaction.atomic():
        rows = FirstPassword.objects.visible_to(actor).select_for_update(of=("self",))
        for row in rows.filter(wiped_at=None, expires_at__lte=now).order_by("pk")[:500]:
            wipe(row, FirstPassword.Wiped.EXPIRED, state=FirstPassword.State.EXPIRED, actor=actor)
            wiped += 1
        sent = rows.filter(wiped_at=None, state=FirstPassword.State.SENT).order_by("pk")
        for row in sent[:500]:
            link = last_link(row, actor=actor)
            if link is not None and link.expires_at <= now:
                row.state = FirstPassword.State.EXPIRED
                row.save(update_fields=["state"])
    return wiped


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
    _record(actor, "organizations.password_asked", row, after=after, reason=reason)
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


def _locked(password: FirstPassword, *, actor: Actor) -> FirstPassword:
    rows = FirstPassword.objects.visible_to(actor).select_for_update(of=("self",))
    row: FirstPassword | None = rows.filter(pk=password.pk).first()
    if row is None:
        raise NotFound
    return row


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


def _why_held(recipient: str) -> str:
    if not recipient.strip():
        return NO_RECIPIENT
    try:
        split_addresses(recipient)
    except ValueError:
        return "Whom it goes to is not one plain mail address."
    return ""


def _record(
    actor: Actor,
    action: str,
    row: FirstPassword,
    *,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    reason: str = "",
) -> None:
    organization = Account.objects.values_list("organization_id", flat=True).get(pk=row.account_id)
    audit.record(
        actor, action, row, before=before, after=after, reason=reason, organization_id=organization
    )


def _facts(row: FirstPassword) -> dict[str, object]:
    return {
        "tenant": str(row.microsoft_id),
        "recipient": row.recipient,
        "held_because": row.held_because,
        "expires_at": row.expires_at,
    }


__all__ = [
    "Handing",
    "change_handing",
    "expire",
    "keep_password",
    "note_sent",
    "redirect_password",
    "renew_link",
    "send_again",
    "send_welcome",
    "settings_of",
    "wipe",
]
