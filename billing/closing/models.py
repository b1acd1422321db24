"""The closed months of a reseller, each closing a version of its own.

A month that is reopened keeps the row of its closing, with who reopened it and why; closed again it
gets the next version. The figures are frozen with it, exact, as the numbered report needs them.
"""

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q

from billing.reconciliation.reconcile import CurrencyTotal
from portal.core.rows import ResellerOwned


class ClosedMonth(ResellerOwned):
    """One closing of one month.

    ``totals`` is a list of objects with ``currency``, ``invoices`` and the exact amounts
    ``invoice_total``, ``assigned``, ``unassigned`` and ``adjustments`` as text.
    ``unassigned_because`` is why money was left to nobody.
    """

    month = models.DateField()
    version = models.PositiveIntegerField()
    totals: Any = models.JSONField()
    unassigned_because = models.TextField(blank=True)
    closed_at = models.DateTimeField()
    closed_by = models.CharField(max_length=250)
    reopened_at = models.DateTimeField(null=True)
    reopened_by = models.CharField(max_length=250, blank=True)
    reopened_because = models.TextField(blank=True)

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "month", "version"], name="billing_closedmonth_version"
            ),
            models.UniqueConstraint(
                fields=["reseller", "month"],
                condition=Q(reopened_at=None),
                name="billing_closedmonth_one_holds",
            ),
            models.CheckConstraint(
                name="billing_closedmonth_is_first_day", condition=Q(month__day=1)
            ),
            models.CheckConstraint(
                name="billing_closedmonth_reopening_says_who_and_why",
                condition=Q(reopened_at=None, reopened_by="", reopened_because="")
                | (Q(reopened_at__isnull=False) & ~Q(reopened_by="") & ~Q(reopened_because="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}, version {self.version}"

    @property
    def holds(self) -> bool:
        """Whether the month is closed by it now."""
        return self.reopened_at is None

    @property
    def figures(self) -> list[CurrencyTotal]:
        """What the month came to when it was closed, per currency."""
        return [
            CurrencyTotal(
                currency=total["currency"],
                invoices=total["invoices"],
                invoice_total=Decimal(total["invoice_total"]),
                assigned=Decimal(total["assigned"]),
                unassigned=Decimal(total["unassigned"]),
                adjustments=Decimal(total["adjustments"]),
            )
            for total in self.totals
        ]
