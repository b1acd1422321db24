"""Registers floor 0 with Django."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "portal.core"
    label = "core"
    verbose_name = "Core"

    def ready(self) -> None:
        """Register the system checks of this floor."""
        from portal.core import checks  # noqa: F401  (checks register on import)
