"""Is the process alive, and can it serve? For supervisors, load balancers and whoever watches.

`ready` has three answers. *Unavailable* (503): without database or with an older schema no page
works, so no request should come here. *Degraded* (200): pages work, but something behind them does
not, such as the queue; to take the web away as well would help nobody, so this is for people to be
told. *Ok* (200): nothing is wrong. What is wrong is told in fixed words and figures, and nothing of
any reseller, because anybody may ask.
"""

import functools
import time
from collections.abc import Callable

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import Error as DatabaseFailure
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from redis.exceptions import RedisError

from portal.core.jobs.backlog import oldest_due
from portal.core.jobs.heartbeat import RELAY, last_beat

OK, DEGRADED, UNAVAILABLE = "ok", "degraded", "unavailable"
VITAL = frozenset({"database", "schema"})
AWAY = "does not answer"
RELAY_LATE_SECONDS = 60
CLOCK_SECONDS = 30
BROKER_SECONDS = 1.0


@login_not_required
@transaction.non_atomic_requests
def live(request: HttpRequest) -> HttpResponse:
    """Answer 200 as long as the process can answer at all."""
    return JsonResponse({"status": OK})


@login_not_required
@transaction.non_atomic_requests
def ready(request: HttpRequest) -> HttpResponse:
    """Answer ``status`` and what each check says: "ok", or what is wrong."""
    checks = {name: _said(check) for name, check in CHECKS.items()}
    wrong = {name for name, said in checks.items() if said != OK}
    status = UNAVAILABLE if wrong & VITAL else DEGRADED if wrong else OK
    body = {"status": status, "checks": checks}
    return JsonResponse(body, status=503 if status == UNAVAILABLE else 200)


def _said(check: Callable[[], str]) -> str:
    try:
        return check() or OK
    except (DatabaseFailure, RedisError, OSError):
        return AWAY


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return ""


def _schema() -> str:
    missing = len(_migrations() - set(MigrationRecorder(connection).applied_migrations()))
    return f"{missing} migrations are not applied" if missing else ""


def _broker() -> str:
    client = redis.Redis.from_url(
        settings.CELERY_BROKER_URL,
        socket_timeout=BROKER_SECONDS,
        socket_connect_timeout=BROKER_SECONDS,
    )
    try:
        client.ping()
    finally:
        client.close()
    return ""


def _cache() -> str:
    cache.get("health")
    return ""


def _relay() -> str:
    seconds = last_beat(RELAY)
    if seconds is None:
        return "has never run"
    return f"last ran {seconds:.0f} seconds ago" if seconds > RELAY_LATE_SECONDS else ""


def _due() -> str:
    seconds = max(oldest_due().values(), default=0)
    late = seconds > settings.DUE_ALARM_SECONDS
    return f"a job has waited for a worker for {seconds:.0f} seconds" if late else ""


def _clock() -> str:
    before = time.time()
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        (there,) = cursor.fetchone()
    apart = abs(float(there) - (before + time.time()) / 2)
    return f"{apart:.0f} seconds apart from the database's" if apart > CLOCK_SECONDS else ""


@functools.cache
def _migrations() -> frozenset[tuple[str, str]]:
    """Return the migrations this release consists of; read once, they are files."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations or ())


CHECKS: dict[str, Callable[[], str]] = {
    "database": _database,
    "schema": _schema,
    "broker": _broker,
    "cache": _cache,
    "relay": _relay,
    "due": _due,
    "clock": _clock,
}
