"""The tables of the app, gathered for Django."""

from billing.closing.models import ClosedMonth
from billing.invoices.models import Invoice, InvoiceLine, InvoiceTenantTotal

__all__ = ["ClosedMonth", "Invoice", "InvoiceLine", "InvoiceTenantTotal"]
