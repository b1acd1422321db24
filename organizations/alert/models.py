"""A condition is one object with a stable key and a life; what became of it is kept beside it.

    open ──acknowledge──▶ acknowledged ──its date came, or it costs more──▶ open
      └────────────────────────┴──the fact is gone──▶ resolved ──it is back──▶ open

The key is the kind and the id of what it is about, never a text that changes: renaming a tenant
makes no second condition, and whoever it was given to keeps it. Conditions follow the facts; no
person opens or resolves one.
"""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest

from organizations.directory.models import Organization
from portal.core.identity.models import Membership
from portal.core.money import AmountField, CurrencyField
from portal.core.rows import OwnedForeignKey, ResellerOwned
from tenants.connections.models import Connection
from tenants.discovery.models import Tenant


class Condition(ResellerOwned):
    """Something that needs somebody, with whose it is and what it costs.

    ``organization`` is the last one a tenant belonged to: by it mails find their people. ``worth``
    is what a month of it costs at the least: the larger of the last invoice and of what is not
    billed yet, because at the end of a month both tell of the same money. ``urgent_at`` is when it
    last became worth telling at once: when it began to cost, or a connection to fail.
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        RESOLVED = "resolved", "Resolved"

    LIVE = (State.OPEN, State.ACKNOWLEDGED)

    kind = models.CharField(max_length=40)
    key = models.UUIDField()
    tenant = OwnedForeignKey(Tenant, null=True)
    connection = OwnedForeignKey(Connection)
    organization = OwnedForeignKey(Organization, null=True)
    label = models.CharField(max_length=400)
    detail = models.TextField(blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    assignee = OwnedForeignKey(Membership, null=True, on_delete=models.SET_NULL)

    first_seen_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    reopened = models.PositiveIntegerField(default=0)
    urgent_at = models.DateTimeField(null=True)

    acknowledged_until = models.DateField(null=True)
    acknowledged_because = models.TextField(blank=True)
    acknowledged_by = models.CharField(max_length=250, blank=True)
    acknowledged_worth = AmountField(default=Decimal(0))

    billed_amount = AmountField(default=Decimal(0))
    billed_currency = CurrencyField(blank=True)
    billed_month = models.DateField(null=True)
    unbilled_amount = AmountField(default=Decimal(0))
    unbilled_currency = CurrencyField(blank=True)
    worth = models.GeneratedField(
        expression=Greatest(F("billed_amount"), F("unbilled_amount")),
        output_field=AmountField(),
        db_persist=True,
    )

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "kind", "key"], name="organizations_condition_key"
            ),
            models.CheckConstraint(
                name="organizations_condition_resolved_has_time",
                condition=Q(state="resolved", resolved_at__isnull=False)
                | (~Q(state="resolved") & Q(resolved_at=None)),
            ),
            models.CheckConstraint(
                name="organizations_condition_acknowledged_ends",
                condition=(
                    Q(state="acknowledged", acknowledged_until__isnull=False)
                    & ~Q(acknowledged_because="")
                )
                | (~Q(state="acknowledged") & Q(acknowledged_until=None)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["reseller", "state", "-worth", "-id"], name="organizations_cond_worth"
            ),
            models.Index(
                fields=["reseller", "state", "label", "id"], name="organizations_cond_label"
            ),
            models.Index(
                fields=["reseller", "state", "opened_at", "id"], name="organizations_cond_opened"
            ),
            models.Index(fields=["reseller", "tenant"], name="organizations_cond_tenant"),
            models.Index(
                fields=["reseller", "kind", "urgent_at"],
                condition=Q(state="open", urgent_at__isnull=False),
                name="organizations_cond_urgent",
            ),
            models.Index(
                fields=["reseller", "assignee", "state"],
                condition=Q(assignee__isnull=False),
                name="organizations_cond_owner",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE


class ConditionEvent(ResellerOwned):
    """One thing that became of a condition; nothing here is ever changed.

    ``days``: for a resolution, how long the condition had been open.
    """

    class What(models.TextChoices):
        OPENED = "opened", "Opened"
        ASSIGNED = "assigned", "Assigned"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        WOKE = "woke", "Acknowledgement ended"
        RESOLVED = "resolved", "Resolved"
        REOPENED = "reopened", "Reopened"

    condition = OwnedForeignKey(Condition)
    at = models.DateTimeField()
    what = models.CharField(max_length=12, choices=What)
    who = models.CharField(max_length=250)
    membership_id = models.UUIDField(null=True)
    why = models.TextField(blank=True)
    detail = models.CharField(max_length=300, blank=True)
    days = models.PositiveIntegerField(null=True)

    class Meta(ResellerOwned.Meta):
        indexes = [
            models.Index(
                fields=["reseller", "condition", "-at"], name="organizations_condevent_of"
            ),
            models.Index(fields=["reseller", "what", "at"], name="organizations_condevent_at"),
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()} {self.at:%Y-%m-%d %H:%M}"
