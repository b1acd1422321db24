"""A worker that has work and takes none is ended, so that its supervisor starts another.

Connections to a broker can die in ways the client library does not notice. The watchdog asks over a
connection of its own, in a thread of its own: if messages lie in the worker's queues for as long as
`JOB_PATIENCE_SECONDS` while it is given none and has a process without work, waiting has no point.

Which process works is told by the processes themselves, one byte each in memory mapped before they
were forked. What Celery's parent believes would not do: a parent that stands still has not seen
its jobs end.
"""

import mmap
import os
import signal
import threading
import time
from typing import Any, Final

import billiard
from celery import bootsteps
from celery.signals import task_postrun, task_prerun, task_received, worker_process_init
from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError
from structlog import get_logger

LOOKS: Final = 4
"""How often within its patience the watchdog looks."""
EXIT_STATUS: Final = 75  # EX_TEMPFAIL: try again
MOST_PROCESSES: Final = 4_096
log = get_logger(__name__)
_busy = mmap.mmap(-1, MOST_PROCESSES)


@task_prerun.connect
def _work_begins(**_: Any) -> None:
    _busy[_process()] = 1


@worker_process_init.connect
@task_postrun.connect
def _work_ended(**_: Any) -> None:
    _busy[_process()] = 0


def _process() -> int:
    """Return which place in the pool this process has; one that replaces another has the same."""
    return getattr(billiard.current_process(), "index", 0) % MOST_PROCESSES


class Watchdog(bootsteps.StartStopStep):
    """The thread, as a part of Celery's worker."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        self.ended = threading.Event()
        self.last_received = time.monotonic()
        task_received.connect(self._note, weak=False)

    def start(self, worker: Any) -> None:
        """Begin to look."""
        queues = [queue.name for queue in worker.app.amqp.queues.consume_from.values()]
        threading.Thread(target=self._watch, args=(queues, worker.concurrency), daemon=True).start()

    def stop(self, worker: Any) -> None:
        """Look no more: a worker that stops takes no work, and is right."""
        self.ended.set()

    def _note(self, **_: Any) -> None:
        self.last_received = time.monotonic()

    def _watch(self, queues: list[str], processes: int) -> None:
        patience = settings.JOB_PATIENCE_SECONDS
        began = None
        while not self.ended.wait(patience / LOOKS):
            if 0 not in _busy[:processes] or not _messages_in(queues):
                began = None
                continue
            began = max(began or time.monotonic(), self.last_received)
            if (idle := time.monotonic() - began) >= patience:
                log.critical("worker_takes_no_work", queues=queues, seconds=round(idle))
                for child in billiard.active_children():
                    os.kill(child.pid, signal.SIGKILL)
                os._exit(EXIT_STATUS)


def _messages_in(queues: list[str]) -> int:
    """Count what waits; none where the broker cannot be asked, which no restart would mend."""
    try:
        with Redis.from_url(settings.REDIS_URL, socket_timeout=3, socket_connect_timeout=3) as it:
            return sum(it.llen(queue) for queue in queues)
    except (RedisError, OSError):
        return 0
