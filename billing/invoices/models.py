"""Microsoft's invoices, every line kept as received, and what each tenant has on them.

    staged ──proved──▶ published ──a newer version──▶ superseded

Lines are copied in while their invoice is staged, which nobody is shown; publishing is one change
of the invoice's state. From then on the database itself refuses to touch invoice, lines and totals:
a correction by Microsoft is a new version beside the old one, never an edit.
"""

from typing import Any

from django.db import models
from django.db.models import Q

from billing.invoices.exactjson import ExactDecoder, ExactEncoder
from portal.core.jobs.models import Job
from portal.core.money import AmountField, CurrencyField
from portal.core.rows import OwnedForeignKey, ResellerOwned
from tenants.connections.models import Connection


class Invoice(ResellerOwned):
    """One version of one invoice.

    ``total`` is Microsoft's; ``subtotal``, ``tax`` and ``lines_total`` are the sums of the lines.
    ``adjustment`` is what the total holds and no line does, with its kind; ``month`` is the first
    day of the month the invoice is reported in. ``charge_types`` counts the lines
    of each kind of charge; ``digest`` tells a changed set of lines.
    """

    class State(models.TextChoices):
        STAGED = "staged", "Being imported"
        PUBLISHED = "published", "Published"
        SUPERSEDED = "superseded", "Replaced by a newer version"

    class AdjustmentKind(models.TextChoices):
        NONE = "", "None"
        HEADER_TAX = "header_tax", "Tax on the invoice only"
        UNTAXED_TOTAL = "untaxed_total", "Tax outside the invoice's total"
        NOT_IN_LINES = "not_in_lines", "Adjustment that is on no line"

    connection = OwnedForeignKey(Connection)
    job = OwnedForeignKey(Job)
    number = models.CharField(max_length=60)
    version = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=10, choices=State, default=State.STAGED)
    month = models.DateField()
    invoice_date = models.DateField(null=True)
    period_start = models.DateField(null=True)
    period_end = models.DateField(null=True)
    document_type = models.CharField(max_length=40, blank=True)
    invoice_type = models.CharField(max_length=40, blank=True)
    currency = CurrencyField()
    total = AmountField()
    lines = models.PositiveIntegerField(default=0)
    subtotal = AmountField(default=0)
    tax = AmountField(default=0)
    lines_total = AmountField(default=0)
    adjustment = AmountField(default=0)
    adjustment_kind = models.CharField(max_length=15, choices=AdjustmentKind, blank=True)
    charge_types: Any = models.JSONField(default=dict)
    digest = models.CharField(max_length=32, blank=True)
    raw: Any = models.JSONField(default=dict, encoder=ExactEncoder, decoder=ExactDecoder)
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True)
    superseded_at = models.DateTimeField(null=True)

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "connection", "number"],
                condition=Q(state="published"),
                name="billing_invoice_one_published",
            ),
            models.UniqueConstraint(
                fields=["reseller", "connection", "number"],
                condition=Q(state="staged"),
                name="billing_invoice_one_staged",
            ),
            models.UniqueConstraint(
                fields=["reseller", "connection", "number", "version"],
                name="billing_invoice_version",
            ),
            models.CheckConstraint(
                name="billing_invoice_adds_up",
                condition=Q(state="staged")
                | Q(total=models.F("lines_total") + models.F("adjustment")),
            ),
            models.CheckConstraint(
                name="billing_invoice_adjustment_has_kind",
                condition=Q(adjustment=0, adjustment_kind="")
                | (~Q(adjustment=0) & ~Q(adjustment_kind="")),
            ),
            models.CheckConstraint(
                name="billing_invoice_month_is_first_day", condition=Q(month__day=1)
            ),
        ]
        indexes = [
            models.Index(fields=["reseller", "month", "id"], name="billing_invoice_by_month"),
            models.Index(fields=["reseller", "number", "id"], name="billing_invoice_by_number"),
            models.Index(fields=["reseller", "total", "id"], name="billing_invoice_by_total"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_published(self) -> bool:
        return self.state == self.State.PUBLISHED

    @property
    def is_legacy(self) -> bool:
        """Whether it is of the older, recurring kind; without a kind its number tells."""
        if self.invoice_type:
            return self.invoice_type.lower() == "recurring"
        return not self.number.upper().startswith("G")


class OfInvoice(ResellerOwned):
    """Abstract: a row that belongs to an invoice; there may be millions, so each check counts."""

    id = models.BigAutoField(primary_key=True)  # type: ignore[assignment]
    reseller = models.ForeignKey(
        "core.Reseller",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,  # the key to the invoice holds the reseller too
        editable=False,
    )
    invoice = OwnedForeignKey(Invoice, db_index=False)

    class Meta(ResellerOwned.Meta):
        abstract = True


class InvoiceLine(OfInvoice):
    """One line, in our words where a page or a sum needs them and whole as received in ``raw``.

    ``number`` counts from 1 in Microsoft's order. ``microsoft_id`` None: the line names no tenant.
    """

    number = models.PositiveIntegerField()
    microsoft_id = models.UUIDField(null=True)
    customer_name = models.TextField(blank=True)
    customer_domain = models.TextField(blank=True)
    subscription = models.TextField(blank=True)
    product = models.TextField(blank=True)
    sku = models.TextField(blank=True)
    charge_type = models.TextField(blank=True)
    quantity = models.DecimalField(max_digits=28, decimal_places=12, null=True)
    unit_price = models.DecimalField(max_digits=28, decimal_places=12, null=True)
    subtotal = AmountField()
    tax = AmountField()
    total = AmountField()
    currency = CurrencyField()
    charge_start = models.DateField(null=True)
    charge_end = models.DateField(null=True)
    provider = models.TextField(blank=True)
    raw: Any = models.JSONField(encoder=ExactEncoder, decoder=ExactDecoder)

    class Meta(OfInvoice.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "invoice", "number"], name="billing_invoiceline_number"
            )
        ]
        indexes = [
            models.Index(
                fields=["reseller", "invoice", "microsoft_id", "number"],
                name="billing_invoiceline_by_tenant",
            ),
            models.Index(
                fields=["reseller", "invoice", "charge_type", "number"],
                name="billing_invoiceline_by_charge",
            ),
        ]

    def __str__(self) -> str:
        return f"Line {self.number}"


class InvoiceTenantTotal(OfInvoice):
    """What one tenant has on one invoice; written when the invoice is published.

    ``microsoft_id`` None gathers the lines that name no tenant. Reports read these rows, so they
    cost the number of tenants and not the number of lines.
    """

    microsoft_id = models.UUIDField(null=True)
    customer_name = models.TextField(blank=True)
    customer_domain = models.TextField(blank=True)
    currency = CurrencyField()
    lines = models.PositiveIntegerField()
    subtotal = AmountField()
    tax = AmountField()
    total = AmountField()

    class Meta(OfInvoice.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "invoice", "microsoft_id", "currency"],
                nulls_distinct=False,
                name="billing_tenanttotal_one",
            )
        ]
        indexes = [
            models.Index(fields=["reseller", "microsoft_id"], name="billing_tenanttotal_tenant")
        ]

    def __str__(self) -> str:
        return f"{self.customer_name or self.microsoft_id}: {self.total} {self.currency}"
