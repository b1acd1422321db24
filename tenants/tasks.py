"""The tasks of the tenants floor, gathered for Celery."""

from tenants.discovery import tasks as discovery_tasks

__all__ = ["discovery_tasks"]
