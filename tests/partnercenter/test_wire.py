"""What leaves this process, and to whom: certificates, surroundings, cookies."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from partnercenter.errors import ConnectionFailed, PartnerCenterError, TlsFailed
from partnercenter.wire import Answer, Limits, Wire, open_session
from tests.partnercenter.fake_service import FakeService, Reply, replying


class _Greeting(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Set-Cookie", "tracked=1")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(self.headers.get("Cookie", "{}").encode()[:2])

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


def _certificate(folder: Path, *, name: str, days: int = 1) -> Path:
    """Write key and self-signed certificate for a name or address into one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    alternative: x509.GeneralName = x509.DNSName(name)
    if name[0].isdigit():
        alternative = x509.IPAddress(ip_address(name))
    begin = datetime.now(UTC) - timedelta(days=30)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(datetime.now(UTC) + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


@contextmanager
def _server(pem: Path) -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Greeting)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    # Greeted by the thread that serves, so that a refused greeting does not stop the accepting.
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}/v1/x"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _get(url: str, *, ca_bundle: Path | None, session: requests.Session | None = None) -> Answer:
    session = session or open_session()
    with session:
        wire = Wire(
            session,
            ca_bundle=str(ca_bundle) if ca_bundle else None,
            limits=Limits(connect=5, read=5),
            clock=lambda: 0.0,
        )
        return wire.exchange("GET", url, call="GET /v1/x")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize(
    ("name", "days", "trusted"),
    [("127.0.0.1", 1, False), ("other.example.test", 1, True), ("127.0.0.1", -1, True)],
    ids=["self-signed", "another name", "expired"],
)
def test_certificate_that_proves_nothing_is_refused(
    tmp_path: Path, name: str, days: int, trusted: bool
) -> None:
    pem = _certificate(tmp_path, name=name, days=days)
    with _server(pem) as url, pytest.raises(TlsFailed) as caught:
        _get(url, ca_bundle=pem if trusted else None)
    assert not caught.value.transient


def test_own_authority_can_be_trusted_and_cookies_are_not_kept(tmp_path: Path) -> None:
    pem = _certificate(tmp_path, name="127.0.0.1")
    session = open_session()
    with _server(pem) as url:
        for _ in range(2):
            assert _get(url, ca_bundle=pem, session=session).body == b"{}"
    assert not session.cookies


def test_environment_does_not_decide_which_certificates_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted, other = tmp_path / "trusted", tmp_path / "other"
    trusted.mkdir()
    other.mkdir()
    pem = _certificate(trusted, name="127.0.0.1")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(_certificate(other, name="127.0.0.1")))
    with _server(pem) as url:
        assert _get(url, ca_bundle=pem).status == 200
        assert _get(url, ca_bundle=pem, session=requests.Session()).status == 200


def test_nobody_listening_is_worth_another_try() -> None:
    with pytest.raises(ConnectionFailed) as caught:
        _get("http://127.0.0.1:1/v1/x?sig=1", ca_bundle=None)
    assert caught.value.transient
    assert "sig" not in str(caught.value)


def test_netrc_cannot_replace_the_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine api.example.test login stranger password swapped\n")
    monkeypatch.setenv("NETRC", str(netrc))
    service = FakeService(replying(Reply(body={"items": []})))
    service.client().check_access()
    assert service.calls[0].headers["authorization"] == "Bearer token-1"


def test_foreign_trouble_with_an_address_is_our_own_error() -> None:
    for url in ("https://", "nonsense", "https://exa mple.test/", "https://\ud800.test/", "x://y"):
        with pytest.raises(PartnerCenterError):
            _get(url, ca_bundle=None)
