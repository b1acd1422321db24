"""The jobs of the app, gathered for the worker."""

from billing.invoices import tasks as invoice_tasks

__all__ = ["invoice_tasks"]
