"""Receivers of webhook events for tests, and a check of signatures that knows none of our code.

The check follows the steps the page "Partner Center webhooks" tells a receiver to take.
"""

import base64
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from partnercenter.simulator import Simulator
from tests.partnercenter.simulator.calls import Answer, Caller, app_caller

RECEIVER = "https://portal.example.test/events"
REGISTRATION = "/webhooks/v1/registration"
DISPATCH = "pcnotifications-dispatch.microsoft.com"


class NotGenuine(Exception):
    """The event was not sent by who it claims."""


@dataclass(frozen=True)
class Arrival:
    """One event as it arrived."""

    url: str
    body: bytes
    headers: Mapping[str, str]

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """Takes events in place of a web server; answers the given statuses in turn, then 200.

    A status of 0 is a connection that fails.
    """

    statuses: list[int] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        self.arrivals.append(Arrival(url, body, headers))
        status = self.statuses.pop(0) if self.statuses else 200
        if not status:
            raise ConnectionRefusedError(url)
        return status

    def names(self) -> list[str]:
        return [arrival.json()["EventName"] for arrival in self.arrivals]


def attach(simulator: Simulator, *statuses: int) -> Receiver:
    """Let a receiver take what the simulator sends."""
    receiver = Receiver(list(statuses))
    simulator.courier.post = receiver
    return receiver


def register(simulator: Simulator, *events: str, **more: Any) -> Answer:
    """Register for events under the receiver's address."""
    body = {"WebhookUrl": RECEIVER, "WebhookEvents": list(events)} | more
    answer = app_caller(simulator).post(REGISTRATION, body)
    assert answer.status == 200, answer.body
    return answer


def fire(simulator: Simulator, event: str, **ids: str) -> None:
    """Have the simulator send an event."""
    answer = Caller(simulator).post("/_simulator/events", {"event": event} | ids)
    assert answer.status == 202, answer.body


def check_signature(arrival: Arrival, simulator: Simulator, *, allowed_host: str) -> None:
    """Raise NotGenuine unless an event of this simulator is signed as it must be."""

    def fetch(address: str) -> bytes:
        answer = Caller(simulator).get(urlsplit(address).path)
        if answer.status != 200:
            raise NotGenuine("there is no certificate")
        return answer.body

    authority = simulator.site.event_signer.authority
    verify(arrival, fetch=fetch, authority=authority, allowed_host=allowed_host)


def verify(
    arrival: Arrival, *, fetch: Callable[[str], bytes], authority: bytes, allowed_host: str
) -> None:
    """Raise NotGenuine unless the event is signed as it must be.

    `fetch` gets the certificate, which is asked for only if its URL is on the allowed host.
    """
    headers = {name.lower(): value for name, value in arrival.headers.items()}
    scheme, _, signature = headers.get("authorization", "").partition(" ")
    signature = headers.get("x-ms-signature", signature if scheme == "Signature" else "")
    address = headers.get("x-ms-certificate-url", "")
    kind, _, digest = headers.get("x-ms-signature-algorithm", "").partition("-")
    if not signature or (kind, digest) != ("rsa", "sha256"):
        raise NotGenuine("headers are missing")
    parts = urlsplit(address)
    if parts.scheme != "https" or parts.netloc != allowed_host:
        raise NotGenuine("the certificate is elsewhere")
    certificate = x509.load_der_x509_certificate(fetch(address))
    check_certificate(certificate, authority)
    key = certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    try:
        key.verify(base64.b64decode(signature), arrival.body, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature as error:
        raise NotGenuine("the signature is not of this body") from error


def check_certificate(certificate: x509.Certificate, authority: bytes) -> None:
    """Raise NotGenuine unless the authority vouches for a certificate of Microsoft's."""
    store = Store([x509.load_pem_x509_certificate(authority)])
    policy = PolicyBuilder().store(store).time(datetime.now(UTC))
    try:
        policy.build_server_verifier(x509.DNSName(DISPATCH)).verify(certificate, [])
    except VerificationError as error:
        raise NotGenuine("the certificate has no chain") from error
    names = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    if [name.value for name in names] != ["Microsoft Corporation"]:
        raise NotGenuine("the certificate is somebody else's")


class Listener(HTTPServer):
    """A receiver on a port of this machine: answers 500 to the first event, 204 to others."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Takes)
        self.arrivals: list[Arrival] = []
        self.second = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/events"


@contextmanager
def listening() -> Iterator[Listener]:
    """Run a listener for a block."""
    with Listener() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield running
        finally:
            running.shutdown()
            thread.join()


class _Takes(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server = self.server
        assert isinstance(server, Listener)
        server.arrivals.append(Arrival(self.path, body, dict(self.headers.items())))
        self.send_response(500 if len(server.arrivals) == 1 else 204)
        self.send_header("Content-Length", "0")
        self.end_headers()
        if len(server.arrivals) == 2:
            server.second.set()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""
