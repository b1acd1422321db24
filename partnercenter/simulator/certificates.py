"""A certificate authority of the simulator's own, its certificate for this machine and for events.

Written once and reused while it lasts, so that a client told to trust `ca.pem` goes on trusting it
after a restart. The authority's key is thrown away at once: nobody can sign anything else with it.
"""

import ipaddress
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from partnercenter.simulator.errors import SimulatorError

_VALID_FOR = timedelta(days=365)
_RENEW_BEFORE = timedelta(days=7)
_NAMES = ("localhost", "partnercenter", "simulator")
EVENT_NAME = "pcnotifications-dispatch.microsoft.com"
EVENT_ORGANIZATION = "Microsoft Corporation"

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class Certificates:
    """The files a server and its clients need."""

    authority: Path
    certificate: Path
    key: Path
    event_certificate: Path
    event_key: Path

    def context(self) -> ssl.SSLContext:
        """Return the server's side of TLS."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context


def open_certificates(folder: Path) -> Certificates:
    """Return the certificates in a folder, written anew when missing, unreadable or about to end.

    Raises SimulatorError when the folder cannot be written.
    """
    found = Certificates(
        authority=folder / "ca.pem",
        certificate=folder / "server.pem",
        key=folder / "server.key",
        event_certificate=folder / "events.pem",
        event_key=folder / "events.key",
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not _is_valid(found):
            _write(found)
    except OSError as error:
        raise SimulatorError(f"Certificate folder {folder}: {error.strerror or error}.") from error
    return found


def _is_valid(found: Certificates) -> bool:
    try:
        authority = x509.load_pem_x509_certificate(found.authority.read_bytes())
        certificate = x509.load_pem_x509_certificate(found.certificate.read_bytes())
        certificate.verify_directly_issued_by(authority)
        found.context()
        events = x509.load_pem_x509_certificate(found.event_certificate.read_bytes())
        events.verify_directly_issued_by(authority)
        key = serialization.load_pem_private_key(found.event_key.read_bytes(), password=None)
        if key.public_key() != events.public_key():
            return False
    except (FileNotFoundError, ValueError, TypeError, InvalidSignature, ssl.SSLError):
        return False
    return certificate.not_valid_after_utc - _RENEW_BEFORE > datetime.now(UTC)


def _write(found: Certificates) -> None:
    authority_key, authority = make_authority()
    server_key = ec.generate_private_key(ec.SECP256R1())
    names = [
        *(x509.DNSName(name) for name in _NAMES),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
        x509.IPAddress(ipaddress.ip_address("::1")),
    ]
    builder = _leaf(_name("localhost"), authority, server_key, names)
    builder = builder.add_extension(
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
    )
    certificate = _sign(builder, authority_key, ca=False)
    event_key, events = issue_event_certificate(authority_key, authority)
    _put(found.key, _pem(server_key), private=True)
    _put(found.certificate, certificate.public_bytes(serialization.Encoding.PEM))
    _put(found.event_key, _pem(event_key), private=True)
    _put(found.event_certificate, events.public_bytes(serialization.Encoding.PEM))
    _put(found.authority, authority.public_bytes(serialization.Encoding.PEM))


def make_authority() -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    """Return a new authority: its key and its own certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Partner Center simulator authority")
    return key, _sign(_builder(name, name, key), key, ca=True)


def issue_event_certificate(
    authority_key: ec.EllipticCurvePrivateKey,
    authority: x509.Certificate,
    *,
    organization: str = EVENT_ORGANIZATION,
) -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    """Return a key and certificate for signing webhook events, named as Microsoft's own.

    Another `organization` makes one that receivers must not accept.
    """
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = _name(EVENT_NAME, organization=organization)
    builder = _leaf(subject, authority, key, [x509.DNSName(EVENT_NAME)])
    purposes = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    return key, _sign(builder, authority_key, ca=False)


def _name(text: str, *, organization: str = "") -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, text)]
    if organization:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
    return x509.Name(parts)


def _leaf(
    subject: x509.Name,
    authority: x509.Certificate,
    key: PrivateKey,
    names: Sequence[x509.GeneralName],
) -> x509.CertificateBuilder:
    identifier = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return (
        _builder(subject, authority.subject, key)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier),
            critical=False,
        )
    )


def _builder(subject: x509.Name, issuer: x509.Name, key: PrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _VALID_FOR)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _sign(
    builder: x509.CertificateBuilder, key: ec.EllipticCurvePrivateKey, *, ca: bool
) -> x509.Certificate:
    # Strict verifiers (Python 3.13 and later) want both extensions to say what a key is for.
    usage = x509.KeyUsage(
        digital_signature=not ca,
        key_cert_sign=ca,
        crl_sign=ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    constraints = x509.BasicConstraints(ca=ca, path_length=0 if ca else None)
    return (
        builder.add_extension(constraints, critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )


def _pem(key: PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _put(path: Path, content: bytes, *, private: bool = False) -> None:
    path.touch(mode=0o600 if private else 0o644)
    path.write_bytes(content)
