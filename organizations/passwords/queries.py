"""Reading first passwords, and never the password: what is sealed is opened in one place only.

People of a sub-reseller see those of their customers; links and letters of one they see are read
past their scope.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from organizations.passwords.keys import key_digest
from organizations.passwords.models import FirstPassword, PasswordLink, PasswordSettings
from organizations.passwords.names import WELCOME
from portal.core.access import Actor, past_scope
from portal.core.database.scope import IDENTITY, scope
from portal.core.rows import ScopedQuerySet
from portal.notify.models import Delivery
from tenants.connections.queries import unread_columns


def first_passwords(actor: Actor) -> "ScopedQuerySet[FirstPassword]":
    """Return the first passwords of the reseller without what is sealed, newest first."""
    rows: ScopedQuerySet[FirstPassword] = FirstPassword.objects.visible_to(actor)
    wide = rows.select_related("account__organization", "connection")
    unread = unread_columns(actor, of="connection")
    return wide.defer("password_sealed", *unread).order_by("-kept_at", "-id")


def get_first_password(actor: Actor, pk: UUID) -> FirstPassword:
    """Return one, or raise `NotFound` alike for foreign and unknown ones."""
    return first_passwords(actor).get_visible(actor, pk=pk)


def settings_of(actor: Actor) -> PasswordSettings:
    """Return how the reseller hands passwords over, as chosen or as it is without (1 query)."""
    row: PasswordSettings | None = PasswordSettings.objects.visible_to(actor).first()
    return row or PasswordSettings(reseller_id=actor.reseller_id)


def link_by_key(key: str) -> PasswordLink | None:
    """Return whose link has this key, None for nobody's (1 query).

    Runs before any reseller is known, in the role that finds that out.
    """
    with scope(IDENTITY), transaction.atomic():
        return PasswordLink._base_manager.filter(digest=key_digest(key)).first()


def last_link(password: FirstPassword, *, actor: Actor) -> PasswordLink | None:
    """Return the link that opens a first password, None before there is one (1 query)."""
    with past_scope(actor) as reader:
        rows = PasswordLink.objects.visible_to(reader).filter(password=password)
        found: PasswordLink | None = rows.order_by("-number").first()
    return found


def letters_of(password: FirstPassword, *, actor: Actor) -> list[Delivery]:
    """Return the letters about a first password, newest first (1 query)."""
    with past_scope(actor) as reader:
        rows = Delivery.objects.visible_to(reader).filter(about_id=password.pk, topic=WELCOME)
        return list(rows.order_by("-created_at", "-id")[:20])


def last_letters(ids: Collection[UUID], *, actor: Actor) -> dict[UUID, Delivery]:
    """Return the newest letter about each first password (1 query, 0 for none)."""
    if not ids:
        return {}
    with past_scope(actor) as reader:
        rows = Delivery.objects.visible_to(reader).filter(about_id__in=list(ids), topic=WELCOME)
        newest = rows.order_by("about_id", "-created_at", "-id").distinct("about_id")
        return {row.about_id: row for row in newest if row.about_id}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a first password stands, in words, and how urgent that is."""

    label: str
    tone: str
    detail: str = ""


def standing_of(password: FirstPassword, letter: Delivery | None) -> Standing:
    """Say how far a first password has come (no query)."""
    state = password.State(password.state)
    if state == password.State.OPENED:
        return Standing("Opened", "good", "It was shown once and wiped.")
    if state == password.State.MAILED:
        return Standing("Sent in the mail", "good", "The mail carried it; it was wiped.")
    if password.is_wiped:
        return Standing("Wiped", "bad", "Nobody opened it in time. Set a new one in Microsoft.")
    if password.held_because:
        return Standing("Held", "bad", password.held_because)
    if letter is not None and letter.state == Delivery.State.FAILED:
        return Standing("Not delivered", "bad", letter.last_error)
    if state == password.State.EXPIRED:
        return Standing("Expired", "warn", "The link was not opened in time. Send it again.")
    if state == password.State.SENT:
        return Standing("Sent", "work", "Not opened yet.")
    return Standing("Waiting", "idle", "The letter is on its way.")
