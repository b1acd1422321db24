"""A threaded HTTP/1.1 server for the simulator that speaks TLS and plain HTTP on one port.

Microsoft's sign-in library insists on https, people with curl use http; the first byte of a
connection tells which it is. Django's and wsgiref's servers close the connection after each answer
and know no TLS, so the few lines a keep-alive server needs are here.
"""

import io
import logging
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from partnercenter.simulator.errors import SimulatorError
from partnercenter.simulator.wire import LARGEST_BODY

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_TLS_HANDSHAKE = b"\x16"
_IDLE_SECONDS = 120
_HELLO_SECONDS = 10

logger = logging.getLogger(__name__)


class SimulatorServer(ThreadingMixIn, TCPServer):
    """Serves a WSGI application until it is stopped, each connection in a thread of its own."""

    allow_reuse_address = True
    daemon_threads = True
    # Idle keep-alive connections must not delay the end of the process.
    block_on_close = False
    request_queue_size = 128

    def __init__(self, application: "WSGIApplication", *, host: str, port: int) -> None:
        """Bind the port, 0 for any free one.

        Raises SimulatorError when the address cannot be bound.
        """
        self.application = application
        self.tls: ssl.SSLContext | None = None
        try:
            super().__init__((host, port), _Connection)
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise SimulatorError(
                f"Cannot listen on {host} port {port}: {reason}. Choose another with --port."
            ) from error

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def start(self) -> None:
        """Serve in a background thread until `stop`."""
        threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True
        ).start()

    def stop(self) -> None:
        """Stop accepting and close the port; takes a tenth of a second."""
        self.shutdown()
        self.server_close()

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Serve one connection; called in its own thread, so the wait for its first byte is too."""
        request.settimeout(_HELLO_SECONDS)
        request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if request.recv(1, socket.MSG_PEEK) != _TLS_HANDSHAKE:
            _Connection(request, client_address, self)
            return
        if self.tls is None:
            return
        with self.tls.wrap_socket(request, server_side=True) as secure:
            _Connection(secure, client_address, self)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report a failure of ours; a client that went away or distrusts us is none."""
        error = sys.exc_info()[1]
        if isinstance(error, (ConnectionError, TimeoutError, ssl.SSLError)):
            logger.debug("connection from %s ended: %s", client_address, error)
        else:
            logger.exception("connection from %s failed", client_address)


class _Connection(BaseHTTPRequestHandler):
    """One keep-alive connection, each request handed to the WSGI application."""

    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    wbufsize = -1
    server: SimulatorServer

    def _serve(self) -> None:
        body = self._read_body()
        if body is None:
            return
        answer = _Answer()
        parts = self.server.application(self._environ(body), answer.start)
        try:
            self._send(answer, parts)
        except ConnectionResetError:
            # A scripted cut: what was written must leave before the connection ends.
            self.wfile.flush()
            raise

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815, RUF100

    def _read_body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdigit():
            self.send_error(411)
        elif int(length) > LARGEST_BODY:
            self.send_error(413)
        else:
            return self.rfile.read(int(length))
        self.close_connection = True
        return None

    def _environ(self, body: bytes) -> dict[str, Any]:
        path, _, query = self.path.partition("?")
        secure = isinstance(self.connection, ssl.SSLSocket)
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": str(self.server.server_address[0]),
            "SERVER_PORT": str(self.server.port),
            "SERVER_PROTOCOL": self.request_version,
            "REMOTE_ADDR": self.client_address[0],
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "https" if secure else "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in self.headers.items():
            if name.lower() not in ("content-type", "content-length"):
                environ["HTTP_" + name.upper().replace("-", "_")] = value
        return environ

    def _send(self, answer: "_Answer", parts: Iterable[bytes]) -> None:
        code, _, reason = answer.status.partition(" ")
        names = {name.lower() for name, _ in answer.headers}
        bodyless = self.command == "HEAD" or code in ("204", "304")
        chunked = not bodyless and "content-length" not in names
        # The application sends its own Date, so that a virtual clock shows in it.
        self.send_response_only(int(code), reason)
        for name, value in answer.headers:
            self.send_header(name, value)
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for part in parts:
            if part and not bodyless:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part) if chunked else part)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        """Write requests to the log, where they can be switched off, not to standard error."""
        logger.debug(format, *args)


class _Answer:
    """What the application passes to `start_response`."""

    def __init__(self) -> None:
        self.status = "500 Internal Server Error"
        self.headers: list[tuple[str, str]] = []

    def start(
        self, status: str, headers: list[tuple[str, str]], exc_info: object = None
    ) -> Callable[[bytes], object]:
        self.status, self.headers = status, headers
        return _refuse_write


def _refuse_write(data: bytes) -> object:
    raise TypeError("The simulator answers by returning its body, not by write().")
