"""Writing and checking the audit trail.

Each event carries an HMAC over the one before it, under a key the database does not know. That
shows an edit, a deletion or a swap; a tail cut off shows only against an anchor kept elsewhere.
The head row is locked last in an operation, so it orders a reseller's events without being held
while work is done.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction
from django.utils import timezone

from portal.core.access import Actor
from portal.core.audit.actions import ACTIONS
from portal.core.audit.entries import Entry
from portal.core.audit.models import AuditEvent, AuditHead
from portal.core.correlation import correlation_id
from portal.core.failpoints import failpoint

BATCH = 2_000
INSERT_EVENTS = """
    INSERT INTO core_auditevent
        (reseller_id, at, action, actor_kind, actor_id, actor_label, reason, correlation_id,
         id, sequence, organization_id, subject_type, subject_id, subject_label, before, after,
         digest)
    SELECT %s, %s, %s, %s, %s, %s, %s, %s, fresh.*
    FROM unnest(%s::uuid[], %s::bigint[], %s::uuid[], %s::text[], %s::text[], %s::text[],
        %s::jsonb[], %s::jsonb[], %s::text[]) AS fresh
"""
"""What all events share once, and the rest as arrays: half the time that lists of values take."""
_CANONICAL = DjangoJSONEncoder(sort_keys=True, separators=(",", ":"))


def record(
    actor: Actor,
    action: str,
    subject: models.Model,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    organization_id: UUID | None = None,
) -> None:
    """Write one event. Raises outside a transaction, and for an action that is not listed."""
    entry = Entry.of(subject, before=before, after=after, organization_id=organization_id)
    record_many(actor, action, [entry], reason=reason)


def record_many(actor: Actor, action: str, entries: Iterable[Entry], *, reason: str = "") -> int:
    """Write an event per entry, in order, and return how many (1 lock, 1 insert per 2,000)."""
    if action not in ACTIONS:
        raise LookupError(f"The audit knows no action {action!r}.")
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError(
            "Audit is written with its change, in one transaction."
        )
    batch = list(entries)
    if not batch:
        return 0
    AuditHead.objects.get_or_create(reseller_id=actor.reseller_id)
    head = AuditHead.objects.select_for_update().get(reseller_id=actor.reseller_id)
    shared = _Shared.of(actor, action, reason=reason)
    rows = []
    for entry in batch:
        head.sequence += 1
        before, after = _json(entry.before), _json(entry.after)
        text = shared.chained(head.sequence, entry, before=before, after=after)
        head.digest = _digest(head.digest, text)
        rows.append(
            (
                str(uuid4()),
                head.sequence,
                str(entry.organization_id) if entry.organization_id else None,
                entry.subject_type,
                entry.subject_id,
                entry.subject_label,
                before,
                after,
                head.digest,
            )
        )
    failpoint("audit.before_insert")
    for start in range(0, len(rows), BATCH):
        _insert(shared, rows[start : start + BATCH])
    failpoint("audit.inserted")
    head.save(update_fields=["sequence", "digest"])
    return len(rows)


def chain_digest(previous: str, event: AuditEvent) -> str:
    """Return HMAC-SHA256 over the digest before and the canonical text of ``event``."""
    content = [
        str(event.reseller_id),
        event.sequence,
        event.at.isoformat(),
        event.action,
        event.actor_kind,
        event.actor_id,
        event.actor_label,
        event.organization_id,
        event.subject_type,
        event.subject_id,
        event.subject_label,
        event.before,
        event.after,
        event.reason,
        event.correlation_id,
    ]
    return _digest(previous, _CANONICAL.encode(content))


def first_broken_event(actor: Actor) -> AuditEvent | None:
    """Walk a reseller's chain; return the first event that does not follow from the one before."""
    actor.require("audit.view")
    previous, expected = "", 1
    for event in AuditEvent.objects.visible_to(actor).order_by("sequence").iterator():
        if event.sequence != expected or event.digest != chain_digest(previous, event):
            return event
        previous, expected = event.digest, expected + 1
    return None


@dataclass(frozen=True, slots=True)
class _Shared:
    """What all events of one call have in common, and its part of the text that is chained.

    The text is put together of parts, because most of it would be encoded anew for each of
    thousands of events.
    """

    values: tuple[Any, ...]
    reseller: str
    who: str
    end: str

    @classmethod
    def of(cls, actor: Actor, action: str, *, reason: str) -> "_Shared":
        now, label, correlation = timezone.now(), actor.label[:250], correlation_id()
        who = [now.isoformat(), action, actor.kind, actor.membership_id, label]
        return cls(
            values=(
                actor.reseller_id,
                now,
                action,
                actor.kind,
                actor.membership_id,
                label,
                reason,
                correlation,
            ),
            reseller=_CANONICAL.encode(str(actor.reseller_id)),
            who=_CANONICAL.encode(who)[1:-1],
            end=_CANONICAL.encode([reason, correlation])[1:],
        )

    def chained(self, sequence: int, entry: Entry, *, before: str, after: str) -> str:
        """Return the canonical text of one event, the same that `chain_digest` makes of its row."""
        own = [entry.organization_id, entry.subject_type, entry.subject_id, entry.subject_label]
        subject = _CANONICAL.encode(own)[1:-1]
        return f"[{self.reseller},{sequence},{self.who},{subject},{before},{after},{self.end}"


def _digest(previous: str, text: str) -> str:
    return hmac.new(settings.AUDIT_KEY, (previous + text).encode(), hashlib.sha256).hexdigest()


def _insert(shared: _Shared, rows: list[tuple[Any, ...]]) -> None:
    """Write events of one call (1 statement)."""
    columns = map(list, zip(*rows, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(INSERT_EVENTS, [*shared.values, *columns])


def _json(values: Mapping[str, Any]) -> str:
    """Return ``values`` as the canonical text of what the database gives back."""
    text = _CANONICAL.encode(dict(values))
    if any(isinstance(value, Mapping | list | tuple) for value in values.values()):
        # Keys inside that are numbers come back as text, and are sorted as such.
        text = _CANONICAL.encode(json.loads(text))
    return text
