"""Start one server program, wait until it answers, and know how to stop it.

The port is the part that can fail through no fault of ours (somebody else takes it between choosing
and listening), so a start whose log says so is tried again on another; every other failure ends
with the log's own words and a cause in plain ones.
"""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from portal.demo.errors import DemoError
from portal.demo.private_files import PRIVATE
from portal.demo.servers.folder import (
    FolderLock,
    ServerFolder,
    free_port,
    remove_server_folder,
)

_STARTING_SECONDS = 90  # crash recovery of a large database takes longer than a plain start
_POLL_SECONDS = 0.02
_PORT_TRIES = 5
_LOG_TAIL_LINES = 8
_PORT_TAKEN = re.compile(r"Address already in use|could not bind", re.IGNORECASE)
_CAUSES: Final = (
    (r"No space left on device", "the disk is full"),
    (r"Read-only file system", "the file system is read-only"),
    (r"database files are incompatible", "the data was made by another version"),
    (
        r"Cannot allocate memory|could not map anonymous shared memory",
        "there is too little memory",
    ),
    (r"Permission denied", "the server's user may not open a file or folder"),
    (
        r"Address already in use|could not bind",
        "other programs keep taking the ports it tries",
    ),
)


@dataclass(frozen=True, slots=True)
class Watch:
    """What a caller wants to know and say while a server starts.

    `spawned` is told the process id as soon as there is one, before the server answers, and `ended`
    when that process came to nothing; `wanted` is asked all the while, False gives the start up.
    """

    spawned: Callable[[int], None] = field(default=lambda pid: None)
    ended: Callable[[int], None] = field(default=lambda pid: None)
    wanted: Callable[[], bool] = field(default=lambda: True)


UNWATCHED: Final = Watch()


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that answers; `url` holds its administrator's password."""

    name: str
    url: str
    port: int
    folder: ServerFolder
    process: subprocess.Popen[bytes]
    lock: FolderLock
    stop_signals: tuple[signal.Signals, ...]

    @property
    def pid(self) -> int:
        return self.process.pid

    def is_running(self) -> bool:
        """Tell whether the server's main process is alive."""
        return self.process.poll() is None

    def stop(self, patience: float = 4.0) -> None:
        """Stop the server, more firmly every `patience` seconds; stopping twice does no harm."""
        for number in (*self.stop_signals, signal.SIGKILL):
            if not self.is_running():
                break
            self.process.send_signal(number)
            try:
                self.process.wait(patience)
            except subprocess.TimeoutExpired:
                continue
        self.lock.release()

    def remove(self) -> None:
        """Stop the server and delete its data, log and password."""
        self.stop()
        remove_server_folder(self.folder)


def launch(
    name: str,
    folder: ServerFolder,
    *,
    command: Callable[[int], list[str]],
    answers: Callable[[int], bool],
    watch: Watch,
    standard_input: bytes = b"",
) -> tuple[subprocess.Popen[bytes], int]:
    """Start a program on the remembered port or a free one; return it and the port once it answers.

    `command` and `answers` are given the port. Raises DemoError when it ends or never answers; then
    no process is left.
    """
    said = ""
    for attempt in range(_PORT_TRIES):
        port = (folder.remembered_port() if attempt == 0 else None) or free_port()
        start_of_log = folder.log.stat().st_size if folder.log.exists() else 0
        process = _spawn(folder, command(port), standard_input)
        try:
            watch.spawned(process.pid)
            up = _wait_for_answer(process, watch, partial(answers, port))
        except BaseException:
            _kill(process)
            raise
        if up:
            folder.remember_port(port)
            return process, port
        _kill(process)
        watch.ended(process.pid)
        said = _read_log(folder, start_of_log)
        if not _PORT_TAKEN.search(said):
            break
    raise DemoError(explained(name, folder, said))


def server_environment() -> dict[str, str]:
    """Return the environment for server programs: none of the caller's PG* or locale settings."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def explained(name: str, folder: ServerFolder, said: str) -> str:
    """Turn a failed program's output into a sentence with the cause, followed by its last lines."""
    cause = next((text for pattern, text in _CAUSES if re.search(pattern, said)), None)
    because = f": {cause}" if cause else ""
    tail = "\n".join(f"    {line}" for line in said.strip().splitlines()[-_LOG_TAIL_LINES:])
    return f"{name} did not start in {folder.place}{because}. It said:\n{tail or '    (nothing)'}"


def _spawn(
    folder: ServerFolder, command: list[str], standard_input: bytes
) -> subprocess.Popen[bytes]:
    log = os.open(folder.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, PRIVATE)
    try:
        process = subprocess.Popen(  # noqa: S603
            command,
            cwd="/",
            env=server_environment(),
            stdin=subprocess.PIPE if standard_input else subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # Ctrl-C goes to the whole terminal group; servers are stopped by us, last and in order.
            start_new_session=True,
            **folder.account.credentials(),
        )
    finally:
        os.close(log)
    if process.stdin is not None:
        # A few hundred bytes: they fit the pipe, so this cannot block on a program that is stuck.
        with process.stdin as pipe:
            pipe.write(standard_input)
    return process


def _wait_for_answer(
    process: subprocess.Popen[bytes], watch: Watch, answers: Callable[[], bool]
) -> bool:
    deadline = time.monotonic() + _STARTING_SECONDS
    while process.poll() is None and watch.wanted() and time.monotonic() < deadline:
        # Another program may answer on the port; only while ours lives can the answer be its own.
        if answers() and process.poll() is None:
            return True
        time.sleep(_POLL_SECONDS)
    return False


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.kill()
        process.wait()


def _read_log(folder: ServerFolder, start: int) -> str:
    with folder.log.open("rb") as log:
        log.seek(start)
        return log.read().decode(errors="replace")
