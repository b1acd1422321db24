"""E01: an event counts only if Microsoft signed these very bytes.

Every forgery is refused by the rule that is there for it, so that none hides behind another.
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from partnercenter.webhook_signatures import (
    AlgorithmRefused,
    CertificateRefused,
    CertificateUnavailable,
    HeadersRefused,
    SignatureMismatch,
    SignatureRefused,
    Trust,
    read_claim,
    verify,
)
from tests.partnercenter.forging import (
    CLIENT,
    CODE,
    HOST,
    NOW,
    SERVER,
    URL,
    Authority,
    Signer,
    make_authority,
    make_self_signed,
    make_signer,
    rsa_key,
    signed_headers,
)

Record = Callable[[str, object], None]
BODY = b'{"EventName":"test-created","ResourceUri":null}'
ROOT = make_authority()
GENUINE = make_signer(ROOT)
OTHER_ROOT = make_authority("Somebody else's root")


@pytest.fixture
def trust(tmp_path: Path) -> Trust:
    return Trust(hosts=frozenset({HOST}), roots=ROOT.write(tmp_path))


def judge(
    trust: Trust,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes = BODY,
    certificates: bytes | None = None,
) -> None:
    """Judge an event that is genuine but for what is given."""
    claim = read_claim(signed_headers(GENUINE, BODY) if headers is None else headers, trust=trust)
    content = GENUINE.der() if certificates is None else certificates
    verify(claim, body, certificates=content, trust=trust, now=NOW)


def without(name: str) -> dict[str, str]:
    given = signed_headers(GENUINE, BODY)
    del given[name]
    return given


def with_header(name: str, value: str) -> dict[str, str]:
    return signed_headers(GENUINE, BODY) | {name: value}


def by(signer: Signer) -> tuple[dict[str, str], bytes]:
    return signed_headers(signer, BODY), signer.der()


def signed_by_ec() -> tuple[dict[str, str], bytes]:
    return by(make_signer(ROOT, key=ec.generate_private_key(ec.SECP256R1())))


def under_a_leaf() -> tuple[dict[str, str], bytes]:
    """A genuine certificate used as an authority for one of one's own."""
    leaf_key = ec.generate_private_key(ec.SECP256R1())
    leaf = make_signer(ROOT, key=leaf_key, organization="Somebody", name="a.microsoft.com")
    mine = make_signer(Authority(leaf_key, leaf.certificate), key=rsa_key(3))
    return signed_headers(mine, BODY), mine.pem() + leaf.pem()


SIGNATURE = GENUINE.sign(BODY)
DAY = timedelta(days=1)
FORGED: dict[str, tuple[type[SignatureRefused], Callable[[], dict[str, object]]]] = {
    "no headers": (HeadersRefused, lambda: {"headers": {}}),
    "no signature": (HeadersRefused, lambda: {"headers": without("Authorization")}),
    "no certificate": (HeadersRefused, lambda: {"headers": without("X-MS-Certificate-Url")}),
    "no algorithm": (HeadersRefused, lambda: {"headers": without("X-MS-Signature-Algorithm")}),
    "a bearer's token": (
        HeadersRefused,
        lambda: {"headers": with_header("Authorization", f"Bearer {SIGNATURE}")},
    ),
    "empty signature": (
        HeadersRefused,
        lambda: {"headers": with_header("Authorization", "Signature ")},
    ),
    "no base64": (
        HeadersRefused,
        lambda: {"headers": with_header("Authorization", "Signature äöü====")},
    ),
    "two signatures": (
        HeadersRefused,
        lambda: {"headers": with_header("x-ms-signature", GENUINE.sign(b"other"))},
    ),
    "a doubled header": (
        HeadersRefused,
        lambda: {
            "headers": with_header("Authorization", f"Signature {SIGNATURE}, Signature {SIGNATURE}")
        },
    ),
    "algorithm none": (
        AlgorithmRefused,
        lambda: {"headers": with_header("X-MS-Signature-Algorithm", "none")},
    ),
    "algorithm sha1": (
        AlgorithmRefused,
        lambda: {"headers": with_header("X-MS-Signature-Algorithm", "rsa-sha1")},
    ),
    "algorithm hmac": (
        AlgorithmRefused,
        lambda: {"headers": with_header("X-MS-Signature-Algorithm", "hmac-sha256")},
    ),
    "another hash": (
        SignatureMismatch,
        lambda: {"headers": with_header("X-MS-Signature-Algorithm", "rsa-sha512")},
    ),
    "one blank more": (SignatureMismatch, lambda: {"body": BODY + b" "}),
    "one bit other": (SignatureMismatch, lambda: {"body": bytes([BODY[0] ^ 1]) + BODY[1:]}),
    "no body": (SignatureMismatch, lambda: {"body": b""}),
    "signature cut": (
        SignatureMismatch,
        lambda: {
            "headers": with_header(
                "Authorization",
                "Signature " + base64.b64encode(base64.b64decode(SIGNATURE)[:-1]).decode(),
            )
        },
    ),
    "signed by another key": (
        SignatureMismatch,
        lambda: {"headers": signed_headers(make_signer(ROOT, key=rsa_key(1)), BODY)},
    ),
    "self-signed with the right name": (
        CertificateRefused,
        lambda: dict(zip(("headers", "certificates"), by(make_self_signed()), strict=True)),
    ),
    "of another root": (
        CertificateRefused,
        lambda: dict(zip(("headers", "certificates"), by(make_signer(OTHER_ROOT)), strict=True)),
    ),
    "another root sent along": (
        CertificateRefused,
        lambda: {"certificates": make_signer(OTHER_ROOT).pem() + OTHER_ROOT.pem()},
    ),
    "of another organization": (
        CertificateRefused,
        lambda: {"certificates": make_signer(ROOT, organization="Contoso Ltd").der()},
    ),
    "of an organization called alike": (
        CertificateRefused,
        lambda: {"certificates": make_signer(ROOT, organization="Microsoft Corporation ").der()},
    ),
    "of no organization": (
        CertificateRefused,
        lambda: {"certificates": make_signer(ROOT, organization=None).der()},
    ),
    "with a foreign name": (
        CertificateRefused,
        lambda: {"certificates": make_signer(ROOT, name="microsoft.com.example.test").der()},
    ),
    "with another common name": (
        CertificateRefused,
        lambda: {"certificates": make_signer(ROOT, common_name="dispatch.example.test").der()},
    ),
    "expired": (
        CertificateRefused,
        lambda: {"certificates": make_signer(ROOT, begins=NOW - 9 * DAY, ends=NOW - DAY).der()},
    ),
    "not yet valid": (
        CertificateRefused,
        lambda: {"certificates": make_signer(ROOT, begins=NOW + DAY).der()},
    ),
    "for signing code": (
        CertificateRefused,
        lambda: {"certificates": make_signer(ROOT, purposes=[CODE]).der()},
    ),
    "with a short key": (
        CertificateRefused,
        lambda: {"certificates": make_signer(ROOT, key=rsa_key(2, 1024)).der()},
    ),
    "with a key of another kind": (
        CertificateRefused,
        lambda: dict(zip(("headers", "certificates"), signed_by_ec(), strict=True)),
    ),
    "a server's certificate as authority": (
        CertificateRefused,
        lambda: dict(zip(("headers", "certificates"), under_a_leaf(), strict=True)),
    ),
    "no certificate there": (CertificateUnavailable, lambda: {"certificates": b"<html></html>"}),
    "a hundred certificates": (
        CertificateUnavailable,
        lambda: {"certificates": GENUINE.pem() * 100},
    ),
    "a damaged certificate": (
        CertificateUnavailable,
        lambda: {"certificates": GENUINE.der()[:-9]},
    ),
}


