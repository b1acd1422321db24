"""What the person at the terminal sees: one line a step, with its time.

On a terminal the running step's line counts the seconds; anywhere else (a log, a pipe) each step is
written once, when it has ended.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from portal.demo.errors import StopRequested

_WIDTH = 34
_CLEAR_LINE = "\r\x1b[K"


class Console:
    """Writes steps and sentences to one stream."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._live = stream.isatty()
        self._step = ""
        self._began = 0.0
        self._shown = -1

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Show a step while the block runs, and how it ended."""
        self._step, self._began, self._shown = name, time.monotonic(), -1
        self.tick()
        outcome = "failed"
        try:
            yield
            outcome = "ok"
        except StopRequested:
            outcome = "stopped"
            raise
        finally:
            seconds = time.monotonic() - self._began
            self._step = ""
            self._write(f"  {name:<{_WIDTH}} {outcome:<7} {seconds:6.1f} s\n")

    def tick(self) -> None:
        """Let the running step's seconds be seen; to be called now and then while waiting."""
        seconds = int(time.monotonic() - self._began)
        if self._live and self._step and seconds != self._shown:
            self._shown = seconds
            self._write(f"  {self._step:<{_WIDTH}} {'...':<7} {seconds:4d}   s")

    def say(self, text: str) -> None:
        """Write a sentence on a line of its own."""
        self._write(f"{text}\n")

    def _write(self, text: str) -> None:
        self._stream.write(f"{_CLEAR_LINE}{text}" if self._live else text)
        self._stream.flush()
