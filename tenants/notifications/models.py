"""Where events of a connection come in, which came, what is to be looked at because of them.

    event ─┐
           ├─▶ look (a kind, an id, when due) ──▶ our own GET ──▶ the tenant
    audit ─┘

Nothing of an event's content is here: it is a hint, and what is stored of a tenant is what Partner
Center answered when it was asked.
"""

from typing import Any

from django.db import models
from django.db.models import Q

from portal.core.rows import OwnedForeignKey, ResellerOwned
from tenants.connections.models import Connection
from tenants.discovery.models import Source


class WebhookRegistration(ResellerOwned):
    """A connection's address for events, and what is known of its registration at Microsoft.

    The key in the address is derived from the row and stored as a digest alone. ``asked_test`` is
    the id of the last test event asked for, ``seen_test`` that of the last one that came.
    """

    class State(models.TextChoices):
        NEW = "new", "Not registered"
        REGISTERED = "registered", "Registered"
        FAILING = "failing", "Registration failed"

    connection = OwnedForeignKey(Connection, db_index=False)
    digest = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=12, choices=State, default=State.NEW)
    events: Any = models.JSONField(default=list)
    registered_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    failure = models.TextField(blank=True)
    failure_code = models.CharField(max_length=60, blank=True)
    last_event_at = models.DateTimeField(null=True)
    asked_test = models.CharField(max_length=64, blank=True)
    asked_test_at = models.DateTimeField(null=True)
    seen_test = models.CharField(max_length=64, blank=True)
    seen_test_at = models.DateTimeField(null=True)

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "connection"], name="tenants_webhook_one_each"
            )
        ]

    def __str__(self) -> str:
        return f"Events of connection {self.connection_id}"

    @property
    def is_tested(self) -> bool:
        """Whether the last test event that was asked for has come in."""
        return bool(self.asked_test) and self.asked_test == self.seen_test


class ReceivedEvent(ResellerOwned):
    """An event that came, by the hash of its body; the same again within 30 days is a repeat."""

    connection = OwnedForeignKey(Connection, db_index=False)
    body_hash = models.CharField(max_length=64)
    name = models.CharField(max_length=80)
    subject_kind = models.CharField(max_length=20, blank=True)
    subject_id = models.CharField(max_length=250, blank=True)
    received_at = models.DateTimeField()

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "connection", "body_hash"], name="tenants_event_once"
            )
        ]
        indexes = [models.Index(fields=["reseller", "received_at"], name="tenants_event_by_time")]

    def __str__(self) -> str:
        return self.name


class Look(ResellerOwned):
    """Something of a connection to ask Partner Center about, at most once a minute.

    ``due_at`` is None once that is done; ``wishes`` counts how often it was wanted, so that what is
    told while an answer is on its way is not taken for answered. ``absent_since`` is when Partner
    Center first said that it does not have it; said again a minute later, the tenant is missing.
    """

    connection = OwnedForeignKey(Connection, db_index=False)
    subject_kind = models.CharField(max_length=20)
    subject_id = models.CharField(max_length=250)
    source = models.CharField(max_length=10, choices=Source)
    due_at = models.DateTimeField(null=True)
    wishes = models.PositiveIntegerField(default=1)
    looked_at = models.DateTimeField(null=True)
    absent_since = models.DateTimeField(null=True)
    failure_code = models.CharField(max_length=60, blank=True)

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "connection", "subject_kind", "subject_id"],
                name="tenants_look_one_each",
            )
        ]
        indexes = [
            models.Index(
                fields=["reseller", "connection", "due_at"],
                condition=Q(due_at__isnull=False),
                name="tenants_look_due",
            ),
            models.Index(fields=["reseller", "looked_at"], name="tenants_look_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind} {self.subject_id}"


class AuditCursor(ResellerOwned):
    """How far a connection's audit at Partner Center was read."""

    connection = OwnedForeignKey(Connection, db_index=False)
    read_until = models.DateTimeField()
    polled_at = models.DateTimeField()

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "connection"], name="tenants_auditcursor_one_each"
            )
        ]

    def __str__(self) -> str:
        return f"Read until {self.read_until:%Y-%m-%d %H:%M} UTC"


class SeenRecord(ResellerOwned):
    """A record of the audit that was read, by a hash of its id, so that it counts once."""

    connection = OwnedForeignKey(Connection, db_index=False)
    record_hash = models.CharField(max_length=64)
    happened_at = models.DateTimeField()

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "connection", "record_hash"], name="tenants_seenrecord_once"
            )
        ]
        indexes = [
            models.Index(fields=["reseller", "happened_at"], name="tenants_seenrecord_by_time")
        ]

    def __str__(self) -> str:
        return self.record_hash
