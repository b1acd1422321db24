"""The audit trail: one append-only table, chained per reseller (DEC10)."""

from django.db import models

from portal.core.rows import ResellerOwned


class AuditEvent(ResellerOwned):
    """One change, written in the transaction that made it. Names are text: they outlive rows.

    ``before`` and ``after`` hold only the fields that changed; secrets never enter them.
    """

    sequence = models.BigIntegerField()
    at = models.DateTimeField()
    action = models.CharField(max_length=60)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.UUIDField(null=True)
    actor_label = models.CharField(max_length=250)
    organization_id = models.UUIDField(null=True)
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=64)
    subject_label = models.CharField(max_length=300)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    correlation_id = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["reseller", "sequence"], name="core_auditevent_chain")
        ]
        indexes = [
            models.Index(
                fields=["reseller", "subject_type", "subject_id", "-sequence"],
                name="core_auditevent_subject",
            ),
            models.Index(
                fields=["reseller", "organization_id", "-sequence"], name="core_auditevent_org"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.action} {self.subject_label}"


class AuditHead(models.Model):
    """The end of a reseller's chain; locking it orders that reseller's events."""

    reseller = models.OneToOneField(
        "core.Reseller", on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    sequence = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"{self.reseller_id}:{self.sequence}"
