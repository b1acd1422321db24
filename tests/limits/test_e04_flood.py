"""E04: a flood of unsigned events holds nobody up and stays where it came in.

How many certificates a flood of forged ones downloads is counted where events are taken in
(tests/tenants/notifications).
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from django.db import transaction

from portal.core.access import acting, system_actor
from portal.core.jobs.models import Job
from tenants.notifications.models import ReceivedEvent
from tests.database import PROJECT
from tests.factories.core import make_person, make_reseller
from tests.limits.web import web

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

RATE = 500
SECONDS = float(os.environ.get("TENANTRY_FLOOD_SECONDS", "3"))
"""The acceptance test floods for 30."""
GROWTH_KIB = 48 * 1024


def test_e04_500_unsigned_events_a_second_keep_nobody_waiting(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    reseller = make_reseller()
    headers = {"Authorization": f"Bearer {make_person(reseller).token()}"}
    with web(tmp_path) as running:

        def normal(stop: Callable[[], bool]) -> tuple[set[int], float]:
            statuses: set[int] = set()
            seconds: list[float] = []
            while not stop() or len(seconds) < 100:
                began = time.perf_counter()
                answer = requests.get(f"{running.url}/api/v1/me/", headers=headers, timeout=20)
                seconds.append(time.perf_counter() - began)
                statuses.add(answer.status_code)
            return statuses, sorted(seconds)[int(len(seconds) * 0.99)]

        normal(lambda: True)
        quiet_statuses, quiet = normal(lambda: True)
        before = running.resident_kib()
        path = "/webhooks/partner-center/0123456789abcdef/"
        flood = [sys.executable, "-m", "tests.limits.flood", str(running.port), path]
        with subprocess.Popen(
            [*flood, str(RATE), str(SECONDS)], cwd=PROJECT, stdout=subprocess.PIPE
        ) as flooding:
            busy_statuses, busy = normal(lambda: flooding.poll() is not None)
            assert flooding.stdout is not None
            answered = json.loads(flooding.stdout.read())
        grown = running.resident_kib() - before
    asked = sum(answered.values())
    record_property(
        "figure",
        f"E04: {asked} unsigned events in {SECONDS:.0f} s refused ({answered}), p99 of others"
        f" {busy / quiet:.2f} times quiet, {grown} KiB more",
    )
    assert set(answered) <= {"401", "429"}
    assert asked > RATE * SECONDS * 0.2
    assert quiet_statuses == busy_statuses == {200}
    assert grown < GROWTH_KIB
    actor = system_actor(reseller.pk, "tests")
    with acting(actor), transaction.atomic():
        assert not ReceivedEvent.objects.visible_to(actor).exists()
        assert not Job.objects.visible_to(actor).exists()
