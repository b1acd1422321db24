"""Keeping a first password, sealed, and wiping it.

Whoever creates a tenant keeps its password in the transaction that writes the outcome down, so none
is lost. The password passes through here and is in no argument of a task, no audit event and no
message of an error.
"""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from organizations.directory.models import Account
from organizations.passwords.models import FirstPassword
from organizations.passwords.names import WELCOME
from organizations.passwords.queries import last_link
from organizations.passwords.recipients import language_for
from portal.core import audit
from portal.core.access import Actor, acting, system_actor
from portal.core.encryption import SealBroken, seal, unseal
from portal.core.errors import InvalidInput, NotFound
from portal.notify.letters.addresses import joined, split_addresses
from portal.notify.letters.queries import get_kind
from tenants.connections.models import Connection

NO_RECIPIENT = "Nobody was named whom it goes to."


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
        record(actor, "organizations.password_kept", row, after=_facts(row))
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
    record(actor, "organizations.password_kept", row, after=_facts(row))
    return row


@sensitive_variables("password")
def _is_same(row: FirstPassword, password: str) -> bool:
    try:
        return unseal(row.password_sealed, row.seal()) == password
    except SealBroken:
        return False


def wipe(row: FirstPassword, why: str, *, state: str, actor: Actor) -> None:
    """Forget a password for good (inside a transaction that holds the row)."""
    row.password_sealed, row.state = "", state
    row.wiped_at, row.wiped_because = timezone.now(), why
    row.save(update_fields=["password_sealed", "state", "wiped_at", "wiped_because"])
    record(actor, "organizations.password_wiped", row, after={"why": why})


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


def lock_password(password: FirstPassword, *, actor: Actor) -> FirstPassword:
    """Return a first password as it stands, locked until the transaction ends."""
    rows = FirstPassword.objects.visible_to(actor).select_for_update(of=("self",))
    row: FirstPassword | None = rows.filter(pk=password.pk).first()
    if row is None:
        raise NotFound
    return row


def record(
    actor: Actor,
    action: str,
    row: FirstPassword,
    *,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    reason: str = "",
) -> None:
    """Write into the audit what became of a first password, under its organization."""
    organization = Account.objects.values_list("organization_id", flat=True).get(pk=row.account_id)
    audit.record(
        actor, action, row, before=before, after=after, reason=reason, organization_id=organization
    )


def _why_held(recipient: str) -> str:
    if not recipient.strip():
        return NO_RECIPIENT
    try:
        split_addresses(recipient)
    except ValueError:
        return "Whom it goes to is not one plain mail address."
    return ""


def _facts(row: FirstPassword) -> dict[str, object]:
    return {
        "tenant": str(row.microsoft_id),
        "recipient": row.recipient,
        "held_because": row.held_because,
        "expires_at": row.expires_at,
    }
