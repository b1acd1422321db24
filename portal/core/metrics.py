"""Figures for Prometheus that happen in many processes: each adds to counters in the cache's Redis.

The library's own way to join processes is a folder they share; web and workers are containers of
their own and share none. Redis they share, so every process adds there and any web process can tell
the sum. When Redis is emptied the counters begin anew, which Prometheus takes for a restart.

What the database knows better, such as how many jobs wait, is not counted here but read there when
somebody asks (`portal.web.metrics`). Nothing is counted without `PORTAL_METRICS_TOKEN`, because
then nobody can ask. Labels are words from fixed lists; names, ids and addresses never are.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf import settings
from redis import Redis

from portal.core import shared

PREFIX = "tenantry:metrics:"
SUM = "sum"
BOUNDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
INFINITE = "+Inf"


@dataclass(frozen=True, slots=True)
class Timed:
    """Something that happens and takes time: how often by label, and a histogram of seconds."""

    name: str
    help: str
    labels: tuple[str, ...]


MICROSOFT = Timed(
    "tenantry_microsoft_request_seconds",
    "Requests to Microsoft; outcome is 2xx to 5xx, 429, or no_answer",
    ("family", "method", "outcome"),
)
HTTP = Timed(
    "tenantry_http_request_seconds",
    "Requests to the portal, until the answer begins",
    ("route", "method", "status"),
)


@dataclass(slots=True)
class Histogram:
    """What was noted for one set of labels: how many per bound, none cumulated, and all seconds."""

    counts: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    def buckets(self) -> list[tuple[str, float]]:
        """Return the bounds in order, each with how many took as long or less."""
        total, found = 0, []
        for bound in (*map(str, BOUNDS), INFINITE):
            total += self.counts.get(bound, 0)
            found.append((bound, float(total)))
        return found


def note(timed: Timed, labels: Sequence[str], seconds: float) -> None:
    """Count one event; quietly not, where nobody can ask or Redis is away."""
    if not settings.METRICS_TOKEN:
        return
    bound = next((str(bound) for bound in BOUNDS if seconds <= bound), INFINITE)
    with_bound, with_sum = json.dumps([*labels, bound]), json.dumps([*labels, SUM])

    def add(redis: Redis) -> None:
        pipeline = redis.pipeline(transaction=False)
        pipeline.hincrby(PREFIX + timed.name, with_bound, 1)
        pipeline.hincrbyfloat(PREFIX + timed.name, with_sum, round(seconds, 6))
        pipeline.execute()

    shared.ask(add)


def noted(timed: Timed) -> dict[tuple[str, ...], Histogram]:
    """Return what all processes noted, by labels."""
    rows = shared.ask(lambda redis: redis.hgetall(PREFIX + timed.name)) or {}
    found: dict[tuple[str, ...], Histogram] = defaultdict(Histogram)
    for key, value in rows.items():
        *labels, bound = json.loads(key)
        histogram = found[tuple(labels)]
        if bound == SUM:
            histogram.seconds = float(value)
        else:
            histogram.counts[bound] = int(value)
    return dict(found)
