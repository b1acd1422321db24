"""Whether an event was sent by Microsoft: the signature over its raw bytes, and whose it is.

The scheme signs the body alone, without a time, so a genuine event may come a thousand times and
years later. It says who wrote the event; it never says that the event is news. And nothing of a
body is read before this module has said who wrote it. Source: "Partner Center webhooks",
"Authenticate the event".

SignatureRefused
├── HeadersRefused             a header is missing, doubled or not of the scheme
├── AlgorithmRefused
├── PlaceRefused               the certificate is said to be where none of Microsoft's are
├── CertificateUnavailable     nothing usable came from that place                     transient
├── CertificateRefused         not Microsoft's, or of another time
└── SignatureMismatch          these bytes were not signed with that certificate
"""

import base64
import binascii
import functools
import time
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import requests
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import NameOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from partnercenter.errors import PartnerCenterError
from partnercenter.wire import Limits, Wire

MICROSOFT = "Microsoft Corporation"
NAME_SUFFIX = ".microsoft.com"
LONGEST_BODY = 64 * 1024
LONGEST_URL = 2_048
MOST_CERTIFICATES = 10
SMALLEST_KEY = 2_048
DOWNLOAD = Limits(connect=3.0, read=3.0, whole=3.0, size=64 * 1024)
"""One certificate: seconds and bytes."""
_HASHES: Mapping[str, type[hashes.HashAlgorithm]] = {
    "rsa-sha256": hashes.SHA256,
    "rsa-sha384": hashes.SHA384,
    "rsa-sha512": hashes.SHA512,
}
_SCHEME = "signature"
_PEM = b"-----BEGIN CERTIFICATE-----"

Fetch = Callable[[str], bytes]
"""Returns what is at a URL that `verify` found to be on a trusted host; raises as it likes."""


class SignatureRefused(PartnerCenterError):
    advice = "This event is not known to come from Microsoft. Nothing was done about it."


class HeadersRefused(SignatureRefused):
    pass


class AlgorithmRefused(SignatureRefused):
    pass


class PlaceRefused(SignatureRefused):
    pass


class CertificateUnavailable(SignatureRefused):
    transient = True
    advice = "The certificate of the event could not be read. Microsoft sends the event again."


class CertificateRefused(SignatureRefused):
    pass


class SignatureMismatch(SignatureRefused):
    pass


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose certificates count: where they lie, which roots vouch for them, whose they must be.

    ``hosts`` are compared whole, port included. ``roots`` is a file of PEM certificates, None for
    the public ones. Everybody can have a certificate of a public root, so the ``organization`` it
    was issued to decides, with a name that ends in ``name_suffix``.
    """

    hosts: frozenset[str]
    roots: str | None = None
    organization: str = MICROSOFT
    name_suffix: str = NAME_SUFFIX


@dataclass(frozen=True, slots=True)
class Claim:
    """What the headers of an event say of its signature; nothing of it is believed yet."""

    algorithm: str
    signature: bytes
    certificate_url: str


def read_claim(headers: Mapping[str, str], *, trust: Trust) -> Claim:
    """Return what the headers claim. Costs nothing: no call, no arithmetic.

    Raises: HeadersRefused, AlgorithmRefused, PlaceRefused.
    """
    given = {name.lower(): value.strip() for name, value in headers.items()}
    algorithm = given.get("x-ms-signature-algorithm", "").lower()
    url = given.get("x-ms-certificate-url", "")
    signature = _signature_of(given)
    if not algorithm or not url or not signature:
        raise HeadersRefused("The event is not signed: a header is missing.")
    if algorithm not in _HASHES:
        raise AlgorithmRefused("The event is signed in a way that Microsoft does not use.")
    check_place(url, trust=trust)
    try:
        decoded = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        decoded = b""
    if not decoded:
        raise HeadersRefused("The event is not signed: the signature is no base64.")
    return Claim(algorithm, decoded, url)


def verify(claim: Claim, body: bytes, *, certificates: bytes, trust: Trust, now: datetime) -> None:
    """Return if the body was signed as claimed, by whom we trust; ``now`` is aware.

    ``certificates`` is what lies at the claimed place: one certificate as DER, or PEM with the
    signer's first and those above it after it.
    Raises: CertificateUnavailable when that is no certificate, CertificateRefused,
    SignatureMismatch.
    """
    signer, others = read_certificates(certificates)
    check_certificate(signer, others, trust=trust, now=now)
    key = signer.public_key()
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < SMALLEST_KEY:
        raise CertificateRefused("The certificate of the event has a key of another kind.")
    try:
        key.verify(claim.signature, body, padding.PKCS1v15(), _HASHES[claim.algorithm]())
    except InvalidSignature:
        genuine = False
    else:
        genuine = True
    if not genuine:
        raise SignatureMismatch("The event was changed, or signed with another key.")


def check_place(url: str, *, trust: Trust) -> None:
    """Return if a certificate may be fetched from there. Raises: PlaceRefused."""
    failure = PlaceRefused("The certificate of the event is said to be at a place of no trust.")
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable():
        raise failure
    if any(character in url for character in "\\ #"):
        raise failure
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise failure from None
    # The whole of it: a port, a user's name or a longer host makes another place.
    if parts.scheme != "https" or parts.netloc not in trust.hosts or port == 0:
        raise failure


def certificate_fetcher(
    session: requests.Session,
    *,
    ca_bundle: str | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Fetch:
    """Return what downloads a certificate: 64 kB and 3 seconds at most, no redirect, no token.

    It raises: CertificateUnavailable.
    """
    wire = Wire(session, ca_bundle=ca_bundle, limits=DOWNLOAD, clock=clock)

    def fetch(url: str) -> bytes:
        until = clock() + DOWNLOAD.whole
        content = bytearray()
        failure = CertificateUnavailable("The certificate of the event was not there.")
        try:
            with wire.stream("GET", url, call="Reading the certificate of an event") as answer:
                failure.status = answer.status
                for piece in answer.chunks if answer.status == 200 else ():
                    content += piece
                    if len(content) > DOWNLOAD.size or clock() > until:
                        text = "The certificate of the event is too large, or came too slowly."
                        failure = CertificateUnavailable(text)
                        content.clear()
                        break
        except PartnerCenterError as error:
            failure = CertificateUnavailable(error.message)
            content.clear()
        if not content:
            raise failure
        return bytes(content)

    return fetch


def read_certificates(content: bytes) -> tuple[x509.Certificate, list[x509.Certificate]]:
    """Return the signer's certificate and those above it. Raises: CertificateUnavailable."""
    try:
        if _PEM in content:
            if content.count(_PEM) > MOST_CERTIFICATES:
                raise ValueError("too many")
            first, *others = x509.load_pem_x509_certificates(content)
            return first, others
        return x509.load_der_x509_certificate(content), []
    except (ValueError, TypeError, UnsupportedAlgorithm):
        failure = CertificateUnavailable("What lies at the place of the certificate is none.")
    raise failure


