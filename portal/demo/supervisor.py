"""Keeps the demo's programs running and ends all of them together.

The supervisor has one thread and one loop: it looks at every program five times a second, starts a
dead one again after a growing pause, and gives everything up when one dies again and again, because
a half-running demo confuses more than a stopped one. Signals only set a flag; the loop acts on it,
so nothing is ever interrupted between starting a process and noting its number.
"""

import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from types import FrameType

from portal.demo.console import Console
from portal.demo.errors import DemoError, StopRequested
from portal.demo.guard import Guard, group_exists, signal_group
from portal.demo.programs import Program, log_tail, spawn
from portal.demo.recipe import make_wants_end
from portal.demo.servers import Watch

QUICK_DEATH_SECONDS = 10.0
QUICK_DEATHS_ALLOWED = 2
FIRST_PAUSE_SECONDS = 0.5
STOP_SECONDS = 8.0  # for everything; the promise at the terminal is 10
_RANK_PATIENCE_SECONDS = 4.0
_LOOK_SECONDS = 0.2
_STOPPING_LOOK_SECONDS = 0.02


@dataclass(slots=True)
class _Child:
    """A program and its present process; `due` is when a dead one is to be started again."""

    program: Program
    process: subprocess.Popen[bytes]
    began: float
    quick_deaths: int = 0
    due: float | None = None


class Supervisor:
    """Starts programs, watches over them, and stops them all; see the module's docstring."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._guard = Guard()
        self._children: list[_Child] = []
        self._stop_requested = False
        self._make_wants_end = make_wants_end()

    def take_signals(self) -> None:
        """Let Ctrl-C, a plain kill and a closed terminal ask for the end."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._request_stop)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # not started with nohup
            signal.signal(signal.SIGHUP, self._request_stop)

    def _request_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stop_requested = True

    def wanted(self) -> bool:
        """Tell whether the demo is to go on."""
        if self._make_wants_end():
            self._stop_requested = True
        return not self._stop_requested

    def server_watch(self, stop_signal: signal.Signals) -> Watch:
        """Return what a server's launcher needs to be guarded and given up from here."""

        def wanted() -> bool:
            self._console.tick()
            return self.wanted()

        return Watch(
            spawned=lambda pid: self._guard.add(pid, stop_signal),
            ended=self._guard.remove,
            wanted=wanted,
        )

    def run_step(
        self, command: Sequence[str], *, environment: Mapping[str, str], log: Path
    ) -> None:
        """Run a command to its end. Raises DemoError with its log's tail when it fails."""
        self._check()
        process = spawn(command, environment=environment, log=log)
        self._guard.add(process.pid, signal.SIGTERM)
        try:
            while process.poll() is None:
                self._look()
        finally:
            self._end_group(process)
        if process.returncode != 0:
            raise DemoError(
                f"`{' '.join(command[1:3])}` ended with status {process.returncode}. "
                f"The end of {log}:\n{log_tail(log)}"
            )

    def start(self, program: Program) -> None:
        """Start a program and keep it running from now on."""
        self._check()
        self.adopt(program, program.spawn())

    def adopt(self, program: Program, process: subprocess.Popen[bytes]) -> None:
        """Keep a program running that has been started already."""
        self._guard.add(process.pid, program.stop_signal)
        self._children.append(_Child(program, process, time.monotonic()))

    def wait_for(self, what: str, ready: Callable[[], bool], *, seconds: float, log: Path) -> None:
        """Wait until `ready()`. Raises DemoError after `seconds`, with the tail of a log."""
        deadline = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > deadline:
                raise DemoError(
                    f"{what} was not ready after {seconds:.0f} s. "
                    f"The end of {log}:\n{log_tail(log)}"
                )
            self._look()

    def watch_over(self) -> None:
        """Keep everything running until StopRequested, or DemoError when a program keeps dying."""
        while True:
            self._look()

    def stop_all(self) -> None:
        """Stop every program in its order, by force where asking does not help."""
        deadline = time.monotonic() + STOP_SECONDS
        by_rank = sorted(self._children, key=lambda child: child.program.stop_rank)
        ranks = [list(rank) for _, rank in groupby(by_rank, lambda child: child.program.stop_rank)]
        for position, children in enumerate(ranks):
            # Later ranks keep a share of the time: the database must not be the one cut short.
            share = (deadline - time.monotonic()) / max(1, len(ranks) - position - 1)
            self._stop_rank(children, patience=min(share, _RANK_PATIENCE_SECONDS))
        self._children.clear()
        self._guard.dismiss()

    def _stop_rank(self, children: list[_Child], *, patience: float) -> None:
        for child in children:
            if child.process.poll() is None:
                child.process.send_signal(child.program.stop_signal)
        deadline = time.monotonic() + max(patience, 0.5)
        while time.monotonic() < deadline:
            if all(child.process.poll() is not None for child in children):
                break
            time.sleep(_STOPPING_LOOK_SECONDS)
        for child in children:
            self._end_group(child.process)
            child.program.on_stopped()

    def _look(self) -> None:
        self._check()
        self._console.tick()
        for child in self._children:
            self._tend(child)
        time.sleep(_LOOK_SECONDS)

    def _check(self) -> None:
        if not self.wanted():
            raise StopRequested

    def _tend(self, child: _Child) -> None:
        now = time.monotonic()
        if child.due is not None:
            if now >= child.due:
                child.process = child.program.spawn()
                self._guard.add(child.process.pid, child.program.stop_signal)
                child.began, child.due = now, None
            return
        status = child.process.poll()
        if status is None:
            return
        self._end_group(child.process)
        lived = now - child.began
        child.quick_deaths = child.quick_deaths + 1 if lived < QUICK_DEATH_SECONDS else 0
        if child.quick_deaths > QUICK_DEATHS_ALLOWED:
            log = child.program.log
            raise DemoError(
                f"{child.program.name} ended {child.quick_deaths} times shortly after its start, "
                f"the last time with status {status}. The end of {log}:\n{log_tail(log)}"
            )
        pause = FIRST_PAUSE_SECONDS * 2**child.quick_deaths
        child.due = now + pause
        self._console.say(
            f"  {child.program.name} ended with status {status}; starting it again in {pause:.1f} s"
        )

    def _end_group(self, process: subprocess.Popen[bytes]) -> None:
        """Kill what is left of a process group, its leader's children included, and forget it."""
        if group_exists(process.pid):
            signal_group(process.pid, signal.SIGKILL)
        process.wait()
        self._guard.remove(process.pid)
