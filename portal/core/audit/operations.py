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
from datetime import datetime
from typing import Any
from uuid import UUID

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
    now, correlation = timezone.now(), correlation_id()
    events = []
    for entry in batch:
        head.sequence += 1
        event = _event(actor, action, entry, now=now, reason=reason, correlation=correlation)
        event.sequence = head.sequence
        event.digest = head.digest = chain_digest(head.digest, event)
        events.append(event)
    failpoint("audit.before_insert")
    for start in range(0, len(events), BATCH):
        _insert(events[start : start + BATCH])
    failpoint("audit.inserted")
    head.save(update_fields=["sequence", "digest"])
    return len(events)


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
    text = _CANONICAL.encode(content)
    return hmac.new(settings.AUDIT_KEY, (previous + text).encode(), hashlib.sha256).hexdigest()


def first_broken_event(actor: Actor) -> AuditEvent | None:
    """Walk a reseller's chain; return the first event that does not follow from the one before."""
    actor.require("audit.view")
    previous, expected = "", 1
    for event in AuditEvent.objects.visible_to(actor).order_by("sequence").iterator():
        if event.sequence != expected or event.digest != chain_digest(previous, event):
            return event
        previous, expected = event.digest, expected + 1
    return None


def _insert(events: list[AuditEvent]) -> None:
    """Write events of one call (1 statement)."""
    first = events[0]
    shared: list[Any] = [
        first.reseller_id,
        first.at,
        first.action,
        first.actor_kind,
        first.actor_id,
        first.actor_label,
        first.reason,
        first.correlation_id,
    ]
    rows = [
        (
            event.pk,
            event.sequence,
            event.organization_id,
            event.subject_type,
            event.subject_id,
            event.subject_label,
            _CANONICAL.encode(event.before),
            _CANONICAL.encode(event.after),
            event.digest,
        )
        for event in events
    ]
    with connection.cursor() as cursor:
        cursor.execute(INSERT_EVENTS, [*shared, *map(list, zip(*rows, strict=True))])


def _event(
    actor: Actor, action: str, entry: Entry, *, now: datetime, reason: str, correlation: str
) -> AuditEvent:
    return AuditEvent(
        reseller_id=actor.reseller_id,
        at=now,
        action=action,
        actor_kind=actor.kind,
        actor_id=actor.membership_id,
        actor_label=actor.label[:250],
        organization_id=entry.organization_id,
        subject_type=entry.subject_type,
        subject_id=entry.subject_id,
        subject_label=entry.subject_label,
        before=_plain(entry.before),
        after=_plain(entry.after),
        reason=reason,
        correlation_id=correlation,
    )


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``values`` as the JSON the database gives back, so a digest can be checked."""
    plain: dict[str, Any] = json.loads(_CANONICAL.encode(dict(values))) if values else {}
    return plain
