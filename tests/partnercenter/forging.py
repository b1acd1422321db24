"""Authorities, certificates and signatures for tests of webhook events: genuine ones and others."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

HOST = "certificates.example.test"
URL = f"https://{HOST}/cert/events.cer"
NAME = "pcnotifications-dispatch.microsoft.com"
MICROSOFT = "Microsoft Corporation"
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SERVER = ExtendedKeyUsageOID.SERVER_AUTH
CLIENT = ExtendedKeyUsageOID.CLIENT_AUTH
CODE = ExtendedKeyUsageOID.CODE_SIGNING
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Authority:
    """Somebody who issues certificates."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def write(self, folder: Path) -> str:
        path = folder / "roots.pem"
        path.write_bytes(self.pem())
        return str(path)


@dataclass(frozen=True)
class Signer:
    """A certificate with its key."""

    key: Key
    certificate: x509.Certificate

    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def sign(self, body: bytes, algorithm: hashes.HashAlgorithm | None = None) -> str:
        if isinstance(self.key, rsa.RSAPrivateKey):
            signed = self.key.sign(body, padding.PKCS1v15(), algorithm or hashes.SHA256())
        else:
            signed = self.key.sign(body, ec.ECDSA(algorithm or hashes.SHA256()))
        return base64.b64encode(signed).decode()


@cache
def rsa_key(number: int = 0, size: int = 2048) -> rsa.RSAPrivateKey:
    """Return a key, the same for the same number: making one takes its time."""
    return rsa.generate_private_key(public_exponent=65537, key_size=size)


def make_authority(name: str = "Root of the tests", *, above: Authority | None = None) -> Authority:
    """Return an authority that vouches for itself, or that another vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = _builder(subject, above.certificate.subject if above else subject, key, years=10)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    builder = _usage(builder, ca=True)
    if above:
        builder = _issued_by(builder, above)
    return Authority(key, builder.sign(above.key if above else key, hashes.SHA256()))


def make_signer(
    authority: Authority,
    *,
    organization: str | None = MICROSOFT,
    name: str = NAME,
    common_name: str | None = None,
    begins: datetime = NOW - timedelta(days=1),
    ends: datetime = NOW + timedelta(days=90),
    purposes: Sequence[ObjectIdentifier] = (SERVER, CLIENT),
    key: Key | None = None,
) -> Signer:
    """Return a certificate as Microsoft's events are signed with; options make it another."""
    own = key or rsa_key()
    subject = [x509.NameAttribute(NameOID.COMMON_NAME, common_name or name)]
    if organization is not None:
        subject.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
    builder = _builder(x509.Name(subject), authority.certificate.subject, own, begins, ends)
    builder = builder.add_extension(
        x509.BasicConstraints(ca=False, path_length=None), critical=True
    ).add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(list(purposes)), critical=False)
    builder = _issued_by(_usage(builder, ca=False), authority)
    return Signer(own, builder.sign(authority.key, hashes.SHA256()))


def make_self_signed() -> Signer:
    """Return a certificate with the right names that nobody vouches for."""
    own = rsa_key()
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, NAME),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, MICROSOFT),
        ]
    )
    builder = _builder(subject, subject, own).add_extension(
        x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False
    )
    return Signer(own, builder.sign(own, hashes.SHA256()))


def signed_headers(
    signer: Signer, body: bytes, *, url: str = URL, own_header: bool = False
) -> dict[str, str]:
    """Return the headers of a genuine event."""
    signature = signer.sign(body)
    where = {"x-ms-signature": signature} if own_header else {}
    return {
        **(where or {"Authorization": f"Signature {signature}"}),
        "X-MS-Certificate-Url": url,
        "X-MS-Signature-Algorithm": "rsa-sha256",
    }


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: Key,
    begins: datetime = NOW - timedelta(days=30),
    ends: datetime = NOW + timedelta(days=365),
    *,
    years: int = 0,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins - timedelta(days=365 * years))
        .not_valid_after(ends + timedelta(days=365 * years))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _issued_by(builder: x509.CertificateBuilder, authority: Authority) -> x509.CertificateBuilder:
    found = authority.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    identifier = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(found.value)
    return builder.add_extension(identifier, critical=False)


def _usage(builder: x509.CertificateBuilder, *, ca: bool) -> x509.CertificateBuilder:
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
    return builder.add_extension(usage, critical=True)
