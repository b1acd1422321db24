"""Is the process alive, and can it serve? For supervisors and load balancers."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from redis.exceptions import RedisError


@login_not_required
@transaction.non_atomic_requests
def live(request: HttpRequest) -> HttpResponse:
    """Answer 200 as long as the process can answer at all."""
    return JsonResponse({"status": "ok"})


@login_not_required
@transaction.non_atomic_requests
def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 when database, schema and broker answer, 503 with what does not."""
    checks = {name: _state(check) for name, check in CHECKS.items()}
    healthy = all(state == "ok" for state in checks.values())
    body = {"status": "ok" if healthy else "unavailable", "checks": checks}
    return JsonResponse(body, status=200 if healthy else 503)


def _state(check: Callable[[], None]) -> str:
    try:
        check()
    except (DatabaseError, RedisError, OSError) as error:
        return type(error).__name__
    return "ok"


def _check_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_migrations")


def _check_broker() -> None:
    cache.get("health")


CHECKS: dict[str, Callable[[], None]] = {"database": _check_database, "broker": _check_broker}
