"""The tasks of the tenants floor, gathered for Celery."""

from tenants.connections import tasks as connection_tasks
from tenants.countries import tasks as country_tasks
from tenants.discovery import tasks as discovery_tasks
from tenants.indirect import tasks as indirect_tasks
from tenants.integration import tasks as integration_tasks
from tenants.notifications import tasks as notification_tasks

__all__ = [
    "connection_tasks",
    "country_tasks",
    "discovery_tasks",
    "indirect_tasks",
    "integration_tasks",
    "notification_tasks",
]
