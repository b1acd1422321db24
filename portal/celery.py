"""The task queue, and everything that happens by the clock."""

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import beat_init, celeryd_init, setup_logging
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

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


@celeryd_init.connect
@beat_init.connect
def refuse_unsafe_settings(**_: Any) -> None:
    """Stop a worker or beat as the web is stopped; Celery runs checks but does not heed them."""
    from portal.core.checks import refuse_unsafe_start

    try:
        refuse_unsafe_start()
    except ImproperlyConfigured as error:
        # Celery swallows every other exception of a signal's receiver.
        raise SystemExit(str(error)) from None
