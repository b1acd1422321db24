"""How each family of Partner Center's API fares, noted from the calls that are made anyway.

Every call of a connection's client is told here when it ended. Most say what the last one said, so
a process keeps them in memory and writes a row when something changed, otherwise once a minute. A
thread without a connection to the database opens none: what it noted is written by the next one
that has, or when an operation writes down how its calls went.
"""

import threading
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import connection as database
from django.db import transaction
from django.utils import timezone

from partnercenter.errors import (
    AnswerRefused,
    ConditionalAccessBlocked,
    NoResellerRelationship,
    PartnerCenterError,
    PermissionRefused,
    RequestRefused,
)
from partnercenter.transport import SIGN_IN
from portal.core.database.scope import current_scope
from tenants.connections.failures import code_of, sentence_of
from tenants.connections.models import FamilyHealth

State = FamilyHealth.State
WRITE_SECONDS: Final = 60.0
FAMILIES: dict[str, str] = {
    "sign_in": "Sign-in",
    "customers": "Customers",
    "subscriptions": "Subscriptions",
    "catalogue": "Catalogue",
    "orders": "Orders",
    "invoices": "Invoices",
    "billing_export": "Billing export",
    "audit": "Activity log",
    "webhooks": "Webhooks",
    "profiles": "Profiles",
    "service_health": "Service health",
}
"""The families in the order in which the panel shows them, and what it calls them."""
_WORDS: dict[str, tuple[str, ...]] = {
    "customers": ("customers", "domains", "validations", "users", "roles", "licenses"),
    "subscriptions": ("subscriptions", "transitions", "transitioneligibilities"),
    "catalogue": ("products", "skus", "availabilities", "offers", "productpromotions"),
    "orders": ("carts", "checkout", "orders"),
    "invoices": ("invoices", "lineitems", "unbilled"),
    "audit": ("auditrecords", "auditactivity"),
    "webhooks": ("webhooks", "registration", "registrations"),
    "profiles": ("profiles", "agreements", "agreementstatus", "relationships"),
    "service_health": ("serviceincidents", "servicehealth", "serviceannouncement"),
}
_FAMILY_BY_WORD = {word: family for family, words in _WORDS.items() for word in words}
_BILLING_EXPORT = "/reports/partners/billing"
# About one customer, or about one question: the family itself works.
_NOT_THE_FAMILY = (ConditionalAccessBlocked, NoResellerRelationship)
WRITE = """
    INSERT INTO tenants_familyhealth AS kept (id, reseller_id, connection_id, family, state,
        last_success_at, last_failure_at, code, reason, correlation_id, app_only_fallback)
    SELECT gen_random_uuid(), c.reseller_id, c.id, %(family)s, %(state)s, %(good_at)s, %(bad_at)s,
        %(code)s, %(reason)s, %(correlation_id)s, %(app_only)s AND EXISTS (
            SELECT FROM tenants_consent k
            WHERE k.reseller_id = c.reseller_id AND k.connection_id = c.id AND k.state = 'lost')
    FROM tenants_connection c WHERE c.reseller_id = %(reseller)s AND c.id = %(connection)s
    ON CONFLICT (reseller_id, connection_id, family) DO UPDATE SET
        state = excluded.state,
        last_success_at = greatest(kept.last_success_at, excluded.last_success_at),
        last_failure_at = greatest(kept.last_failure_at, excluded.last_failure_at),
        code = excluded.code, reason = excluded.reason, correlation_id = excluded.correlation_id,
        app_only_fallback = excluded.app_only_fallback
"""


@dataclass(slots=True)
class Note:
    """What a process knows of one family of one connection; ``written`` on its own clock."""

    state: str
    code: str = ""
    reason: str = ""
    correlation_id: str = ""
    app_only: bool = True
    good_at: datetime | None = None
    bad_at: datetime | None = None
    told: tuple[str, str, bool] | None = None
    written: float = 0.0

    @property
    def says(self) -> tuple[str, str, bool]:
        return (self.state, self.code, self.app_only)

    def is_due(self, now: float) -> bool:
        return self.told != self.says or now - self.written >= WRITE_SECONDS


Place = tuple[int, UUID, str]
_notes: dict[Place, Note] = {}
_lock = threading.Lock()


def family_of(path: str) -> str | None:
    """Return the family a call belongs to: by the last word of its path that is known."""
    lowered = path.lower()
    if lowered == SIGN_IN:
        return "sign_in"
    if _BILLING_EXPORT in lowered:
        return "billing_export"
    words = lowered.split("/")
    return next(
        (_FAMILY_BY_WORD[word] for word in reversed(words) if word in _FAMILY_BY_WORD), None
    )


def state_after(error: PartnerCenterError | None) -> str:
    """Return what a call that ended so says of its family.

    A refusal of one request (not found, a conflict, a bad value) is an answer: the family works.
    What passes by itself is amber, what needs a person red.
    """
    if error is None or isinstance(error, _NOT_THE_FAMILY):
        return State.GREEN
    if isinstance(error, RequestRefused) and not isinstance(error, PermissionRefused):
        return State.GREEN
    return State.AMBER if error.transient or isinstance(error, AnswerRefused) else State.RED


class CallNotes:
    """The listener of one client: notes the calls of one connection, as application or user."""

    def __init__(self, *, reseller_id: int, connection_id: UUID, app_only: bool) -> None:
        self._reseller_id = reseller_id
        self._connection_id = connection_id
        self._app_only = app_only

    def __call__(self, path: str, error: PartnerCenterError | None) -> None:
        family = family_of(path)
        if family is None:
            return
        self._note(family, error)
        if family != "sign_in" and error is None:
            self._note("sign_in", None)
        write_due(self._reseller_id, self._connection_id)

    def _note(self, family: str, error: PartnerCenterError | None) -> None:
        now, state = timezone.now(), state_after(error)
        with _lock:
            note = _notes.setdefault(
                (self._reseller_id, self._connection_id, family), Note(state=state)
            )
            note.state, note.app_only = state, self._app_only
            if state == State.GREEN or error is None:
                note.good_at, note.code, note.reason, note.correlation_id = now, "", "", ""
            else:
                note.bad_at, note.code = now, code_of(error)[:60]
                note.reason, note.correlation_id = sentence_of(error), error.correlation_id[:64]


def write_due(reseller_id: int, connection_id: UUID) -> None:
    """Write what changed, or is a minute old, where this thread can (1 statement per family)."""
    scope = current_scope()
    if (
        settings.READ_ONLY
        or scope is None
        or scope.reseller_id != reseller_id
        or database.connection is None
        or database.in_atomic_block
    ):
        return
    now = time.monotonic()
    with _lock:
        due = [
            (place, note)
            for place, note in _notes.items()
            if place[:2] == (reseller_id, connection_id) and note.is_due(now)
        ]
        for _, note in due:
            note.told, note.written = note.says, now
    if not due:
        return
    with transaction.atomic(), database.cursor() as cursor:
        for place, note in sorted(due, key=lambda pair: pair[0][2]):
            cursor.execute(WRITE, _values(place, note))


def _values(place: Place, note: Note) -> dict[str, Any]:
    reseller_id, connection_id, family = place
    return {
        "reseller": reseller_id,
        "connection": connection_id,
        "family": family,
        "state": note.state,
        "good_at": note.good_at,
        "bad_at": note.bad_at,
        "code": note.code,
        "reason": note.reason,
        "correlation_id": note.correlation_id,
        "app_only": note.app_only,
    }
