"""Scored candidates for links, and how a reseller wants them dealt with.

A suggestion is open until somebody accepts or dismisses it. A dismissed one stays, for ever, as the
memory that this organization is not meant: no later run brings it back. What a run no longer finds
is deleted, unless it was dismissed.
"""

from typing import Any

from django.db import models
from django.db.models import Q

from organizations.directory.models import Organization
from portal.core.rows import OwnedForeignKey, ResellerOwned
from tenants.discovery.models import Tenant

PER_TENANT = 5


class Level(models.TextChoices):
    """How far a suggestion can be trusted: the matching's own words.

    Written out, because pages need the words and not the libraries that the matching loads.
    """

    CERTAIN = "certain", "Certain"
    LIKELY = "likely", "Likely"
    POSSIBLE = "possible", "Possible"


class LinkSuggestion(ResellerOwned):
    """A tenant and an organization it may belong to. Customers never see one.

    ``rank``: 1 is the best of the tenant's open ones. ``reasons``: objects with ``code`` and
    ``text``, the strongest first. ``why``: why it was dismissed.
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        ACCEPTED = "accepted", "Accepted"
        DISMISSED = "dismissed", "Dismissed"

    tenant = OwnedForeignKey(Tenant)
    organization = OwnedForeignKey(Organization)
    score = models.DecimalField(max_digits=5, decimal_places=4)
    level = models.CharField(max_length=10, choices=Level)
    reasons: Any = models.JSONField(default=list)
    rank = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    made_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=250, blank=True)
    why = models.TextField(blank=True)

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "tenant", "organization"], name="organizations_suggestion_once"
            ),
            models.CheckConstraint(
                name="organizations_suggestion_score_range",
                condition=Q(score__gte=0, score__lte=1),
            ),
            models.CheckConstraint(
                name="organizations_suggestion_rank",
                condition=Q(rank__gte=1, rank__lte=PER_TENANT),
            ),
            models.CheckConstraint(
                name="organizations_suggestion_decided_says_who",
                condition=Q(state="open", decided_at=None, decided_by="")
                | (~Q(state="open") & Q(decided_at__isnull=False) & ~Q(decided_by="")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["reseller", "tenant"],
                condition=Q(state="open", rank=1),
                name="organizations_suggestion_best",
            ),
            models.Index(
                fields=["reseller", "level", "tenant"],
                condition=Q(state="open", rank=1),
                name="organizations_suggestion_level",
            ),
            models.Index(
                fields=["reseller", "-score", "id"], name="organizations_suggestion_score"
            ),
            models.Index(fields=["reseller", "organization"], name="organizations_suggestion_org"),
        ]

    def __str__(self) -> str:
        return f"{self.tenant_id} → {self.organization_id}?"

    @property
    def percent(self) -> int:
        """The score in whole per cent, rounded down: only what is sure reads as 100."""
        return int(self.score * 100)

    @property
    def tone(self) -> str:
        """The tone of its level, as `components/status.html` takes it."""
        return {Level.CERTAIN: "good", Level.LIKELY: "info"}.get(Level(self.level), "idle")

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def is_one_click(self) -> bool:
        """Whether a list offers to accept it at once; what is only possible wants a look first."""
        return self.level != Level.POSSIBLE

    @property
    def reason_texts(self) -> list[str]:
        return [str(reason["text"]) for reason in self.reasons]


class SuggestionState(models.Model):
    """How a reseller's suggestions stand; one row each.

    ``is_due``: something changed since the latest round of matching began. ``looked_at``: when the
    latest round that came to its end began. ``applies_certain``: certain suggestions become links
    by themselves.
    """

    reseller = models.OneToOneField(
        "core.Reseller", on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    is_due = models.BooleanField(default=False)
    looked_at = models.DateTimeField(null=True)
    applies_certain = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.reseller_id}: {'due' if self.is_due else 'up to date'}"
