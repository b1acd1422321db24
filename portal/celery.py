"""The task queue, and everything that happens by the clock."""

import os
from typing import Any, Final

from celery import Celery
from celery.signals import beat_init, celeryd_init, setup_logging
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from portal.core.jobs.ringing import NO_LIMITS
from portal.core.jobs.watchdog import Watchdog

TICK_SECONDS: Final = 60.0

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal", amqp="portal.core.jobs.transport:SteadyAMQP")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# Beat only ticks; what is due is a row (`portal.core.jobs.schedule`).
app.conf.beat_schedule = {
    "tick": {"task": "portal.tick", "schedule": TICK_SECONDS, "options": NO_LIMITS}
}
app.steps["worker"].add(Watchdog)


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
