"""A program the supervisor keeps running, and how to start one with its output in a log."""

import os
import re
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from portal.demo.errors import DemoError
from portal.demo.private_files import PRIVATE
from portal.demo.servers import RunningServer

PROJECT: Final = Path(__file__).resolve().parents[2]
_LOG_LIMIT_BYTES = 8 * 1024 * 1024
_TAIL_BYTES = 16 * 1024
_PASSWORD_IN_ADDRESS = re.compile(r"(://[^:/@\s]*:)[^@/\s]+(@)")


@dataclass(frozen=True, slots=True)
class Program:
    """Something to keep running.

    `spawn` starts it as the leader of a process group of its own. Programs stop in the order of
    `stop_rank`, lowest first, those of one rank together.
    """

    name: str
    log: Path
    spawn: Callable[[], subprocess.Popen[bytes]]
    stop_rank: int
    stop_signal: signal.Signals = signal.SIGTERM
    on_stopped: Callable[[], None] = lambda: None


def command_program(
    name: str,
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    log: Path,
    stop_rank: int,
) -> Program:
    """Describe a program that is started by a command in the project's folder."""
    return Program(
        name=name,
        log=log,
        spawn=lambda: spawn(command, environment=environment, log=log),
        stop_rank=stop_rank,
    )


def server_program(
    server: RunningServer, start: Callable[[], RunningServer], *, stop_rank: int
) -> Program:
    """Describe an embedded server that runs already and is to be started again should it die.

    Its clients know it by its address, so a server that comes back on another port is given up with
    a DemoError rather than left to confuse them.
    """
    current = [server]

    def respawn() -> subprocess.Popen[bytes]:
        if not current[0].is_running():
            current[0].stop()  # gives the folder back
            current[0] = start()
        if current[0].url != server.url:
            raise DemoError(
                f"{server.name} died and its port {server.port} was taken by another program. "
                "Start the demo again."
            )
        return current[0].process

    return Program(
        name=server.name,
        log=server.folder.log,
        spawn=respawn,
        stop_rank=stop_rank,
        stop_signal=server.stop_signals[0],
        on_stopped=lambda: current[0].stop(),
    )


def spawn(
    command: Sequence[str], *, environment: Mapping[str, str], log: Path
) -> subprocess.Popen[bytes]:
    """Start a command in a process group of its own with its output appended to a log."""
    if log.exists() and log.stat().st_size > _LOG_LIMIT_BYTES:
        log.rename(log.with_suffix(".1.log"))
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, PRIVATE)
    try:
        return subprocess.Popen(  # noqa: S603
            list(command),
            cwd=PROJECT,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=0o077,  # credentials, mail and the simulator's keys are the owner's business
        )
    finally:
        os.close(output)


def log_tail(log: Path, lines: int = 15) -> str:
    """Return the last lines of a log, indented, with passwords in addresses masked."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
            text = file.read().decode(errors="replace")
    except FileNotFoundError:
        text = ""
    text = _PASSWORD_IN_ADDRESS.sub(r"\1***\2", text)
    return "\n".join(f"    {line}" for line in text.strip().splitlines()[-lines:]) or "    (empty)"
