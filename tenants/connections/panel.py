"""What the health panel shows of a connection: consent, credentials that end, families of the API.

Decided here for the page and the API alike; nothing is called.
"""

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.utils import timezone

from portal.core.access import Actor
from tenants.connections.health import FAMILIES
from tenants.connections.models import Connection, Consent, FamilyHealth

REFRESH_LIFE: Final = timedelta(days=90)
"""A refresh token ends when it was not used for this long ("Refresh tokens", lifetime)."""
WARN_DAYS: Final = (30, 14, 3)
"""Days before the end of a credential at which people are warned, each time more plainly."""
WITHOUT_USER: Final = {
    "sign_in": "Application only",
    "profiles": "Paused: the sign-in is lost",
}
"""What the panel says of families when the sign-in is lost."""
_TONES = {
    FamilyHealth.State.GREEN: "good",
    FamilyHealth.State.AMBER: "warn",
    FamilyHealth.State.RED: "bad",
}


@dataclass(frozen=True, slots=True)
class FamilyRow:
    """One line of the panel. ``state``: green, amber, red, or empty where nothing was called."""

    family: str
    label: str
    state: str
    tone: str
    word: str
    last_success_at: datetime | None = None
    last_failure_at: datetime | None = None
    reason: str = ""
    code: str = ""
    correlation_id: str = ""
    app_only_fallback: bool = False


@dataclass(frozen=True, slots=True)
class Credential:
    """Something that ends by itself. ``days_left`` is negative once it has."""

    name: str
    label: str
    since: datetime | None
    ends_on: date
    days_left: int
    tone: str
    sentence: str

    @property
    def warns(self) -> bool:
        return self.tone != "good"


@dataclass(frozen=True, slots=True)
class Panel:
    """Everything the panel of one connection shows."""

    connection: Connection
    consent: Consent | None
    credentials: tuple[Credential, ...]
    families: tuple[FamilyRow, ...]

    @property
    def warnings(self) -> tuple[Credential, ...]:
        return tuple(one for one in self.credentials if one.warns)

    @property
    def calls_in_words(self) -> str:
        """How many of the application's latest calls Microsoft counts as made with MFA."""
        if self.consent is None or not self.consent.calls_judged:
            return "No call in a user's name yet"
        judged = self.consent.calls_judged
        return f"{judged - self.consent.calls_without_mfa:,} of {judged:,}"

    @property
    def is_lost(self) -> bool:
        return self.consent is not None and self.consent.state == Consent.State.LOST


def panel_of(connection: Connection, *, actor: Actor) -> Panel:
    """Return the panel of a connection the actor may see (2 queries)."""
    consent = consent_of(connection, actor=actor)
    rows = FamilyHealth.objects.visible_to(actor).filter(connection_id=connection.pk)
    noted = {row.family: row for row in rows}
    return Panel(
        connection,
        consent,
        tuple(credentials_of(connection, consent, now=timezone.now())),
        tuple(_family_row(name, noted.get(name), consent) for name in FAMILIES),
    )


def consent_of(connection: Connection, *, actor: Actor) -> Consent | None:
    """Return the consent of a connection without its sealed token (1 query)."""
    rows = Consent.objects.visible_to(actor).filter(connection_id=connection.pk)
    found: Consent | None = rows.defer("refresh_sealed").first()
    return found


def lost_consents(actor: Actor) -> dict[UUID, Consent]:
    """Return the lost sign-ins of a reseller by connection (1 query)."""
    rows = Consent.objects.visible_to(actor).filter(state=Consent.State.LOST)
    return {row.connection_id: row for row in rows.defer("refresh_sealed")}


def credentials_of(
    connection: Connection, consent: Consent | None, *, now: datetime
) -> list[Credential]:
    """Return what ends by itself, and how soon: the sign-in, and the secret if its end is known."""
    found = []
    if consent is not None and consent.state == Consent.State.ACTIVE:
        ends = consent.renewed_at + REFRESH_LIFE
        left = (ends - now) / timedelta(days=1)
        # Rounded away from zero: 60 days old and a second has 30 days left, a second late is late.
        days = math.ceil(left) if left > 0 else math.floor(left)
        found.append(
            _credential("sign_in", "Sign-in", consent.renewed_at, ends.astimezone(UTC).date(), days)
        )
    if connection.secret_expires_on is not None:
        days = (connection.secret_expires_on - now.astimezone(UTC).date()).days
        found.append(
            _credential("secret", "Client secret", None, connection.secret_expires_on, days)
        )
    return found


def warning_step(days_left: int) -> int | None:
    """Return the step of the warnings a credential has reached: 30, 14, 3, or None before them."""
    reached = [days for days in WARN_DAYS if days_left <= days]
    return min(reached) if reached else None


def _credential(
    name: str, label: str, since: datetime | None, ends_on: date, days: int
) -> Credential:
    step = warning_step(days)
    tone = "good" if step is None else "bad" if step == WARN_DAYS[-1] else "warn"
    return Credential(name, label, since, ends_on, days, tone, _sentence(label, days))


def _sentence(label: str, days: int) -> str:
    if days < 0:
        return f"{label} has ended"
    return f"{label} ends today" if days == 0 else f"{label} ends in {_days(days)}"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _family_row(name: str, row: FamilyHealth | None, consent: Consent | None) -> FamilyRow:
    label = FAMILIES[name]
    lost = consent is not None and consent.state == Consent.State.LOST
    if consent is not None and lost and name in WITHOUT_USER:
        return _paused(name, label, row, consent)
    if row is None:
        return FamilyRow(name, label, "", "idle", "Not called yet")
    word = str(row.get_state_display())
    if row.app_only_fallback and row.state == FamilyHealth.State.GREEN:
        word = "Works with the application alone"
    return FamilyRow(
        name,
        label,
        row.state,
        _TONES[FamilyHealth.State(row.state)],
        word,
        row.last_success_at,
        row.last_failure_at,
        row.reason,
        row.code,
        row.correlation_id,
        row.app_only_fallback,
    )


def _paused(name: str, label: str, row: FamilyHealth | None, consent: Consent | None) -> FamilyRow:
    """Show what cannot go on without the sign-in, whatever its last call said."""
    assert consent is not None
    return FamilyRow(
        name,
        label,
        FamilyHealth.State.RED,
        "bad",
        WITHOUT_USER[name],
        row.last_success_at if row else None,
        consent.lost_at,
        consent.lost_because,
        consent.lost_code,
    )