def check_certificate(
    signer: x509.Certificate,
    others: list[x509.Certificate],
    *,
    trust: Trust,
    now: datetime,
) -> None:
    """Return if a root we know vouches for the signer now, and it is who it must be.

    Raises: CertificateRefused.
    """
    names = _dns_names(signer)
    subject = {
        (attribute.oid, attribute.value)
        for attribute in signer.subject
        if attribute.oid in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)
    }
    organizations = [value for oid, value in subject if oid == NameOID.ORGANIZATION_NAME]
    common = [value for oid, value in subject if oid == NameOID.COMMON_NAME]
    name = next((name for name in names if name.endswith(trust.name_suffix)), None)
    if organizations != [trust.organization] or name is None or common not in ([name], []):
        raise CertificateRefused("The certificate of the event was issued to somebody else.")
    if not _is_vouched_for(signer, others, name, roots=trust.roots, now=now):
        raise CertificateRefused(
            "The certificate of the event is of another time, or nobody we know vouches for it."
        )


def _signature_of(given: Mapping[str, str]) -> str:
    """Return the signature in base64; empty when there is none, or two that differ.

    Which of the two headers it comes in is the registration's choice.
    """
    own = given.get("x-ms-signature", "")
    scheme, _, rest = own.partition(" ")
    own = rest.strip() if rest and scheme.lower() == _SCHEME else own
    scheme, _, rest = given.get("authorization", "").partition(" ")
    authorized = rest.strip() if scheme.lower() == _SCHEME else ""
    return "" if own and authorized and own != authorized else own or authorized


def _dns_names(certificate: x509.Certificate) -> list[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        return found.value.get_values_for_type(x509.DNSName)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return []


def _is_vouched_for(
    signer: x509.Certificate,
    others: list[x509.Certificate],
    name: str,
    *,
    roots: str | None,
    now: datetime,
) -> bool:
    """Tell whether a chain leads from the signer to a root.

    Certificates of public roots are for servers or for clients, and authorities are giving up the
    latter; either is good for signing an event.
    """
    builder = PolicyBuilder().store(_store(roots or DEFAULT_CA_BUNDLE_PATH)).time(now)
    try:
        builder.build_server_verifier(x509.DNSName(name)).verify(signer, others)
    except (VerificationError, ValueError):
        pass
    else:
        return True
    try:
        builder.build_client_verifier().verify(signer, others)
    except (VerificationError, ValueError):
        return False
    return True


@functools.lru_cache(maxsize=8)
def _store(path: str) -> Store:
    """Return the roots in a file; read once, since a process outlives no change of them.

    Some old public roots are not as today's rules want them. They vouch for nobody.
    """
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        for block in Path(path).read_bytes().split(_PEM)[1:]:
            with suppress(ValueError, UnsupportedAlgorithm):
                found.append(x509.load_pem_x509_certificate(_PEM + block))
    return Store(found)
