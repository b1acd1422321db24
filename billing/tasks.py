"""The jobs of the app, gathered for the worker."""

from billing.invoices import tasks as invoice_tasks
from billing.unbilled import tasks as unbilled_tasks

__all__ = ["invoice_tasks", "unbilled_tasks"]