@pytest.mark.parametrize("kind", FORGED)
def test_e01_a_forged_event_is_refused(kind: str, trust: Trust) -> None:
    expected, forge = FORGED[kind]
    with pytest.raises(SignatureRefused) as caught:
        judge(trust, **forge())  # type: ignore[arg-type]
    assert type(caught.value) is expected


def test_e01_how_many_kinds_there_are(record_property: Record) -> None:
    record_property("figure", f"E01: {len(FORGED)} of {len(FORGED)} kinds of forgery are refused")
    assert len(FORGED) >= 22


@pytest.mark.parametrize("own_header", [False, True])
def test_a_genuine_event_is_taken(trust: Trust, own_header: bool) -> None:
    judge(trust, headers=signed_headers(GENUINE, BODY, own_header=own_header))


@pytest.mark.parametrize(
    ("name", "algorithm"),
    [("rsa-sha384", hashes.SHA384()), ("RSA-SHA512", hashes.SHA512())],
)
def test_longer_hashes_are_taken(trust: Trust, name: str, algorithm: hashes.HashAlgorithm) -> None:
    headers = {
        "authorization": f"signature {GENUINE.sign(BODY, algorithm)}",
        "x-ms-certificate-url": URL,
        "x-ms-signature-algorithm": name,
    }
    judge(trust, headers=headers)


@pytest.mark.parametrize("purposes", [[SERVER], [CLIENT], [SERVER, CLIENT]])
def test_certificates_for_servers_or_clients_are_taken(
    trust: Trust, purposes: list[object]
) -> None:
    judge(trust, certificates=make_signer(ROOT, purposes=purposes).der())  # type: ignore[arg-type]


def test_certificates_between_signer_and_root_may_lie_in_the_same_file(trust: Trust) -> None:
    between = make_authority("Between", above=ROOT)
    signer = make_signer(between)
    judge(trust, certificates=signer.pem() + between.pem())
    with pytest.raises(CertificateRefused):
        judge(trust, certificates=signer.pem())


def test_a_certificate_is_good_for_its_time_only(trust: Trust) -> None:
    claim = read_claim(signed_headers(GENUINE, BODY), trust=trust)
    for moment in (NOW - 2 * DAY, NOW + 91 * DAY):
        with pytest.raises(CertificateRefused):
            verify(claim, BODY, certificates=GENUINE.der(), trust=trust, now=moment)


def test_public_roots_do_not_vouch_for_it(trust: Trust) -> None:
    with pytest.raises(CertificateRefused):
        judge(replace(trust, roots=None))
