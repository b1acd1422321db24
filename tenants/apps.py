"""Registers the app with Django."""

from django.apps import AppConfig


class TenantsConfig(AppConfig):
    name = "tenants"

    def ready(self) -> None:
        """Register the system checks of this floor."""
        from tenants.connections import checks  # noqa: F401  (checks register on import)
