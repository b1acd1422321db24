"""Health: what each thing that can be wrong makes of the answer, and that it tells nothing more."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import OperationalError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from portal.core.access import acting, system_actor
from portal.core.identity.models import Reseller
from portal.core.identity.suspension import suspend_reseller
from portal.core.jobs.heartbeat import RELAY, beat, last_beat
from portal.core.jobs.models import Job
from portal.web import health
from tests.database import administrator
from tests.environment import DATABASE
from tests.factories.core import make_reseller

pytestmark = pytest.mark.django_db(transaction=True)

NOWHERE = "redis://127.0.0.1:1/0"


def ask() -> tuple[int, str, dict[str, str]]:
    """Return status code, status, and what is wrong."""
    answer = Client().get("/health/ready/")
    body: dict[str, Any] = answer.json()
    wrong = {name: said for name, said in body["checks"].items() if said != "ok"}
    return answer.status_code, body["status"], wrong


@pytest.fixture(autouse=True)
def relay_ran() -> None:
    beat(RELAY)


def waiting_job(*, minutes: int) -> Reseller:
    """Add a job that has been due for so long, and return whose it is."""
    reseller = make_reseller(name="Canary Cloud")
    due = timezone.now() - timedelta(minutes=minutes)
    with acting(system_actor(reseller.pk, "tests")), transaction.atomic():
        Job.objects.create(
            reseller_id=reseller.pk, kind="tests.work", queue="sync", title="canary", due_at=due
        )
    return reseller


def age_heartbeat(seconds: int) -> None:
    with administrator(DATABASE) as database, database.cursor() as cursor:
        cursor.execute(
            "UPDATE core_heartbeat SET at = now() - make_interval(secs => %s)", [seconds]
        )


def test_all_is_well() -> None:
    assert ask() == (200, "ok", {})


def test_a_database_that_is_away_makes_the_portal_unavailable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("password=canary-secret host=db.internal")

    monkeypatch.setattr("django.db.backends.base.base.BaseDatabaseWrapper.cursor", fail)
    status, said, wrong = ask()
    assert (status, said) == (503, "unavailable")
    assert {"database", "schema", "relay", "due", "clock"} == set(wrong)
    assert set(wrong.values()) == {"does not answer"}


def test_a_migration_that_is_not_applied_makes_the_portal_unavailable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours = health._migrations()
    monkeypatch.setattr(health, "_migrations", lambda: ours | {("core", "9999_tomorrow")})
    assert ask() == (503, "unavailable", {"schema": "1 migrations are not applied"})


def test_a_broker_that_is_away_degrades(settings: Settings) -> None:
    settings.CELERY_BROKER_URL = NOWHERE
    assert ask() == (200, "degraded", {"broker": "does not answer"})


def test_a_cache_that_is_away_degrades(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(type(cache._connections["default"]), "get", fail)  # type: ignore[attr-defined]
    assert ask() == (200, "degraded", {"cache": "does not answer"})


def test_a_relay_that_stopped_or_never_ran_degrades() -> None:
    age_heartbeat(90)
    assert ask() == (200, "degraded", {"relay": "last ran 90 seconds ago"})
    with administrator(DATABASE) as database, database.cursor() as cursor:
        cursor.execute("DELETE FROM core_heartbeat")
    assert last_beat(RELAY) is None
    assert ask() == (200, "degraded", {"relay": "has never run"})


def test_a_job_that_nobody_takes_degrades_after_the_alarm(settings: Settings) -> None:
    waiting_job(minutes=4)
    assert ask() == (200, "ok", {})
    settings.DUE_ALARM_SECONDS = 60
    status, said, wrong = ask()
    assert (status, said, set(wrong)) == (200, "degraded", {"due"})
    assert "waited for a worker for 24" in wrong["due"]


@pytest.mark.parametrize("held", ["suspended", "read-only", "not due"])
def test_a_job_that_is_meant_to_wait_alarms_nobody(held: str, settings: Settings) -> None:
    reseller = waiting_job(minutes=-10 if held == "not due" else 60)
    if held == "suspended":
        suspend_reseller(reseller, reason="Unpaid.")
    settings.READ_ONLY = held == "read-only"
    assert ask() == (200, "ok", {})


def test_a_clock_that_is_wrong_degrades(monkeypatch: pytest.MonkeyPatch) -> None:
    real = time.time
    monkeypatch.setattr("time.time", lambda: real() + 47)
    status, said, wrong = ask()
    assert (status, said) == (200, "degraded")
    assert wrong["clock"] in ("47 seconds apart from the database's",)


def test_nothing_of_a_reseller_or_of_the_installation_is_told(
    settings: Settings, record_property: Callable[[str, object], None]
) -> None:
    waiting_job(minutes=60)
    settings.CELERY_BROKER_URL = NOWHERE
    text = Client().get("/health/ready/").content.decode().lower()
    found = [word for word in ("canary", "127.0.0.1", "redis", "app_web", "error") if word in text]
    record_property("figure", f"health: {len(found)} words that strangers should not read")
    assert found == []
