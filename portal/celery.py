"""The task queue, and everything that happens by the clock."""

import os
from contextlib import suppress
from typing import Any, Final

from celery import Celery
from celery.signals import beat_init, setup_logging, worker_init
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from redis.exceptions import RedisError

from portal.core.jobs.broker import refuse_evicting_broker
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


@worker_init.connect
@beat_init.connect
def refuse_to_lose_messages(**_: Any) -> None:
    """Stop worker and beat on a broker that evicts; one that is away is waited for."""
    try:
        with suppress(RedisError, OSError):
            refuse_evicting_broker()
    except ImproperlyConfigured as error:
        # Celery swallows every exception of a receiver but this one.
        raise SystemExit(str(error)) from None
