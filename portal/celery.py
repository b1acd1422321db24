"""The task queue, and everything that happens by the clock."""

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import setup_logging
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.beat_schedule = {
    # Every night each connection's tenants are looked up again, so that none stays undiscovered
    # because nobody pressed a button.
    "discover tenants": {
        "task": "portal.schedule_discovery",
        "schedule": crontab(hour="2", minute="17"),
    },
}


@setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """Stop Celery from replacing the portal's logging by its own."""
    from portal.core.logs import configure

    configure(settings.LOGGING)
