"""The tables of the app, gathered for Django."""

from billing.invoices.models import Invoice, InvoiceLine, InvoiceTenantTotal

__all__ = ["Invoice", "InvoiceLine", "InvoiceTenantTotal"]
