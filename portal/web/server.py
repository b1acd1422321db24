"""The web server's worker: a request gets a thread when all of it is there, and not before.

gunicorn's threaded worker hands a connection to one of its few threads as soon as it is accepted,
and the thread then waits for the request, line by line. Eight clients that send a byte now and then
hold eight threads, which is the whole portal: beside 500 of them not one of twenty requests was
answered within two seconds. Here the main loop collects what arrives, without blocking, for as many
connections as there may be. Only whole requests reach a thread, so a slow client holds a socket and
some bytes of memory.

What is collected is bounded in size, in time and in sum, and what is beyond is refused before it is
read. The same goes for what is left to be read when a connection closes.
"""

import re
import selectors
import socket
import struct
import time
from functools import partial
from typing import Any

from gunicorn import util
from gunicorn.workers.gthread import TConn, ThreadWorker

HEADER_BYTES = 64 * 1024
BODY_BYTES = 3 * 1024 * 1024
"""A little more than Django takes, which refuses with a page of ours."""
UPLOAD_BYTES = 21_000_000
"""A little more than the longest file that may be imported, with the form around it."""
UPLOADS = re.compile(rb"POST (?:/imports/new/|/api/v1/imports/) ")
ALL_BYTES = 64 * 1024 * 1024
"""What all requests that are still arriving may hold of a worker's memory."""
REQUEST_SECONDS = 30
LINGER_SECONDS = 5
STOP_SECONDS = 2
CHUNK = 64 * 1024
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
END = b"\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,15})[ \t]*(?=\r\n)", re.IGNORECASE)
ENCODED = re.compile(rb"\r\ntransfer-encoding[ \t]*:", re.IGNORECASE)
EXPECTS = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*\r\n", re.IGNORECASE)
REASONS = {
    408: "Request Timeout",
    411: "Length Required",
    413: "Content Too Large",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}


class Refused(Exception):
    """What arrives will not be served; ``status`` is the answer."""

    def __init__(self, status: int) -> None:
        super().__init__(REASONS[status])
        self.status = status


class Arrival:
    """A request on its way: what came of it, and how much makes it whole."""

    def __init__(self, conn: TConn, received: bytes = b"") -> None:
        self.conn = conn
        self.received = bytearray(received)
        self.whole: int | None = None
        self.deadline = time.monotonic() + REQUEST_SECONDS

    def is_whole(self) -> bool:
        """Tell whether all of it is there; reads the header once that is.

        Raises:
            Refused: it is too long, or does not say how long it is.
        """
        if self.whole is None:
            self._read_header()
        return self.whole is not None and len(self.received) >= self.whole

    def _read_header(self) -> None:
        end = self.received.find(END, 0, HEADER_BYTES)
        if end < 0:
            if len(self.received) >= HEADER_BYTES:
                raise Refused(431)
            return
        header = bytes(self.received[: end + 2])
        if ENCODED.search(header):
            raise Refused(411)  # Django reads no body whose length it is not told
        lengths = LENGTH.findall(header)
        # More than one is refused by gunicorn's parser, which needs no more than the header.
        length = int(lengths[0]) if len(lengths) == 1 else 0
        if length > (UPLOAD_BYTES if UPLOADS.match(header) else BODY_BYTES):
            raise Refused(413)
        self.whole = end + len(END) + length
        if EXPECTS.search(header) and len(self.received) < self.whole:
            self.conn.sock.send(CONTINUE)


