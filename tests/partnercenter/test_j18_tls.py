"""J18: a secure connection that is not what it should be is not used; nothing is sent over it."""

import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from partnercenter import errors
from partnercenter.client import AppCredentials, Endpoints, Limits, PartnerCenter, RetryPolicy
from partnercenter.simulator import Simulator
from partnercenter.simulator.server import SimulatorServer
from partnercenter.wire import open_session
from tests.partnercenter.simulator.sample_worlds import PARTNER, make_customer, write_world

pytestmark = pytest.mark.processes

Key = ec.EllipticCurvePrivateKey


class Authority:
    """Signs certificates; only one of them is trusted by the client."""

    def __init__(self, name: str) -> None:
        self.key: Key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.certificate = self._sign(self.name, self.key, names=[], days=(-1, 30), ca=True)

    def issue(
        self, folder: Path, *, names: list[x509.GeneralName], days: tuple[int, int] = (-1, 30)
    ) -> ssl.SSLContext:
        """Return the server's side with a certificate for names, good between two days from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        certificate = self._sign(subject, key, names=names, days=days, ca=False)
        path = folder / f"{certificate.serial_number}.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def bundle(self, folder: Path) -> str:
        """Return the file that says to trust this authority."""
        path = folder / "trusted.pem"
        path.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        return str(path)

    def _sign(
        self,
        subject: x509.Name,
        key: Key,
        *,
        names: list[x509.GeneralName],
        days: tuple[int, int],
        ca: bool,
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + timedelta(days=days[0]))
            .not_valid_after(now + timedelta(days=days[1]))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(self.key, hashes.SHA256())


HERE: list[x509.GeneralName] = [
    x509.DNSName("localhost"),
    x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
]
THERE: list[x509.GeneralName] = [x509.DNSName("login.example.test")]


def _old_only(context: ssl.SSLContext) -> ssl.SSLContext:
    with pytest.warns(DeprecationWarning):
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


Making = Callable[[Authority, Path], ssl.SSLContext]
FAULTS: dict[str, Making] = {
    "another host": lambda good, folder: good.issue(folder, names=THERE),
    "no name": lambda good, folder: good.issue(folder, names=[]),
    "expired": lambda good, folder: good.issue(folder, names=HERE, days=(-9, -1)),
    "not yet good": lambda good, folder: good.issue(folder, names=HERE, days=(1, 9)),
    "another authority": lambda _, folder: Authority("Stranger").issue(folder, names=HERE),
    "an authority of the same name": lambda good, folder: Authority("Good").issue(
        folder, names=HERE
    ),
    "an old protocol": lambda good, folder: _old_only(good.issue(folder, names=HERE)),
}


class Counted:
    """A Partner Center that counts what reached it."""

    def __init__(self, folder: Path) -> None:
        self._answer = Simulator(write_world(folder / "world", customers=[make_customer(1)])).wsgi
        self.requests = 0

    def __call__(self, environ: Any, start_response: Any) -> Any:
        self.requests += 1
        return self._answer(environ, start_response)


@contextmanager
def serving(service: Counted, context: ssl.SSLContext) -> Iterator[str]:
    server = SimulatorServer(service, host="127.0.0.1", port=0)
    server.tls = context
    server.start()
    try:
        yield f"https://localhost:{server.port}"
    finally:
        server.stop()


def _client(address: str, bundle: str) -> PartnerCenter:
    return PartnerCenter(
        endpoints=Endpoints(api=address, authority=address, graph=address, ca_bundle=bundle),
        credentials=AppCredentials(str(PARTNER["tenantId"]), "demo", "demo"),
        session=open_session(),
        policy=RetryPolicy(tries=1),
        limits=Limits(connect=2, read=2),
    )


def test_j18_no_faulty_connection_is_used(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    authority = Authority("Good")
    bundle = authority.bundle(tmp_path)
    used: dict[str, int] = {}
    for name, make in FAULTS.items():
        service = Counted(tmp_path)
        with serving(service, make(authority, tmp_path)) as address:
            with pytest.raises(errors.ConnectionFailed) as refused:
                _client(address, bundle).check_access()
            # The secret stayed here, and the reason is told without an address.
            assert "localhost" not in str(refused.value), name
        used[name] = service.requests
        if name != "an old protocol":
            assert isinstance(refused.value, errors.TlsFailed), name
            assert not refused.value.transient, name
    assert set(used.values()) == {0}, used
    with _plain() as address, pytest.raises(errors.ConnectionFailed):
        _client(address, bundle).check_access()
    record_property("figure", f"J18: {sum(used.values())} of {len(used) + 1} connected")
    service = Counted(tmp_path)
    with serving(service, authority.issue(tmp_path, names=HERE)) as address:
        with pytest.raises(errors.PartnerCenterError):
            _client(address, str(tmp_path / "nothing.pem")).check_access()
        _client(address, bundle).check_access()
    assert service.requests == 2


@contextmanager
def _plain() -> Iterator[str]:
    """Yield the address of something that listens and speaks no TLS."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)
        yield f"https://localhost:{listener.getsockname()[1]}"
