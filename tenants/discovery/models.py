"""Tenants as Partner Center shows them, and the runs that found them."""

from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Cast, Concat, Lower

from portal.core.jobs.models import Job
from portal.core.money import AmountField, CurrencyField
from portal.core.rows import OwnedForeignKey, ResellerOwned
from tenants.connections.models import Connection


class Source(models.TextChoices):
    """What led us to a tenant."""

    LIST = "list", "List"
    WEBHOOK = "webhook", "Webhook"
    AUDIT = "audit", "Audit"
    INVOICE = "invoice", "Invoice"


class Tenant(ResellerOwned):
    """A customer's Microsoft tenant. Its Microsoft id is its identity; names and domains change.

    It never names its organization. What lower floors must show of higher ones is written down to
    it: ``is_linked`` by linking, ``is_ignored`` by ignoring, the ``billed_*`` and ``unbilled_*``
    fields by billing. ``associated_partner`` is the partner id of the indirect reseller it was sold
    through, "" where Partner Center names none.
    """

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        MISSING = "missing", "No longer listed"

    reseller = models.ForeignKey(
        "core.Reseller",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,  # the key to the connection holds the reseller too
        editable=False,
    )
    connection = OwnedForeignKey(Connection, db_index=False)
    microsoft_id = models.UUIDField()
    name = models.CharField(max_length=400)
    domain = models.CharField(max_length=255, blank=True)
    relationship = models.CharField(max_length=60, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    associated_partner = models.CharField(max_length=30, blank=True, default="", db_default="")
    is_linked = models.BooleanField(default=False)
    is_ignored = models.BooleanField(default=False, db_default=False)
    first_seen_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    missing_since = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True)
    former_name = models.CharField(max_length=400, blank=True)

    details_at = models.DateTimeField(null=True)
    email = models.CharField(max_length=320, blank=True)
    phone = models.CharField(max_length=60, blank=True)
    country = models.CharField(max_length=2, blank=True)
    registration_number = models.CharField(max_length=60, blank=True)
    address: Any = models.JSONField(default=dict)

    billed_amount = AmountField(null=True)
    billed_currency = CurrencyField(blank=True)
    billed_month = models.DateField(null=True)
    unbilled_amount = AmountField(null=True)
    unbilled_currency = CurrencyField(blank=True, db_default="", default="")
    unbilled_at = models.DateTimeField(null=True)

    search = models.GeneratedField(
        expression=Lower(
            Concat(
                F("name"),
                Value(" "),
                F("domain"),
                Value(" "),
                Cast(F("microsoft_id"), models.TextField()),
                output_field=models.TextField(),
            )
        ),
        output_field=models.TextField(),
        db_persist=True,
    )

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "microsoft_id"], name="tenants_tenant_microsoft_id"
            ),
            models.CheckConstraint(
                name="tenants_tenant_missing_has_time",
                condition=Q(status="missing", missing_since__isnull=False)
                | Q(status="active", missing_since=None),
            ),
            models.CheckConstraint(
                name="tenants_tenant_linked_or_ignored",
                condition=Q(is_linked=False) | Q(is_ignored=False),
            ),
        ]
        indexes = [
            models.Index(fields=["reseller", "name", "id"], name="tenants_tenant_by_name"),
            models.Index(
                fields=["reseller", "is_linked", "name", "id"], name="tenants_tenant_by_linked"
            ),
            models.Index(fields=["reseller", "domain", "id"], name="tenants_tenant_by_domain"),
            models.Index(fields=["reseller", "first_seen_at", "id"], name="tenants_tenant_by_seen"),
            models.Index(
                fields=["reseller", "connection", "status"], name="tenants_tenant_by_conn"
            ),
            models.Index(
                fields=["reseller", "-billed_amount", "id"],
                condition=Q(is_linked=False),
                name="tenants_tenant_by_money",
            ),
            models.Index(
                fields=["reseller", "name", "id"],
                condition=Q(is_ignored=True),
                name="tenants_tenant_ignored",
            ),
            models.Index(
                fields=["reseller", "billed_month"],
                condition=Q(is_linked=False, billed_month__isnull=False),
                name="tenants_tenant_by_month",
            ),
            models.Index(
                fields=["reseller", "associated_partner"],
                condition=~Q(associated_partner=""),
                name="tenants_tenant_by_partner",
            ),
            models.Index(
                fields=["reseller", "unbilled_currency"],
                include=["unbilled_amount"],
                condition=Q(is_linked=False, unbilled_amount__isnull=False),
                name="tenants_tenant_unbilled",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DiscoveryRun(ResellerOwned):
    """One look at what a connection has. The job row carries its state and progress.

    ``source`` is what was looked at: the whole list, or what an event, the audit or an invoice
    named. Only the whole list says who is gone, and of the others who was asked about by name.
    ``found`` counts what was there, ``created``, ``updated`` and ``returned`` what that changed
    here. ``mended`` customers had text that could not be stored as it came, ``failed`` ones could
    not be read when they were asked about one by one. ``held`` is how many of the ``known`` active
    tenants would have been marked missing, had that not been so many that a person must look first;
    0 when nothing was held back.
    """

    connection = OwnedForeignKey(Connection)
    job = OwnedForeignKey(Job)
    source = models.CharField(max_length=10, choices=Source, default=Source.LIST, db_default="list")
    pages = models.PositiveIntegerField(default=0)
    found = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    returned = models.PositiveIntegerField(default=0)
    mended = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0, db_default=0)
    missing = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    continuation: Any = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    completed_at = models.DateTimeField(null=True)

    class Meta(ResellerOwned.Meta):
        indexes = [
            models.Index(
                fields=["reseller", "connection", "-created_at"], name="tenants_run_newest"
            )
        ]

    def __str__(self) -> str:
        return f"Discovery of {self.created_at:%Y-%m-%d %H:%M} UTC"

    @property
    def took(self) -> str:
        """How long its job worked, in hours, minutes and seconds; a dash before its end."""
        begun, ended = self.job.started_at, self.job.finished_at
        if begun is None or ended is None:
            return "–"
        seconds = max(0, round((ended - begun).total_seconds()))
        return str(timedelta(seconds=seconds))

    @property
    def is_held(self) -> bool:
        """Whether tenants wait for a person to say that they really are gone."""
        return bool(self.held) and self.completed_at is None


class SightedTenant(models.Model):
    """A Microsoft id seen by a run that is still going; who is absent at its end is missing."""

    pk = models.CompositePrimaryKey("reseller_id", "run_id", "microsoft_id")
    reseller = models.ForeignKey(
        "core.Reseller",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,  # the key to the run holds the reseller too
    )
    run = OwnedForeignKey(DiscoveryRun, on_delete=models.CASCADE, db_index=False)
    microsoft_id = models.UUIDField()

    def __str__(self) -> str:
        return str(self.microsoft_id)


class TenantTally(models.Model):
    """How many tenants there are of each kind and what they were last billed, kept by triggers.

    Counting a million rows for every page that shows a number would cost what the page may cost.
    """

    pk = models.CompositePrimaryKey(
        "reseller_id", "connection_id", "status", "is_linked", "is_ignored", "billed_currency"
    )
    reseller = models.ForeignKey(
        "core.Reseller",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,  # the key to the connection holds the reseller too
    )
    connection = OwnedForeignKey(Connection, db_index=False)
    status = models.CharField(max_length=10, choices=Tenant.Status)
    is_linked = models.BooleanField()
    is_ignored = models.BooleanField()
    billed_currency = CurrencyField(blank=True)
    tenants = models.BigIntegerField()
    billed = AmountField()

    def __str__(self) -> str:
        return f"{self.tenants} {self.status}"


class UnbilledSum(models.Model):
    """What a tenant's lines not yet billed come to so far, while an export of them is read.

    It is gone when the sums have been written down to the tenants.
    """

    pk = models.CompositePrimaryKey("reseller_id", "connection_id", "currency", "microsoft_id")
    reseller = models.ForeignKey(
        "core.Reseller",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,  # the key to the connection holds the reseller too
    )
    connection = OwnedForeignKey(Connection, db_index=False)
    currency = CurrencyField()
    microsoft_id = models.UUIDField()
    amount = AmountField()

    def __str__(self) -> str:
        return f"{self.microsoft_id} {self.currency}"
