"""Rows of the cast for what Microsoft tells: an event, a look, how far the audit was read."""

from uuid import uuid4

from django.utils import timezone

from tenants.connections.models import Connection
from tenants.discovery.models import Source
from tenants.notifications.models import (
    AuditCursor,
    Look,
    ReceivedEvent,
    SeenRecord,
    WebhookRegistration,
)


def make_notices(connection: Connection, *, canary: str) -> WebhookRegistration:
    """Add one of each for a connection (inside a transaction of the reseller)."""
    now = timezone.now()
    own = {"reseller_id": connection.reseller_id, "connection": connection}
    ReceivedEvent.objects.create(
        **own,
        body_hash=uuid4().hex * 2,
        name=f"{canary} event",
        subject_kind="customer",
        subject_id=f"{canary} subject",
        received_at=now,
    )
    Look.objects.create(
        **own,
        subject_kind="customer",
        subject_id=f"{canary} subject",
        source=Source.WEBHOOK,
        looked_at=now,
    )
    AuditCursor.objects.create(**own, read_until=now, polled_at=now)
    SeenRecord.objects.create(**own, record_hash=uuid4().hex * 2, happened_at=now)
    row: WebhookRegistration = WebhookRegistration.objects.create(
        **own,
        digest=uuid4().hex * 2,
        state=WebhookRegistration.State.FAILING,
        failure=f"{canary} failure",
        failed_at=now,
    )
    return row
