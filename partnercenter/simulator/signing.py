"""The signature under webhook events: RSA over the raw bytes, by a certificate of the simulator.

Source: "Partner Center webhooks", Authenticate an event: PKCS#1 v1.5 with the hash that the header
names after its dash, under a certificate of Microsoft Corporation that is fetched from a URL.
"""

import base64
from functools import cached_property
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from partnercenter.simulator.certificates import (
    Certificates,
    issue_event_certificate,
    make_authority,
)

ALGORITHM = "rsa-sha256"


class _Identity(NamedTuple):
    key: rsa.RSAPrivateKey
    certificate: x509.Certificate
    authority: x509.Certificate


class EventSigner:
    """Signs event bodies; a simulator without a certificate folder makes its own at first use."""

    def __init__(self, certificates: Certificates | None = None) -> None:
        self._certificates = certificates

    def sign(self, body: bytes) -> str:
        """Return the signature of these very bytes in base64."""
        signature = self._identity.key.sign(body, padding.PKCS1v15(), hashes.SHA256())
        return base64.b64encode(signature).decode()

    @property
    def certificate(self) -> bytes:
        """The signing certificate, DER."""
        return self._identity.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def authority(self) -> bytes:
        """The certificate of the authority above it, PEM: what a receiver is told to trust."""
        return self._identity.authority.public_bytes(serialization.Encoding.PEM)

    @property
    def certificate_name(self) -> str:
        """A file name for the certificate that changes with it, since receivers cache by URL."""
        return self._identity.certificate.fingerprint(hashes.SHA256()).hex()[:16] + ".cer"

    @cached_property
    def _identity(self) -> _Identity:
        if self._certificates is None:
            authority_key, authority = make_authority()
            return _Identity(*issue_event_certificate(authority_key, authority), authority)
        files = self._certificates
        key = serialization.load_pem_private_key(files.event_key.read_bytes(), password=None)
        assert isinstance(key, rsa.RSAPrivateKey)
        return _Identity(
            key,
            x509.load_pem_x509_certificate(files.event_certificate.read_bytes()),
            x509.load_pem_x509_certificate(files.authority.read_bytes()),
        )
