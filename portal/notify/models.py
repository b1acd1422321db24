"""What is to reach whom, and how each person wants to be reached.

    waiting ──due──▶ sending ──▶ sent
    held ──quiet hours end──┘ ├─▶ failed     after the last try, or refused for good
                              └─▶ dropped    nothing left to say, or nobody to say it to

A delivery is of a topic, to a member or a webhook, or it is a letter (``about_id``), to an address
that was decided when it was asked for and is never computed again.

A delivery holds no text. What it says is written when it is sent, from the rows as they are then
and with the rights the person has then; its key makes it happen once, whoever asks for it twice.
"""

from typing import Any

from django.db import models
from django.db.models import F, Q

from portal.core.encryption import Seal
from portal.core.identity.models import Membership
from portal.core.rows import OwnedForeignKey, ResellerOwned
from portal.notify.letters.models import LetterTemplate

__all__ = ["Delivery", "LetterTemplate", "Preference", "Webhook", "WebhookSecret"]

DIGEST_DAY, DIGEST_HOUR = 0, 8
"""Monday at eight, for who has chosen nothing."""


class Preference(ResellerOwned):
    """What a member wants to hear of, when, and about what. Without a row, the defaults hold.

    ``muted`` are topics not wanted at once. ``connections`` and ``organizations`` narrow down what
    is told; empty means everything. Days count from Monday, 0.
    """

    membership = OwnedForeignKey(Membership, on_delete=models.CASCADE)
    digest = models.BooleanField(default=True)
    digest_day = models.PositiveSmallIntegerField(default=DIGEST_DAY)
    digest_hour = models.PositiveSmallIntegerField(default=DIGEST_HOUR)
    time_zone = models.CharField(max_length=60)
    muted: Any = models.JSONField(default=list)
    quiet_from = models.TimeField(null=True)
    quiet_until = models.TimeField(null=True)
    connections: Any = models.JSONField(default=list)
    organizations: Any = models.JSONField(default=list)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "membership"], name="notify_preference_one"
            ),
            models.CheckConstraint(
                name="notify_preference_digest_time",
                condition=Q(digest_day__lte=6, digest_hour__lte=23),
            ),
            models.CheckConstraint(
                name="notify_preference_quiet_has_both_ends",
                condition=Q(quiet_from=None, quiet_until=None)
                | (
                    Q(quiet_from__isnull=False, quiet_until__isnull=False)
                    & ~Q(quiet_from=F("quiet_until"))
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"Preferences of {self.membership_id}"


class Webhook(ResellerOwned):
    """An address of the reseller's own that is told by HTTP what people are told by mail."""

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        PAUSED = "paused", "Paused"

    url = models.CharField(max_length=500)
    events: Any = models.JSONField(default=list)
    state = models.CharField(max_length=8, choices=State, default=State.ACTIVE)
    created_by = models.CharField(max_length=250)
    created_at = models.DateTimeField(auto_now_add=True)
    last_success_at = models.DateTimeField(null=True)
    last_failure_at = models.DateTimeField(null=True)
    last_failure = models.CharField(max_length=300, blank=True)

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["reseller", "url"], name="notify_webhook_url"),
        ]

    def __str__(self) -> str:
        return self.url


class WebhookSecret(ResellerOwned):
    """A secret that a webhook's messages are signed with.

    While a secret is being changed there are two, and messages carry a signature by each; the old
    one ends at ``ends_at``.
    """

    webhook = OwnedForeignKey(Webhook, on_delete=models.CASCADE)
    secret_sealed = models.TextField()
    made_at = models.DateTimeField(auto_now_add=True)
    ends_at = models.DateTimeField(null=True)

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "webhook"],
                condition=Q(ends_at=None),
                name="notify_webhooksecret_one_lasting",
            ),
        ]

    def __str__(self) -> str:
        return f"Secret of {self.webhook_id}"

    def seal(self) -> Seal:
        """Where the secret lives. A row's secret never changes: a new one is a new row."""
        return Seal("notify_webhooksecret", str(self.pk), "secret", 1)


class Delivery(ResellerOwned):
    """One message to one person or one webhook; see the module for its life.

    ``about_id`` is what a letter is about, by its kind (``topic``). ``maybe_twice``: a worker or
    the mail server fell silent while it was sent, so it may have arrived before it was sent again.
    """

    class Channel(models.TextChoices):
        MAIL = "mail", "Mail"
        WEBHOOK = "webhook", "Webhook"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        HELD = "held", "Held for quiet hours"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"
        DROPPED = "dropped", "Nothing to say"

    TO_COME = (State.WAITING, State.HELD)

    channel = models.CharField(max_length=8, choices=Channel)
    topic = models.CharField(max_length=60)
    membership = OwnedForeignKey(Membership, null=True, on_delete=models.SET_NULL)
    webhook = OwnedForeignKey(Webhook, null=True, on_delete=models.SET_NULL)
    recipient = models.CharField(max_length=500)
    dedupe_key = models.CharField(max_length=150)
    facts: Any = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    about_id = models.UUIDField(null=True)
    language = models.CharField(max_length=10, blank=True)
    maybe_twice = models.BooleanField(default=False)
    job_id = models.UUIDField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "dedupe_key"], name="notify_delivery_dedupe"
            ),
            models.CheckConstraint(
                name="notify_delivery_sent_has_time",
                condition=Q(state="sent", sent_at__isnull=False) | ~Q(state="sent"),
            ),
        ]
        indexes = [
            models.Index(fields=["reseller", "-created_at", "-id"], name="notify_delivery_newest"),
            models.Index(
                fields=["reseller", "due_at"],
                condition=Q(state__in=["waiting", "held"]),
                name="notify_delivery_due",
            ),
            models.Index(
                fields=["reseller", "about_id", "-created_at"],
                condition=Q(about_id__isnull=False),
                name="notify_delivery_about",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic} to {self.recipient}"

    @property
    def is_letter(self) -> bool:
        """Whether its text is one that people wrote."""
        return self.about_id is not None
