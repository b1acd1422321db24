"""Dying, stalling and going deaf at a named place: what tests do at a failpoint.

A process that runs under `tests.armed` reads one variable, ``TENANTRY_FAULT``, of the form
``name=action@n``: at the n-th time (first where none is given) the process comes past failpoint
``name`` it does ``action``, once: the line it writes to ``TENANTRY_FAULT_LOG`` before keeps the
process that takes its place from doing it again, and tells the test that the fault was injected.
"""

import os
import signal
import socket
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from django.db import connection

from portal.core import failpoints

PLAN, LOG = "TENANTRY_FAULT", "TENANTRY_FAULT_LOG"


class PlannedError(RuntimeError):
    """What ``raise`` raises."""


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _stall() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def _cut() -> None:
    """End the database's side of this connection, as a dropped network would."""
    if connection.connection is not None:
        with socket.socket(fileno=os.dup(connection.connection.fileno())) as wire:
            wire.shutdown(socket.SHUT_RDWR)


def _raise() -> None:
    raise PlannedError("as planned")


def _hang() -> None:
    time.sleep(3600)


ACTIONS: dict[str, Callable[[], None]] = {
    "kill": _kill,
    "stall": _stall,
    "cut": _cut,
    "raise": _raise,
    "hang": _hang,
}


def arm() -> None:
    """Make this process, and what it forks, do what the environment plans."""
    plan = os.environ.get(PLAN)
    if not plan:
        return
    name, _, rest = plan.partition("=")
    action, _, nth = rest.partition("@")
    passed: Counter[str] = Counter()
    log = Path(os.environ[LOG])

    def reached(point: str) -> None:
        passed[point] += 1
        if point == name and passed[point] == int(nth or 1) and name not in injected(log):
            with log.open("a", encoding="utf-8") as lines:
                lines.write(f"{point} {action}\n")
            ACTIONS[action]()

    failpoints.reached = reached


def injected(log: Path) -> list[str]:
    """Return the names of the failpoints that were hit, in order."""
    return [line.split()[0] for line in log.read_text().splitlines()] if log.exists() else []
