"""The jobs of the app, gathered for the worker."""

from organizations.agreements import tasks as agreement_tasks
from organizations.alert import tasks as alert_tasks
from organizations.bulk import tasks as bulk_tasks
from organizations.files import tasks as file_tasks
from organizations.ignoring import tasks as ignoring_tasks
from organizations.passwords import tasks as password_tasks
from organizations.provisioning import tasks as provisioning_tasks
from organizations.suggestions import tasks as suggestion_tasks

__all__ = [
    "agreement_tasks",
    "alert_tasks",
    "bulk_tasks",
    "file_tasks",
    "ignoring_tasks",
    "password_tasks",
    "provisioning_tasks",
    "suggestion_tasks",
]
