"""Reading registrations and events: who a key belongs to, how a connection's events fare."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.crypto import salted_hmac

from portal.core.access import Actor
from portal.core.database.scope import IDENTITY, scope
from tenants.connections.models import Connection
from tenants.connections.queries import connections
from tenants.notifications.models import AuditCursor, Look, ReceivedEvent, WebhookRegistration


@dataclass(frozen=True, slots=True)
class NotificationState:
    """How a connection learns of changes between two discoveries.

    ``registration`` is None where events were never asked for, ``audit_read_at`` where the audit
    was never read.
    """

    registration: WebhookRegistration | None
    audit_read_at: datetime | None


def registration_by_key(key: str) -> WebhookRegistration | None:
    """Return whose address for events has this key, None for nobody's (1 query).

    Runs before any reseller is known, in the role that finds that out.
    """
    with scope(IDENTITY), transaction.atomic():
        rows = WebhookRegistration._base_manager.filter(digest=key_digest(key))
        return rows.first()


def notification_state(connection: Connection, *, actor: Actor) -> NotificationState:
    """Return how a connection learns of changes (2 queries)."""
    rows = WebhookRegistration.objects.visible_to(actor)
    cursors = AuditCursor.objects.visible_to(actor)
    return NotificationState(
        registration=rows.filter(connection=connection).first(),
        audit_read_at=cursors.filter(connection=connection)
        .values_list("polled_at", flat=True)
        .first(),
    )


def newest_events(actor: Actor, *, connection: Connection, limit: int = 20) -> list[ReceivedEvent]:
    """Return the latest events of a connection (1 query)."""
    rows = ReceivedEvent.objects.visible_to(actor).filter(connection=connection)
    return list(rows.order_by("-received_at", "id")[:limit])


def receiver_key(registration: WebhookRegistration) -> str:
    """Return the key in a registration's address: derived, so that it is stored nowhere."""
    return salted_hmac(
        "tenants.notifications.receiver", str(registration.pk), algorithm="sha256"
    ).hexdigest()


def key_digest(key: str) -> str:
    """Return what is stored of a key. Keys are 256 bits nobody can guess; a hash suffices."""
    return hashlib.sha256(key.encode()).hexdigest()


def receiver_url(registration: WebhookRegistration) -> str:
    """Return the address Microsoft is given."""
    path = reverse("notifications:receive", args=[receiver_key(registration)])
    return settings.BASE_URL.rstrip("/") + path


def connections_due(actor: Actor) -> list[Connection]:
    """Return the connections of which something is to be looked at now (1 query)."""
    due = Look.objects.visible_to(actor).filter(due_at__lte=Now())
    return list(connections(actor).filter(pk__in=due.values("connection")))


def connections_to_poll(actor: Actor) -> list[Connection]:
    """Return the connections whose audit is read: those that were discovered once (1 query)."""
    return list(connections(actor).filter(discovered_at__isnull=False))
