"""Real processes beside a test: the simulator on a port, a worker, the relay.

They see the same database and broker as the test, because both are named in the environment. Each
is stopped with its whole group, and what it said is shown when it does not become ready.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.database import PROJECT

READY_SECONDS = 60
QUEUES = "money,sync,invoice,mail,default"


@dataclass(frozen=True, slots=True)
class RunningSimulator:
    """Where a simulator answers, in http and https alike, and the certificate that says so."""

    port: int
    certificate: Path

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"


def free_port() -> int:
    """Return a loopback port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(
    arguments: list[str],
    *,
    log: Path,
    ready: Callable[[str], bool],
    env: dict[str, str] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a program, wait until ``ready`` likes what it said, and end its whole group after."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=PROJECT,
            env=os.environ | (env or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + READY_SECONDS
        while not ready(log.read_text(errors="replace")):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{arguments} did not start:\n{log.read_text(errors='replace')}")
            time.sleep(0.05)
        yield process
    finally:
        _end(process)


@contextmanager
def simulator(world: str, state: Path) -> Iterator[RunningSimulator]:
    """Run the simulator of a world on a free port."""
    port = free_port()
    state.mkdir(parents=True, exist_ok=True)
    arguments = ["manage.py", "partnercenter_simulator", "--port", str(port), "--world", world]
    with running(
        [*arguments, "--state", str(state)],
        log=state / "simulator.log",
        ready=lambda said: "simulator ready" in said,
        env={"PYTHONWARNINGS": "ignore"},
    ):
        yield RunningSimulator(port, state / "certificates" / "ca.pem")


@contextmanager
def worker(folder: Path, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Run a Celery worker for every queue, and the relay beside it."""
    arguments = ["-m", "celery", "-A", "portal", "worker", "-Q", QUEUES, "-c", "1", "-l", "INFO"]
    environment = {"PYTHONWARNINGS": "ignore"} | (env or {})
    with (
        running(
            arguments,
            log=folder / "worker.log",
            ready=lambda said: "ready" in said,
            env=environment,
        ) as process,
        running(
            ["manage.py", "relay", "--interval", "0.5"],
            log=folder / "relay.log",
            ready=lambda _said: True,
            env=environment,
        ),
    ):
        yield process


def _end(process: subprocess.Popen[bytes]) -> None:
    for name in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, name)
        except ProcessLookupError:
            break
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            continue
    process.wait(timeout=10)
