"""A TCP proxy that behaves as badly as networks do, in front of any server of a test.

with fault_proxy(("127.0.0.1", 5432)) as proxy:
    proxy.latency = 0.5          # seconds each piece of data is late
    proxy.black_hole = True      # swallows what comes, answers nothing, closes nothing
    proxy.reset_after = 2_000    # bytes from the server, then a reset
    proxy.half_close = True      # the server's answers end, the client may still send
    proxy.cut()                  # reset every connection that is open now
    proxy.refuse = True          # reset new ones at once
"""

import asyncio
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

PIECE: Final = 65_536
RESET: Final = struct.pack("ii", 1, 0)


class FaultProxy:
    """The switches; all may be turned at any time, from the test's own thread."""

    def __init__(self, target: tuple[str, int]) -> None:
        self.target = target
        self.port = 0
        self.latency = 0.0
        self.black_hole = False
        self.refuse = False
        self.half_close = False
        self.reset_after: int | None = None
        self.when_sent: Callable[[bytes], bool] | None = None
        """Asked about each piece from the client; True resets both sides after it was passed on,
        or, with ``swallowing``, instead."""
        self.swallowing = False
        self.faults = 0
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()

    def cut(self) -> None:
        """Reset every connection that is open now."""
        self.faults += 1
        done = threading.Event()
        self._loop.call_soon_threadsafe(self._reset_all, done)
        done.wait(5)

    def _reset_all(self, done: threading.Event | None = None) -> None:
        for writer in list(self._open):
            _reset(writer)
        if done:
            done.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refuse:
            self.faults += 1
            _reset(writer)
            return
        try:
            from_server, to_server = await asyncio.open_connection(*self.target)
        except OSError:
            _reset(writer)
            return
        self._open |= {writer, to_server}
        try:
            await asyncio.gather(
                self._pass_on(reader, to_server, writer, from_client=True),
                self._pass_on(from_server, writer, to_server, from_client=False),
            )
        finally:
            self._open -= {writer, to_server}
            for side in (writer, to_server):
                side.close()

    async def _pass_on(
        self,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        other: asyncio.StreamWriter,
        *,
        from_client: bool,
    ) -> None:
        passed = 0
        with suppress(OSError):
            while data := await source.read(PIECE):
                if self.latency:
                    await asyncio.sleep(self.latency)
                if self.black_hole:
                    self.faults += 1
                    continue
                if not from_client and self.half_close:
                    self.faults += 1
                    break
                wants_reset = from_client and self.when_sent and self.when_sent(data)
                if not (wants_reset and self.swallowing):
                    sink.write(data)
                    await sink.drain()
                passed += len(data)
                if wants_reset or (
                    not from_client and self.reset_after and passed >= self.reset_after
                ):
                    self.faults += 1
                    _reset(sink)
                    _reset(other)
                    return
        with suppress(OSError):
            if sink.can_write_eof():
                sink.write_eof()

    def _run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        server: Any = self._loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", 0)
        )
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        self._loop.run_forever()
        server.close()
        self._reset_all()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.set_exception_handler(lambda _loop, _context: None)
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with a reset instead of a polite end."""
    found: socket.socket | None = writer.get_extra_info("socket")
    if found is not None:
        with suppress(OSError):
            found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    writer.transport.abort()


@contextmanager
def fault_proxy(target: tuple[str, int]) -> Iterator[FaultProxy]:
    """Run a proxy in front of ``target`` (host, port) for a block, on a port of its own."""
    proxy = FaultProxy(target)
    ready = threading.Event()
    thread = threading.Thread(target=proxy._run, args=(ready,), daemon=True)
    thread.start()
    ready.wait(10)
    try:
        yield proxy
    finally:
        proxy._loop.call_soon_threadsafe(proxy._loop.stop)
        thread.join(10)
