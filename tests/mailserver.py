"""A mail server that keeps what it is given, and that can fall silent at the worst moment."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any


class MailServer(socketserver.ThreadingTCPServer):
    """``refuses``: answer 550 to every address. ``silences``: so often, hang up after DATA."""

    allow_reuse_address, daemon_threads = True, True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.taken: list[EmailMessage] = []
        self.silences = 0
        self.forgets = False
        self.refuses = False
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"

    def take(self, raw: bytes) -> bool:
        """Keep a message; return whether to answer at all."""
        with self.lock:
            silent = self.silences > 0
            self.silences -= silent
            if not (silent and self.forgets):
                made: Any = message_from_bytes(raw, policy=policy.default)
                self.taken.append(made)
            return not silent


class _Session(socketserver.StreamRequestHandler):
    """As much of the protocol as Python's client speaks."""

    def handle(self) -> None:
        server: Any = self.server
        self._say("220 ready")
        while line := self.rfile.readline().decode().strip():
            verb = line.split(" ")[0].upper()
            if verb == "RCPT" and server.refuses:
                self._say("550 no such mailbox")
            elif verb == "DATA":
                self._say("354 go on")
                raw = b""
                while (part := self.rfile.readline()) not in (b".\r\n", b""):
                    raw += part[1:] if part.startswith(b".") else part
                if not server.take(raw):
                    return
                self._say("250 taken")
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 fine")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Run a mail server beside a block."""
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
