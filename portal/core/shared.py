"""What all processes share for a moment, in the cache's Redis: quickly, or not at all.

Counters of requests and figures for Prometheus live here. Nothing in it is missed when it is lost,
so whoever asks gets None instead of an error, and after one failure nobody waits for a while.
"""

import functools
import time
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError
from structlog import get_logger

PATIENCE_SECONDS = 0.25
AWAY_SECONDS = 5.0
T = TypeVar("T")
log = get_logger(__name__)


class Away:
    """Until when Redis is taken to be away, on the clock of this process."""

    until = 0.0


def ask(question: Callable[[Redis], T]) -> T | None:
    """Return what ``question`` gets from Redis, or None where it is away."""
    if time.monotonic() < Away.until:
        return None
    try:
        return question(client())
    except RedisError as error:
        Away.until = time.monotonic() + AWAY_SECONDS
        log.warning("shared_redis_away", reason=type(error).__name__)
        return None


@functools.cache
def client() -> Redis:
    """Return the client of this process; its connections are opened when first used."""
    return Redis.from_url(
        settings.CACHES["default"]["LOCATION"],
        socket_timeout=PATIENCE_SECONDS,
        socket_connect_timeout=PATIENCE_SECONDS,
    )
