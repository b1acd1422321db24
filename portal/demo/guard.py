"""Stops the demo's processes when the supervisor itself was killed.

A killed process runs no clean-up, but its pipes are closed: the guard reads one end of a pipe whose
other end only the supervisor has, and acts when it ends without a farewell. This reaches
grandchildren too, needs nothing from the kernel beyond pipes and process groups, and unlike Linux's
parent-death signal works on macOS and for servers that changed their user.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

_PROJECT = Path(__file__).resolve().parents[2]
_FAREWELL = "farewell"
_PATIENCE_SECONDS = 5.0


class Guard:
    """The supervisor's end: name the process groups to stop should the supervisor be killed."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "portal.demo.guard"],
            cwd=_PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )

    def add(self, group: int, stop_signal: signal.Signals) -> None:
        """Guard a process group; `stop_signal` is what asks it to end."""
        self._tell(f"+ {group} {int(stop_signal)}")

    def remove(self, group: int) -> None:
        """Forget a group that has ended, before its number may be given to strangers."""
        self._tell(f"- {group} 0")

    def dismiss(self) -> None:
        """End the guard; nothing is stopped. Only after every guarded group has ended."""
        self._tell(_FAREWELL)
        with contextlib.suppress(BrokenPipeError):
            if self._process.stdin:
                self._process.stdin.close()
        self._process.wait()

    def _tell(self, line: str) -> None:
        # A guard that somebody killed costs its protection, not the demo.
        with contextlib.suppress(BrokenPipeError, ValueError):
            if self._process.stdin:
                self._process.stdin.write(f"{line}\n")
                self._process.stdin.flush()


def keep_guard(lines: Iterable[str]) -> None:
    """Follow the supervisor's lines until they end, then stop the groups still named."""
    groups: dict[int, signal.Signals] = {}
    for line in lines:
        if line.strip() == _FAREWELL:
            return
        sign, group, number = line.split()
        if sign == "+":
            groups[int(group)] = signal.Signals(int(number))
        else:
            groups.pop(int(group), None)
    stop_groups(groups, patience=_PATIENCE_SECONDS)


def stop_groups(groups: dict[int, signal.Signals], *, patience: float) -> None:
    """Ask process groups to end, and kill what is left of them after `patience` seconds."""
    for group, number in groups.items():
        signal_group(group, number)
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and any(group_exists(group) for group in groups):
        time.sleep(0.05)
    for group in groups:
        signal_group(group, signal.SIGKILL)


def signal_group(group: int, number: signal.Signals) -> None:
    """Send a signal to every process of a group; one that has ended is no error."""
    # macOS answers "not permitted" for a group of which only a zombie is left.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def group_exists(group: int) -> bool:
    """Tell whether any process, a zombie included, is in the group."""
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    # The terminal's Ctrl-C is the supervisor's business.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    keep_guard(sys.stdin)
