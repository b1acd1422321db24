"""``/metrics/``: what Prometheus reads, and the middleware that counts requests.

Whoever reads must bring `PORTAL_METRICS_TOKEN`; where none is set there is no such page. The
figures are of the whole installation and name no reseller: queues, kinds of job and routes are
words of the code, and a connection is told apart by its id alone.
"""

import hmac
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from portal.core.errors import NotFound
from portal.core.jobs.backlog import job_counts, oldest_due
from portal.core.jobs.heartbeat import RELAY, last_beat
from portal.core.jobs.kinds import QUEUES
from portal.core.metrics import HTTP, MICROSOFT, Timed, note, noted
from portal.web.actors import BEARER
from portal.web.failures import error_page

UNCOUNTED = ("/metrics/", "/static/")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NO_ROUTE = "none"


@dataclass(frozen=True, slots=True)
class Gauge:
    """A figure that is read when asked for; ``read`` yields the label's value and the figure."""

    name: str
    help: str
    label: str
    read: Callable[[], Iterable[tuple[str, float]]]


class MetricsMiddleware:
    """Counts and times every request by the name of its route, never by its address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.METRICS_TOKEN or request.path.startswith(UNCOUNTED):
            return self.get_response(request)
        started = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        labels = (
            match.view_name if match else NO_ROUTE,
            request.method if request.method in METHODS else "other",
            str(response.status_code),
        )
        note(HTTP, labels, time.perf_counter() - started)
        return response


def metrics_page(*gauges: Gauge) -> Callable[..., HttpResponse]:
    """Return the view; ``gauges`` are those of higher floors."""

    @login_not_required
    @transaction.non_atomic_requests
    def metrics(request: HttpRequest) -> HttpResponse:
        if not settings.METRICS_TOKEN:
            return error_page(request, NotFound())
        given = request.headers.get("Authorization", "").removeprefix(BEARER).strip()
        if not hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
            return HttpResponse(
                "The token is missing or wrong.\n",
                status=401,
                content_type="text/plain",
                headers={"WWW-Authenticate": 'Bearer realm="Tenantry metrics"'},
            )
        registry = CollectorRegistry()
        registry.register(_Figures((*OWN_GAUGES, *gauges)))
        return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    return metrics


class _Figures(Collector):
    """Everything there is to tell, read once."""

    def __init__(self, gauges: Iterable[Gauge]) -> None:
        self._gauges = gauges

    def describe(self) -> list[Metric]:
        """Tell the registry nothing beforehand: it would read everything to find the names."""
        return []

    def collect(self) -> Iterator[Any]:
        yield from map(_histogram, (HTTP, MICROSOFT))
        yield _jobs()
        for gauge in self._gauges:
            family = GaugeMetricFamily(gauge.name, gauge.help, labels=[gauge.label])
            for value, figure in gauge.read():
                family.add_metric([value], figure)
            yield family


def _histogram(timed: Timed) -> HistogramMetricFamily:
    family = HistogramMetricFamily(timed.name, timed.help, labels=timed.labels)
    for labels, histogram in sorted(noted(timed).items()):
        family.add_metric(labels, histogram.buckets(), histogram.seconds)
    return family


def _jobs() -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "tenantry_jobs",
        "Jobs there are: waiting, running, and how those that ended did",
        labels=["queue", "kind", "state"],
    )
    for row in job_counts():
        family.add_metric([row.queue, row.kind, row.state], row.count)
    return family


def _oldest_due() -> Iterator[tuple[str, float]]:
    found = oldest_due()
    return ((queue, found.get(queue, 0.0)) for queue in QUEUES)


def _heartbeats() -> Iterator[tuple[str, float]]:
    seconds = last_beat(RELAY)
    if seconds is not None:
        yield RELAY, seconds


OWN_GAUGES = (
    Gauge(
        "tenantry_oldest_due_seconds",
        "How long the oldest due job has waited for a worker",
        "queue",
        _oldest_due,
    ),
    Gauge("tenantry_heartbeat_age_seconds", "Since when it did its round", "name", _heartbeats),
)
