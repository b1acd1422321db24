"""The PostgreSQL and Valkey of a test run: started once, shared by all its processes, always gone.

The servers are children of a *keeper* process, not of pytest. Every test process holds a shared
lock on one file, and the keeper waits for the exclusive lock: it gets it when the last of them has
ended, whether it finished, crashed or was killed, because the kernel gives locks back. So nothing
depends on an exit hook, and workers may come and go. `DATABASE_URL` (an administrator's) and
`REDIS_URL`, when set, are used instead.
"""

import atexit
import fcntl
import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from portal.demo.private_files import write_private
from portal.demo.servers import start_postgres, start_valkey
from portal.demo.servers.account import ENTER_ONLY, OWNER_ONLY, make_folder

_PROJECT = Path(__file__).resolve().parents[1]
_RUN_VARIABLE = "TENANTRY_TEST_RUN"
# The answer, for workers: by then DATABASE_URL and REDIS_URL are those of the portal under test.
_RESOLVED_VARIABLE = "TENANTRY_TEST_SERVERS"
_STARTING_SECONDS = 180
_STOPPING_SECONDS = 20

# conftest.py imports this module in pytest's first process before any worker is made, so all
# workers inherit its name for the run and meet in one folder.
_first_process = _RUN_VARIABLE not in os.environ
os.environ.setdefault(_RUN_VARIABLE, uuid.uuid4().hex)
_held: list[int] = []  # descriptors with the shared lock, open until this process ends
_keepers: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True, slots=True)
class Servers:
    """Addresses of the run's servers; the database one is an administrator's."""

    admin_database_url: str
    redis_url: str


@functools.cache
def servers() -> Servers:
    """Return the run's servers, starting them when this process is the first to ask.

    Raises RuntimeError with the launcher's message when they do not start.
    """
    resolved = os.environ.get(_RESOLVED_VARIABLE)
    if resolved is None:
        database, broker = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
        resolved = json.dumps(
            {"admin_database_url": database, "redis_url": broker}
            if database and broker
            else _meet_at_keeper()
        )
        os.environ[_RESOLVED_VARIABLE] = resolved
    return Servers(**json.loads(resolved))


def _meet_at_keeper() -> dict[str, str]:
    """Return the addresses of the run's own servers, held for as long as this process lives."""
    folder = _run_folder()
    make_folder(folder, ENTER_ONLY if os.geteuid() == 0 else OWNER_ONLY)
    if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
        raise RuntimeError(f"{folder} was made by somebody else; remove it or set TMPDIR.")
    users = os.open(folder / "users", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(users, fcntl.LOCK_SH)
    _held.append(users)
    with (folder / "starting").open("w") as starting:
        fcntl.flock(starting, fcntl.LOCK_EX)
        addresses = folder / "addresses.json"
        if not addresses.exists():
            _start_keeper(folder, addresses)
    found: dict[str, str] = json.loads(addresses.read_text(encoding="utf-8"))
    return found


def _run_folder() -> Path:
    return Path(tempfile.gettempdir()) / f"tenantry-tests-{os.environ[_RUN_VARIABLE]}"


def _start_keeper(folder: Path, addresses: Path) -> None:
    with (folder / "keeper.log").open("wb") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "tests.servers", str(folder)],
            cwd=_PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=log,  # never pytest's own output: a reader at its end would wait for the keeper
            stderr=log,
            start_new_session=True,
        )
    _keepers.append(keeper)
    deadline = time.monotonic() + _STARTING_SECONDS
    while not addresses.exists():
        if keeper.poll() is not None or time.monotonic() > deadline:
            said = (folder / "keeper.log").read_text(encoding="utf-8", errors="replace").strip()
            keeper.kill()
            raise RuntimeError(f"The servers for the tests did not start.\n{said}")
        time.sleep(0.02)


def keep(folder: Path) -> None:
    """Run the servers below `folder` until no process holds its `users` file, then remove all."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with ExitStack() as running:
        running.callback(shutil.rmtree, folder, ignore_errors=True)
        database, broker = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
        if not database:
            postgres = start_postgres(folder, durable=False)
            running.callback(postgres.remove)
            database = postgres.url
        if not broker:
            valkey = start_valkey(folder, durable=False)
            running.callback(valkey.remove)
            broker = valkey.url
        addresses = {"admin_database_url": database, "redis_url": broker}
        write_private(folder / "addresses.json", json.dumps(addresses))
        users = os.open(folder / "users", os.O_RDWR)
        running.callback(os.close, users)
        fcntl.flock(users, fcntl.LOCK_EX)


def _wait_until_gone() -> None:
    """Let pytest's first process end only after the servers have: nothing runs on behind it."""
    while _held:
        os.close(_held.pop())
    deadline = time.monotonic() + _STOPPING_SECONDS
    while _run_folder().exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    for keeper in _keepers:
        keeper.wait(_STOPPING_SECONDS)


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
elif _first_process:
    atexit.register(_wait_until_gone)
