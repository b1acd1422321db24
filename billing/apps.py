"""Registers the app with Django."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"

    def ready(self) -> None:
        """Let invoices be found (modules register on import)."""
        from billing.invoices import finding as _invoices  # noqa: F401
