"""E02: certificates are fetched from trusted hosts alone, and what comes from there is bounded."""

import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import requests

from partnercenter import webhook_signatures as signatures
from partnercenter.webhook_signatures import (
    CertificateUnavailable,
    PlaceRefused,
    Trust,
    certificate_fetcher,
    check_place,
    read_claim,
)
from tests.partnercenter.forging import (
    HOST,
    NAME,
    URL,
    make_authority,
    make_signer,
    signed_headers,
)

Record = Callable[[str, object], None]
BODY = b'{"EventName":"test-created","ResourceUri":null}'
GENUINE = make_signer(make_authority())
TRUST = Trust(hosts=frozenset({HOST}))
FORGED_PLACES = {
    "http": URL.replace("https", "http"),
    "another scheme": f"file://{HOST}/cert",
    "another host": "https://attacker.example.test/cert/events.cer",
    "a longer host": f"https://{HOST}.attacker.example.test/cert/events.cer",
    "a shorter host": "https://example.test/cert/events.cer",
    "in front of the host": f"https://evil{HOST}/cert/events.cer",
    "a user": f"https://{HOST}@attacker.example.test/cert/events.cer",
    "a user of the host": f"https://me:secret@{HOST}/cert/events.cer",
    "another port": f"https://{HOST}:8443/cert/events.cer",
    "an address of the cloud": "https://169.254.169.254/latest/meta-data/",
    "this machine": "https://127.0.0.1/cert/events.cer",
    "a backslash": f"https://{HOST}\\@attacker.example.test/",
    "a blank": f"https://{HOST} .attacker.example.test/",
    "a tab": f"https://{HOST}\t.attacker.example.test/",
    "no host": "https:///cert/events.cer",
    "a letter that looks alike": f"https://{HOST}/".replace("c", "\u0441"),
    "capitals": f"https://{HOST.upper()}/cert/events.cer",
    "a fragment": f"{URL}#x",
    "a broken bracket": "https://[::1/cert",
    "too long": URL + "a" * 3_000,
}


@pytest.mark.parametrize("kind", FORGED_PLACES)
def test_e02_a_certificate_elsewhere_is_refused_before_any_call(kind: str) -> None:
    headers = {**signed_headers(GENUINE, BODY), "X-MS-Certificate-Url": FORGED_PLACES[kind]}
    with pytest.raises(PlaceRefused):
        read_claim(headers, trust=TRUST)


def test_e02_the_address_microsoft_uses_is_taken() -> None:
    host = "3psostorageacct.blob.core.windows.net"
    check_place(f"https://{host}/cert/{NAME}.cer", trust=Trust(hosts=frozenset({host})))


class _Answers(http.server.BaseHTTPRequestHandler):
    """Answers a certificate's address in the ways of a server that means harm."""

    def do_GET(self) -> None:
        seen: list[str] = self.server.seen  # type: ignore[attr-defined]
        seen.append(self.path)
        if self.path == "/good":
            self._send(200, GENUINE.der())
        elif self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "/good")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif self.path == "/gone":
            self._send(404, b"gone")
        elif self.path == "/nothing":
            self._send(200, b"")
        elif self.path == "/huge":
            self.send_response(200)
            self.send_header("Content-Length", str(1024**3))
            self.end_headers()
            self._pour(lambda: b"x" * 65_536)
        elif self.path == "/drip":
            self.send_response(200)
            self.send_header("Content-Length", "60000")
            self.end_headers()
            self._pour(lambda: b"x" if not self._dripped.wait(0.2) else b"")

    _dripped = threading.Event()

    def _pour(self, drop: Callable[[], bytes]) -> None:
        poured = 0
        try:
            while piece := drop():
                self.wfile.write(piece)
                poured += len(piece)
        except OSError:
            pass
        self.server.poured = poured  # type: ignore[attr-defined]

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[http.server.ThreadingHTTPServer]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    server.daemon_threads = True
    server.seen = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def clock_of(step: float) -> Callable[[], float]:
    """Return a clock that goes on by so many seconds each time it is asked."""
    ticks = iter(range(10**9))
    return lambda: next(ticks) * step


def test_e02_what_comes_from_the_place_is_bounded(record_property: Record) -> None:
    with serving() as server, requests.Session() as session:
        base = f"http://127.0.0.1:{server.server_port}"
        fetch = certificate_fetcher(session, clock=clock_of(0.01))
        assert fetch(f"{base}/good") == GENUINE.der()
        for path in ("/away", "/gone", "/nothing", "/huge"):
            with pytest.raises(CertificateUnavailable):
                fetch(base + path)
        assert server.seen == ["/good", "/away", "/gone", "/nothing", "/huge"]  # type: ignore[attr-defined]
        # Each answer to a drop counts half a second: the seventh is too late.
        slow = certificate_fetcher(session, clock=clock_of(0.5))
        with pytest.raises(CertificateUnavailable):
            slow(f"{base}/drip")
    places = len(FORGED_PLACES)
    record_property(
        "figure", f"E02: {places} of {places} foreign places 0 calls; huge and slow answers cut"
    )


def test_a_download_has_three_seconds_and_64_kilobytes() -> None:
    assert (signatures.DOWNLOAD.whole, signatures.DOWNLOAD.size) == (3.0, 65_536)
    assert max(signatures.DOWNLOAD.connect, signatures.DOWNLOAD.read) <= 3.0
