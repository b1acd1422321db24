"""Dying, stalling and going deaf at a named place: what tests do at a failpoint.

A process that runs under `tests.armed` reads one variable, ``TENANTRY_FAULT``, of the form
``name=action@n``: at the n-th time (first where none is given) the process comes past failpoint
``name`` it does ``action``, once: the line it writes to ``TENANTRY_FAULT_LOG`` before keeps the
process that takes its place from doing it again, and tells the test that the fault was injected.

Faults can be planned for single jobs too, while the processes run: a file in the folder named by
``TENANTRY_FAULTS``, called ``job~name~action~n`` (`plan`). Whoever meets it renames it before it
acts, so that it is met once, and writes its process id into it.
"""

import os
import signal
import socket
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import time_machine
from celery import current_task
from django.db import connection
from structlog.contextvars import get_contextvars

from portal.core import failpoints
from portal.core.jobs.ringing import ring

PLAN, LOG, FOLDER = "TENANTRY_FAULT", "TENANTRY_FAULT_LOG", "TENANTRY_FAULTS"
ANY = "any"
"""In place of a job: whichever comes first."""
MET = ".met"
CLOCK_OFF = timedelta(hours=2)
_clock: list[time_machine.travel] = []


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


def _set_clock(off: timedelta) -> None:
    """Let this process's clock be wrong from now on; the database's stays what it is."""
    while _clock:
        _clock.pop().stop()
    _clock.append(time_machine.travel(datetime.now(UTC) + off, tick=True))
    _clock[-1].start()


def _again() -> None:
    """Deliver the message of the job that is running a second time."""
    ring(UUID(_job()), "money")


ACTIONS: dict[str, Callable[[], None]] = {
    "kill": _kill,
    "stall": _stall,
    "cut": _cut,
    "raise": _raise,
    "hang": _hang,
    "ahead": lambda: _set_clock(CLOCK_OFF),
    "behind": lambda: _set_clock(-CLOCK_OFF),
    "again": _again,
}


@dataclass(frozen=True, slots=True)
class Met:
    """A planned fault that was met, and by which process."""

    job: str
    point: str
    action: str
    process: int


def plan(folder: Path, job: object, point: str, action: str, nth: int = 1) -> None:
    """Plan a fault for the n-th time that a job, or `ANY`, comes past a failpoint."""
    (folder / f"{job}~{point}~{action}~{nth}").touch()


def planned_and_met(folder: Path) -> list[Met]:
    """Return the planned faults of a folder that were met by now."""
    found = []
    for path in folder.glob(f"*{MET}"):
        # Between the renaming and the writing of its number it is as good as not met.
        if text := path.read_text():
            job, point, action, _nth = path.name.removesuffix(MET).split("~")
            found.append(Met(job, point, action, int(text)))
    return found


def arm() -> None:
    """Make this process, and what it forks, do what the environment plans."""
    if folder := os.environ.get(FOLDER):
        _arm_for_jobs(Path(folder))
    elif os.environ.get(PLAN):
        _arm_once(os.environ[PLAN])


def _arm_for_jobs(folder: Path) -> None:
    passed: Counter[tuple[str, str]] = Counter()

    def reached(point: str) -> None:
        for job in (_job(), ANY):
            passed[job, point] += 1
            for path in folder.glob(f"{job}~{point}~*"):
                if not path.name.endswith(MET):
                    _meet(path, passed[job, point])

    failpoints.reached = reached


def _job() -> str:
    """Return the id of the job that is running, or that a message has just named."""
    if "job" in (bound := get_contextvars()):
        return str(bound["job"])
    return str(current_task.request.args[0]) if current_task and current_task.request.args else ""


def _meet(path: Path, passed: int) -> None:
    _job, _point, action, nth = path.name.split("~")
    if passed < int(nth):
        return
    met = path.with_name(f"{path.name}{MET}")
    try:
        path.rename(met)
    except FileNotFoundError:
        return  # another process met it first
    met.write_text(str(os.getpid()))
    ACTIONS[action]()


def _arm_once(plan: str) -> None:
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
