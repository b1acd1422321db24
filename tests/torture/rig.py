"""A whole portal beside a test: real processes that can be killed, and the oracles at the end.

The rig uses the test's own database and, for tests that empty or kill the broker, a Valkey of its
own. What a test injects and asks for is counted, so that a run can say: so many faults, so many
operations, none lost, none doubled, nothing leaked.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID

import psutil
from django.db import transaction

from portal.core.access import acting
from portal.core.jobs import operations
from portal.core.jobs.kinds import QUEUES, JobKind
from portal.core.jobs.models import Job
from tests import faults, work
from tests.database import PROJECT, administrator
from tests.environment import DATABASE
from tests.factories.core import Person
from tests.procs import READY_SECONDS, free_port

SECRETS = {
    "PORTAL_SECRET_KEY": "SECRET-CANARY-" + "k" * 40,
    "PORTAL_AUDIT_KEY": "SECRET-CANARY-" + "a" * 40,
}
LEASE_SECONDS = 4
Env = Mapping[str, str]
NOTHING: Env = MappingProxyType({})


@dataclass(slots=True)
class Program:
    """A running program, the leader of a process group of its own."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    again: Callable[[], "Program"]
    """Starts it once more, as its supervisor would."""
    url: str = ""
    succeeded: bool = False
    """Whether another has taken its place."""

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def said(self) -> str:
        """Return everything the program has written."""
        return self.log.read_text(errors="replace")

    def children(self) -> list[int]:
        """Return the ids of the processes it has started, such as a worker's pool."""
        try:
            return [child.pid for child in psutil.Process(self.process.pid).children()]
        except psutil.NoSuchProcess:
            return []

    def kill(self) -> None:
        """Kill it with all its children, at once."""
        self._signal(signal.SIGKILL)
        self.process.wait(10)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the program alone."""
        self.process.send_signal(number)

    def stop(self, seconds: float = 45) -> int:
        """Ask it to stop as a supervisor would; kill it when it does not. Return its status."""
        if self.is_running:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return self.process.wait(10)

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return


@dataclass(slots=True)
class Tally:
    """What a test did and what came of it; summed over the run and printed at its end."""

    faults: int = 0
    operations: int = 0
    lost: int = 0
    doubled: int = 0
    leaked: int = 0


@dataclass(slots=True)
class Rig:
    """Starts the programs of a portal and knows how to harm them."""

    folder: Path
    people: list[Person]
    stack: ExitStack
    env: dict[str, str] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    programs: list[Program] = field(default_factory=list)

    # --- programs ---

    def web(self, *, threads: int = 4, env: Env = NOTHING) -> Program:
        """Start gunicorn as the Dockerfile does, and wait until it is ready."""
        port = free_port()
        arguments = [
            "gunicorn",
            "portal.wsgi",
            f"--bind=127.0.0.1:{port}",
            "--workers=2",
            f"--threads={threads}",
        ]
        program = self.start(
            "web", arguments, ready=lambda said: said.count("Booting worker") >= 2, env=env
        )
        program.url = f"http://127.0.0.1:{port}"
        return program

    def worker(
        self,
        *,
        queues: Iterable[str] = QUEUES,
        concurrency: int = 2,
        wait: bool = True,
        env: Env = NOTHING,
    ) -> Program:
        """Start a Celery worker that knows the tests' kinds of work too."""
        arguments = [
            *("celery", "--app=portal", "--skip-checks", "worker", f"--queues={','.join(queues)}"),
            f"--concurrency={concurrency}",
            "--include=tests.work_kinds",
            "--loglevel=INFO",
            f"--hostname=w{len(self.programs)}@%h",
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ]
        ready = (lambda said: " ready." in said) if wait else (lambda said: True)
        return self.start("worker", arguments, ready=ready, env=env)

    def relay(self, env: Env = NOTHING) -> Program:
        """Start the relay with short rounds."""
        arguments = ["manage.py", "relay", "--interval=0.2"]
        return self.start("relay", arguments, ready=lambda said: True, env=env)

    def beat(self, env: Env = NOTHING) -> Program:
        """Start a beat, with a schedule file of its own."""
        schedule = self.folder / f"beat-{len(self.programs)}"
        arguments = [
            *("celery", "--app=portal", "--skip-checks", "beat", "--loglevel=INFO"),
            f"--schedule={schedule}",
            "--pidfile=",
        ]
        return self.start("beat", arguments, ready=lambda said: "beat: Starting" in said, env=env)

    def start(
        self,
        name: str,
        arguments: list[str],
        *,
        ready: Callable[[str], bool],
        env: Env = NOTHING,
    ) -> Program:
        """Start a program under `tests.armed` and wait until it says it is ready."""
        log = self.folder / f"{name}-{len(self.programs)}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.armed", *arguments],
                cwd=PROJECT,
                env=os.environ | SECRETS | self.env | {"PYTHONWARNINGS": "ignore", **env},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        again = partial(self.start, name, arguments, ready=ready, env=env)
        program = Program(name, process, log, again)
        self.programs.append(program)
        wait_until(lambda: ready(program.said()) or not program.is_running, READY_SECONDS)
        return program

    def revive(self) -> int:
        """Start again what ended itself to be started again; return how many that were."""
        ended = [
            it for it in self.programs if it.process.poll() == os.EX_TEMPFAIL and not it.succeeded
        ]
        for program in ended:
            program.succeeded = True
            program.again()
        return len(ended)

    def stop_all(self) -> None:
        """Stop every program, all at once."""
        for program in self.programs:
            if program.is_running:
                program.process.send_signal(signal.SIGCONT)
                program.kill()

    # --- faults ---

    def fault(self, plan: str) -> dict[str, str]:
        """Return the environment in which a program meets a planned fault (`tests.faults`)."""
        return {faults.PLAN: plan, faults.LOG: str(self.folder / "faults.log")}

    def injected(self) -> list[str]:
        """Return the failpoints that were hit so far."""
        return faults.injected(self.folder / "faults.log")

    # --- work ---

    def ask(
        self,
        number: int = 1,
        *,
        kind: JobKind = work.EFFECT,
        person: Person | None = None,
        **payload: Any,
    ) -> list[UUID]:
        """Ask for so many jobs, of the rig's people in turn or of one."""
        asked = []
        for index in range(number):
            asker = person or self.people[index % len(self.people)]
            with acting(asker.actor), transaction.atomic():
                title = f"Work for {asker.actor.label}"
                job = operations.enqueue(kind, actor=asker.actor, title=title, payload=payload)
            asked.append(job.pk)
        self.tally.operations += number
        return asked

    def states(self, jobs: Iterable[UUID]) -> dict[str, int]:
        """Return how many of the jobs are in which state."""
        return dict(
            self.sql(
                "SELECT state, count(*) FROM core_job WHERE id = ANY (%s::uuid[]) GROUP BY state",
                [str(job) for job in jobs],
            )
        )

    def wait_for(self, jobs: Iterable[UUID], seconds: float = 120) -> dict[str, int]:
        """Wait until none of the jobs is open, and return their states."""
        jobs = list(jobs)
        wait_until(lambda: not {*self.states(jobs)} & {*Job.OPEN}, seconds, strict=False)
        return self.states(jobs)

    def effects(self, jobs: Iterable[UUID]) -> dict[str, int]:
        """Return how often each of the jobs had its effect; those without one are left out."""
        return dict(
            self.sql(
                f"SELECT job::text, count(*) FROM {work.TABLE} WHERE job = ANY (%s::uuid[])"
                " GROUP BY job",
                [str(job) for job in jobs],
            )
        )

    @staticmethod
    def sql(statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run a statement as the server's administrator and return its rows."""
        with administrator(DATABASE) as database, database.cursor() as cursor:
            cursor.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []


def wait_until(condition: Callable[[], bool], seconds: float = 30, *, strict: bool = True) -> bool:
    """Look until a condition holds; when it never does fail, or return False if not ``strict``."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            if strict:
                raise AssertionError(f"waited {seconds} s in vain")
            return False
        time.sleep(0.05)
    return True
