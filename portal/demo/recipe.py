"""Notices that the `make` whose recipe we are wants to end.

At a terminal Ctrl-C reaches us as well, and make passes SIGTERM on. Two cases are left to us: make
was killed, and make alone was sent SIGINT; then GNU make restores the signal's default action and
waits for its recipe, without telling it. The first shows in our parent's number, the second in the
list of signals that make catches, which Linux publishes.
"""

import os
import signal
from collections.abc import Callable
from pathlib import Path


def make_wants_end() -> Callable[[], bool]:
    """Return a question to ask now and then; always answered False when not started by make."""
    if "MAKELEVEL" not in os.environ:
        return lambda: False
    make = os.getppid()
    caught_interrupts = _catches_interrupt(make)
    return lambda: os.getppid() != make or (caught_interrupts and not _catches_interrupt(make))


def _catches_interrupt(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    caught = next((line for line in status.splitlines() if line.startswith("SigCgt:")), "SigCgt:0")
    return bool(int(caught.partition(":")[2], 16) & 1 << (signal.SIGINT - 1))
