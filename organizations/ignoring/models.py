"""The dated decision to leave a tenant out of what is not linked.

Like a link it is ended and never deleted, so the history says who decided what, and why it came
back. It hides a tenant from the alert alone: its money stays in Unassigned, because whoever ignores
a tenant does not pay its bill.
"""

from django.db import models
from django.db.models import F, Q

from portal.core.rows import OwnedForeignKey, ResellerOwned
from tenants.discovery.models import Tenant


class IgnoredTenant(ResellerOwned):
    """Why, until when, who, and how it ended.

    ``until`` is the first day on which the tenant is no longer ignored. ``billed_month`` is the
    last month that billed the tenant when this began; a later one brings it back.
    """

    class Kind(models.TextChoices):
        OWN = "own", "Our own tenant"
        TEST = "test", "Test"
        SANDBOX = "sandbox", "Sandbox"
        LOST = "lost", "Lost customer"
        OTHER = "other", "Other"

    class Ended(models.TextChoices):
        BY_HAND = "by_hand", "By hand"
        CHANGED = "changed", "Decided anew"
        LINKED = "linked", "The tenant was linked"
        EXPIRED = "expired", "Its time was over"
        BILLED = "billed", "The tenant was billed again"

    tenant = OwnedForeignKey(Tenant)
    kind = models.CharField(max_length=10, choices=Kind)
    reason = models.TextField()
    until = models.DateField(null=True)
    billed_month = models.DateField(null=True)
    begins_at = models.DateTimeField()
    ignored_by = models.CharField(max_length=250)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=250, blank=True)
    ended_how = models.CharField(max_length=10, choices=Ended, blank=True)
    end_reason = models.TextField(blank=True)

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "tenant"],
                condition=Q(ended_at=None),
                name="organizations_ignored_one_live",
            ),
            models.CheckConstraint(name="organizations_ignored_says_why", condition=~Q(reason="")),
            models.CheckConstraint(
                name="organizations_ignored_lost_have_an_end",
                condition=~Q(kind__in=["lost", "other"]) | Q(until__isnull=False),
            ),
            models.CheckConstraint(
                name="organizations_ignored_ends_after_it_begins",
                condition=Q(ended_at=None) | Q(ended_at__gte=F("begins_at")),
            ),
            models.CheckConstraint(
                name="organizations_ignored_end_says_who_and_how",
                condition=Q(ended_at=None, ended_by="", ended_how="")
                | (Q(ended_at__isnull=False) & ~Q(ended_by="") & ~Q(ended_how="")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["reseller", "tenant", "-begins_at"], name="organizations_ignored_tenant"
            ),
            models.Index(
                fields=["reseller", "until"],
                condition=Q(ended_at=None),
                name="organizations_ignored_until",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.reason}"

    @property
    def is_live(self) -> bool:
        return self.ended_at is None

    @property
    def came_back(self) -> bool:
        """Whether it ended by itself, so that somebody has to know why."""
        return self.ended_how in (self.Ended.EXPIRED, self.Ended.BILLED)
