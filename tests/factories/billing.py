"""Invoices for tests, published the way an import publishes them."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from billing.invoices.models import Invoice, InvoiceLine
from billing.invoices.publishing import publish
from portal.core.access import acting, system_actor
from portal.core.jobs.models import Job
from tenants.connections.models import Connection

MONTH = date(2026, 9, 1)
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Charge:
    """One line to be: whose, how much, and how it is called."""

    microsoft_id: UUID | None
    subtotal: Decimal
    tax: Decimal = Decimal(0)
    customer_name: str = ""
    customer_domain: str = ""
    product: str = "Cloud seats"
    charge_type: str = "cycleCharge"

    @property
    def total(self) -> Decimal:
        return self.subtotal + self.tax


def make_invoice(
    connection: Connection,
    charges: Iterable[Charge] = (),
    *,
    number: str = "",
    month: date = MONTH,
    currency: str = "EUR",
    invoice_type: str = "OneTime",
    total: Decimal | None = None,
) -> Invoice:
    """Publish an invoice with these lines; ``total`` is their sum unless it is given."""
    lines = list(charges)
    actor = system_actor(connection.reseller_id, "tests")
    with acting(actor), transaction.atomic():
        job = Job.objects.create(
            reseller_id=connection.reseller_id,
            kind="tests.import",
            queue="invoice",
            title="Import",
            asked_by="tests",
            subject_id=connection.pk,
        )
        staged = Invoice.objects.create(
            reseller_id=connection.reseller_id,
            connection=connection,
            job=job,
            number=number or f"G{next(_numbers):09d}",
            month=month,
            invoice_date=month,
            currency=currency,
            invoice_type=invoice_type,
            document_type="invoice",
            total=sum((line.total for line in lines), Decimal(0)) if total is None else total,
        )
        InvoiceLine.objects.bulk_create(
            [_line(staged, at, charge) for at, charge in enumerate(lines, start=1)]
        )
        return publish(staged, actor=actor, lines=len(lines), digest=0)


def _line(invoice: Invoice, number: int, charge: Charge) -> InvoiceLine:
    return InvoiceLine(
        reseller_id=invoice.reseller_id,
        invoice=invoice,
        number=number,
        microsoft_id=charge.microsoft_id,
        customer_name=charge.customer_name or f"Customer {number}",
        customer_domain=charge.customer_domain,
        product=charge.product,
        charge_type=charge.charge_type,
        quantity=Decimal(1),
        unit_price=charge.subtotal,
        subtotal=charge.subtotal,
        tax=charge.tax,
        total=charge.total,
        currency=invoice.currency,
        raw={"customerName": charge.customer_name, "total": charge.total, "line": number},
    )
