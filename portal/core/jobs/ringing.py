"""Waking a worker: one message with one id, sent as a hint and never counted on.

The broker may be away, full or slow at any moment; that is no error of whoever asks for work. After
a failure this process leaves the bell alone for a while, so that a broker which swallows packets
costs one request its time-out and not every request.
"""

import time
from typing import Final
from uuid import UUID

from celery import current_app
from kombu.exceptions import KombuError
from redis.exceptions import RedisError
from structlog import get_logger

RUN_JOB = "portal.run_job"
REST_SECONDS = 5.0
"""How long a process that could not ring leaves it to the relay, which rings within seconds."""

NO_LIMITS: Final = {"time_limit": None, "soft_time_limit": None}
"""Celery would write the sender's own limits into the message; the worker's count."""

log = get_logger(__name__)
_silent_until = 0.0


def ring(job_id: UUID, queue: str) -> bool:
    """Send a job's id to its queue. Returns whether the broker took it."""
    global _silent_until
    if time.monotonic() < _silent_until:
        return False
    try:
        current_app.send_task(
            RUN_JOB, args=[str(job_id)], queue=queue, retry=False, ignore_result=True, **NO_LIMITS
        )
    except (KombuError, RedisError, OSError) as error:
        _silent_until = time.monotonic() + REST_SECONDS
        log.warning("job_not_published", job=str(job_id), queue=queue, reason=type(error).__name__)
        return False
    return True