class WholeRequestWorker(ThreadWorker):
    """gunicorn's threaded worker with a waiting room before its threads."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # In the order of their deadlines, because each is given the same time.
        self.arriving: dict[TConn, Arrival] = {}
        self.leaving: dict[TConn, float] = {}
        self.held_bytes = 0

    def accept(self, listener: Any) -> None:
        """Take a new connection into the waiting room."""
        try:
            sock, address = listener.accept()
        except OSError:  # gone again, or no more files: the next round will tell
            return
        self.nr_conns += 1
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            sock.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", REQUEST_SECONDS, 0))
        self._await(TConn(self.cfg, sock, address, listener.getsockname()))

    def on_client_socket_readable(self, conn: TConn, client: Any) -> None:
        """Take a connection whose client has more to ask back into the waiting room."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._await(conn)

    def finish_request(self, conn: TConn, fs: Any) -> None:
        """Keep a connection that may be used again; let any other go without waiting for it."""
        try:
            kept = not fs.cancelled() and fs.result()
        except Exception:  # noqa: BLE001  (the request has been answered or logged by then)
            kept = False
        if not kept:
            self._let_go(conn)
            return
        super().finish_request(conn, fs)
        if conn in self.keepalived_conns and conn.rest:
            self.on_client_socket_readable(conn, conn.sock)

    def murder_pending(self) -> None:
        """Close what has had its time; called by the main loop at least once a second."""
        now = time.monotonic()
        hurry = 0 if self.alive else REQUEST_SECONDS - STOP_SECONDS
        while self.arriving:
            arrival = next(iter(self.arriving.values()))
            if arrival.deadline - hurry > now:
                break
            self._refuse(arrival, 408)
        while self.leaving:
            conn, deadline = next(iter(self.leaving.items()))
            if deadline > now and self.alive:
                break
            self._close(conn)

    def _await(self, conn: TConn) -> None:
        arrival = Arrival(conn, getattr(conn, "rest", b""))
        conn.rest = b""
        conn.sock.setblocking(False)
        self.arriving[conn] = arrival
        self.held_bytes += len(arrival.received)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._on_arriving, arrival))
        self._on_arriving(arrival, conn.sock)

    def _on_arriving(self, arrival: Arrival, _sock: Any) -> None:
        """Take what is there; pass the request on when it is whole."""
        try:
            if not arrival.is_whole():
                data = arrival.conn.sock.recv(CHUNK)
                if not data:
                    self._forget(arrival)
                    self._let_go(arrival.conn)
                    return
                self.held_bytes += len(data)
                arrival.received += data
                if self.held_bytes > ALL_BYTES:
                    raise Refused(503)
            if arrival.is_whole():
                self._pass_on(arrival)
        except (BlockingIOError, InterruptedError):
            return
        except Refused as refusal:
            self._refuse(arrival, refusal.status)
        except OSError:
            self._forget(arrival)
            self._close(arrival.conn)

    def _pass_on(self, arrival: Arrival) -> None:
        conn, whole = arrival.conn, arrival.whole
        self._forget(arrival)
        conn.rest = bytes(arrival.received[whole:])
        conn.data_ready = True
        conn.init()
        conn.parser.unreader.unread(bytes(arrival.received[:whole]))
        self.enqueue_req(conn)

    def _refuse(self, arrival: Arrival, status: int) -> None:
        self._forget(arrival)
        text = f"{REASONS[status]}\n"
        answer = (
            f"HTTP/1.1 {status} {REASONS[status]}\r\nConnection: close\r\n"
            f"Content-Type: text/plain\r\nContent-Length: {len(text)}\r\n\r\n{text}"
        )
        self.log.info("Refused a request with %s %s", status, REASONS[status])
        try:
            arrival.conn.sock.send(answer.encode())
        except OSError:
            self._close(arrival.conn)
        else:
            self._let_go(arrival.conn)

    def _forget(self, arrival: Arrival) -> None:
        if self.arriving.pop(arrival.conn, None) is not None:
            self.held_bytes -= len(arrival.received)
            self.poller.unregister(arrival.conn.sock)

    def _let_go(self, conn: TConn) -> None:
        """End our half, and read on for a while: else the client may lose the answer (RFC 9112)."""
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._on_leaving, conn))
        except (OSError, ValueError):
            self._close(conn)
        else:
            self.leaving[conn] = time.monotonic() + LINGER_SECONDS

    def _on_leaving(self, conn: TConn, sock: Any) -> None:
        try:
            if not sock.recv(CHUNK):
                self._close(conn)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            self._close(conn)

    def _close(self, conn: TConn) -> None:
        if self.leaving.pop(conn, None) is not None:
            self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        util.close(conn.sock)
