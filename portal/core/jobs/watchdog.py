"""A worker that has work and takes none is ended, so that its supervisor starts another.

Connections to a broker can die in ways the client library does not notice. The watchdog asks over a
connection of its own, in a thread of its own: if messages lie in the worker's queues for a minute
while it runs nothing and is given nothing, waiting longer has no point.
"""

import os
import threading
import time
from typing import Any, Final

import billiard
from celery import bootsteps
from celery.signals import task_received
from celery.worker import state
from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError
from structlog import get_logger

LOOK_SECONDS: Final = 15.0
PATIENCE_SECONDS: Final = 60.0
EXIT_STATUS: Final = 75  # EX_TEMPFAIL: try again
log = get_logger(__name__)


class Watchdog(bootsteps.StartStopStep):
    """The thread, as a part of Celery's worker."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        self.ended = threading.Event()
        self.last_received = time.monotonic()
        task_received.connect(self._note, weak=False)

    def start(self, worker: Any) -> None:
        """Begin to look, every fifteen seconds."""
        queues = [queue.name for queue in worker.app.amqp.queues.consume_from.values()]
        threading.Thread(target=self._watch, args=(queues,), daemon=True).start()

    def stop(self, worker: Any) -> None:
        """Look no more: a worker that stops takes no work, and is right."""
        self.ended.set()

    def _note(self, **_: Any) -> None:
        self.last_received = time.monotonic()

    def _watch(self, queues: list[str]) -> None:
        while not self.ended.wait(LOOK_SECONDS):
            idle = time.monotonic() - self.last_received
            if idle >= PATIENCE_SECONDS and not state.active_requests and _messages_in(queues):
                log.critical("worker_takes_no_work", queues=queues, seconds=round(idle))
                for child in billiard.active_children():
                    child.kill()
                os._exit(EXIT_STATUS)


def _messages_in(queues: list[str]) -> int:
    """Count what waits; none where the broker cannot be asked, which no restart would mend."""
    try:
        with Redis.from_url(settings.REDIS_URL, socket_timeout=3, socket_connect_timeout=3) as it:
            return sum(it.llen(queue) for queue in queues)
    except (RedisError, OSError):
        return 0
