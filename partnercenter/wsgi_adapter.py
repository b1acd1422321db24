"""A WSGI application behind a ``requests`` session: the simulator in the same process.

Tests speak to the simulator through the very client production uses, without a port. The body is
streamed as the application yields it, so limits on size and broken-off answers can be tested too.
"""

import io
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import requests
import urllib3
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPHeaderDict

WSGIApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class WSGIAdapter(BaseAdapter):
    """Answers every request of a session with one application.

    Mount it: ``session.mount("https://api.example.test", WSGIAdapter(application))``.
    """

    def __init__(self, application: WSGIApplication) -> None:
        super().__init__()
        self._application = application

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Run the application for one request; exceptions of the application come through."""
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(
            status: str, headers: list[tuple[str, str]], exc_info: Any = None
        ) -> Callable[[bytes], None]:
            started[:] = [(status, headers)]
            return _refuse_write

        result = self._application(_environ(request), start_response)
        chunks = _Chunks(result)
        # An application may call start_response as late as with its first chunk.
        chunks.prefetch()
        if not started:
            chunks.close()
            raise requests.ConnectionError("the application gave no status", request=request)
        status, headers = started[0]
        response = _response(request, status, headers, chunks)
        if not stream:
            _ = response.content
        return response

    def close(self) -> None:
        """Close nothing: there is no connection."""


def _refuse_write(_: bytes) -> None:
    raise RuntimeError("applications must return their body, not write it")


def _environ(request: requests.PreparedRequest) -> dict[str, Any]:
    parts = urlsplit(request.url or "")
    body = request.body or b""
    if isinstance(body, str):
        body = body.encode()
    stream = io.BytesIO(body) if isinstance(body, bytes) else body
    environ = {
        "REQUEST_METHOD": request.method or "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(parts.path or "/").decode("latin-1"),
        "QUERY_STRING": parts.query,
        "SERVER_NAME": parts.hostname or "localhost",
        "SERVER_PORT": str(parts.port or (443 if parts.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": parts.netloc,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": parts.scheme,
        "wsgi.input": stream,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "REQUEST_URI": (parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
    }
    for name, value in request.headers.items():
        text = value.decode("latin-1") if isinstance(value, bytes) else value
        key = name.upper().replace("-", "_")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = text
    return environ


def _response(
    request: requests.PreparedRequest,
    status: str,
    headers: list[tuple[str, str]],
    chunks: "_Chunks",
) -> requests.Response:
    code, _, reason = status.partition(" ")
    # A server sends no body to HEAD, even when the application gives one.
    no_body = request.method == "HEAD"
    if no_body:
        chunks.close()
    raw = urllib3.HTTPResponse(
        body=io.BytesIO() if no_body else chunks,
        headers=HTTPHeaderDict(headers),
        status=int(code),
        reason=reason,
        preload_content=False,
        request_method=request.method,
    )
    response = requests.Response()
    response.status_code = int(code)
    response.reason = reason
    response.headers = CaseInsensitiveDict(raw.headers)
    response.raw = raw
    response.url = request.url or ""
    response.request = request
    response.encoding = requests.utils.get_encoding_from_headers(response.headers)
    return response


class _Chunks(io.RawIOBase):
    """What the application yields, read as a file."""

    def __init__(self, result: Iterable[bytes]) -> None:
        self._result = result
        self._iterator: Iterator[bytes] = iter(result)
        self._rest = b""

    def prefetch(self) -> None:
        """Take the first chunk that is not empty."""
        while not self._rest:
            chunk = next(self._iterator, None)
            if chunk is None:
                return
            self._rest = chunk

    def readable(self) -> bool:
        """Say that this can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with some bytes; 0 is the end."""
        self.prefetch()
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size

    def read1(self, size: int = -1) -> bytes:
        """Return what is there, or all of it for a size of -1."""
        return self.read(size)

    def close(self) -> None:
        """Tell the application that nobody reads on."""
        close = getattr(self._result, "close", None)
        if not self.closed and close is not None:
            close()
        super().close()
