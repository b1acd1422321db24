"""The portal's web server as a process of its own, as an installation runs it."""

import os
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import procs


@dataclass(frozen=True, slots=True)
class RunningWeb:
    """Where it answers, and its processes."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def workers(self) -> list[int]:
        """Return the process ids of gunicorn's workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(text) for text in children.read_text().split()]

    def resident_kib(self) -> int:
        """Return the memory of all workers together, in KiB."""
        lines = (
            line
            for pid in self.workers()
            for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        )
        return sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


@contextmanager
def web(
    folder: Path, env: Mapping[str, str] | None = None, arguments: tuple[str, ...] = ()
) -> Iterator[RunningWeb]:
    """Run gunicorn on a free port with the project's own settings file."""
    port = procs.free_port()
    command = ["-m", "gunicorn", "portal.wsgi", f"--bind=127.0.0.1:{port}", *arguments]

    def ready(_said: str) -> bool:
        try:
            return get(f"http://127.0.0.1:{port}/health/live/")[0] == 200
        except OSError:
            return False

    with procs.running(
        command,
        log=folder / "web.log",
        ready=ready,
        env={"PYTHONWARNINGS": "ignore", **os.environ, **(env or {})},
    ) as process:
        yield RunningWeb(port, process)


def get(
    address: str, *, headers: Mapping[str, str] | None = None, timeout: float = 30
) -> tuple[int, dict[str, str], str]:
    """Read an address over HTTP: status, headers, text; a refusal is an answer too."""
    request = urllib.request.Request(address, headers=dict(headers or {}))
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status, dict(answer.headers), answer.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as refused:
        return refused.code, dict(refused.headers), refused.read().decode("utf-8", "replace")
