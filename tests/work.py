"""Jobs that tests ask for: each has one effect, a row, and may die on the way to it.

`register` is called in the processes a test starts (celery's ``--include=tests.work_kinds``), never
in the test's own, where the gates count what the portal itself registers.
"""

import os
import signal
import subprocess
import sys
import time

from django.db import connection

from portal.core.jobs.kinds import JobKind, register
from portal.core.jobs.running import RunningJob

EFFECT = JobKind("tests.effect", queue="default", max_attempts=3)
SYNC = JobKind("tests.sync", queue="sync", max_attempts=3)
MONEY = JobKind("tests.money", queue="money", max_attempts=3)
UNKNOWN = JobKind("tests.of_the_next_release", queue="default", max_attempts=3)
KINDS = (EFFECT, SYNC, MONEY)
TABLE = "tests_effect"


def work(running: RunningJob) -> None:
    """Do what the payload says (``seconds``, ``dies``), then have the effect once."""
    if running.job.done:
        return
    _die(running.job.payload.get("dies", ""))
    time.sleep(running.job.payload.get("seconds", 0))
    with running.step(done=1, total=1), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {TABLE} (job, reseller_id) VALUES (%s, %s)",
            [running.job.pk, running.job.reseller_id],
        )


def _die(how: str) -> None:
    if how == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif how == "memory":
        raise MemoryError
    elif how == "exit":
        sys.exit(1)
    elif how == "fork":
        subprocess.Popen(["sleep", "1"])
        raise RuntimeError("forked")
    elif how == "leak":
        _ = bytearray(1_000_000_000)
        raise MemoryError
    elif how == "deaf":
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                time.sleep(1)
            except Exception:  # noqa: BLE001  (the soft limit, ignored on purpose)
                continue


def register_all() -> None:
    """Let this process do the kinds above, but for the one it is too old for."""
    for kind in KINDS:
        register(kind, work)
