"""Clients that never finish what they say, all in one thread."""

import contextlib
import itertools
import select
import socket
import threading
import time
from collections import Counter
from types import TracebackType

PACE_SECONDS = 0.5
HEADER = b"GET /auth/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
POST = (
    b"POST /auth/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n\r\n"
)
BEGINNINGS = (b"", HEADER, POST)
"""One says nothing, one never ends its header, one never ends its body."""


class SlowClients:
    """Connections that send a byte now and then while the block runs."""

    def __init__(self, port: int, number: int) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._dribble, daemon=True)
        self._open: dict[socket.socket, bytes] = {}
        self._heard: dict[socket.socket, bytes] = {}
        for _, beginning in zip(range(number), itertools.cycle(BEGINNINGS), strict=False):
            line = socket.create_connection(("127.0.0.1", port), timeout=30)
            line.sendall(beginning)
            line.setblocking(False)
            self._open[line] = b"a" if beginning else b""
            self._heard[line] = b""

    def __enter__(self) -> "SlowClients":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()
        for line in self._heard:
            line.close()

    @property
    def holding(self) -> int:
        """How many are still connected."""
        return len(self._open)

    def answers(self) -> Counter[str]:
        """Return how many were answered with which status; "" is no answer."""
        return Counter(heard[9:12].decode() for heard in self._heard.values())

    def wait_until_all_are_refused(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while self._open and time.monotonic() < deadline:
            time.sleep(0.2)

    def _dribble(self) -> None:
        while not self._stop.wait(PACE_SECONDS):
            for line, byte in list(self._open.items()):
                with contextlib.suppress(OSError):
                    line.send(byte)
            self._listen()

    def _listen(self) -> None:
        poll = select.poll()
        lines = {line.fileno(): line for line in self._open}
        for number in lines:
            poll.register(number, select.POLLIN)
        for number, _ in poll.poll(0):
            line = lines[number]
            try:
                heard = line.recv(4096)
            except BlockingIOError:
                continue
            except OSError:
                heard = b""
            self._heard[line] += heard
            if not heard:
                self._open.pop(line)
