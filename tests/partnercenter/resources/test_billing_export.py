"""The billing export of Graph: asked for, looked at, read file by file, and never led astray."""

import gzip
import json
import tracemalloc
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from partnercenter import errors
from partnercenter.blobs import blob_address
from partnercenter.client import PartnerCenter
from partnercenter.schemas.billing_export import Manifest, read_manifest, read_operation
from tests.partnercenter.fake_service import ENDPOINTS, TENANT, Asked, FakeService, Reply

GRAPH = ENDPOINTS.graph
BILLING = "/v1.0/reports/partners/billing"
ROOT = "https://north1.blob.core.windows.net/billed/v1/PartnerTenantId=p/InvoiceId=G1"
SAS = "sv=2026&sig=a%2Bb%3D"
ROW = {
    "CustomerId": "C0000000-0000-4000-8000-000000000001",
    "InvoiceNumber": "G1",
    "Subtotal": 10.25,
    "TaxTotal": "2.15",
    "Total": 12.40,
    "Currency": "EUR",
    "ChargeType": "new",
    "Tier2MpnId": 0,
    "SomethingNew": [1],
}


def manifest_body(**changes: Any) -> dict[str, Any]:
    """Return a manifest of two files."""
    blobs = [{"name": f"part-{number}.json.gz", "partitionValue": "default"} for number in (1, 2)]
    return {
        "id": "8fe3",
        "eTag": "one",
        "partnerTenantId": TENANT.upper(),
        "rootDirectory": ROOT,
        "sasToken": f"?{SAS}",
        "blobCount": 2,
        "blobs": blobs,
    } | changes


def packed(*rows: Any, end: str = "\n") -> bytes:
    """Return rows as a packed file of JSON lines."""
    return gzip.compress("".join(json.dumps(row) + end for row in rows).encode())


def answering(**replies: Reply) -> Callable[[Asked], Reply]:
    """Return a service that answers by the last word of the path's folder."""

    def answer(asked: Asked) -> Reply:
        for word, reply in replies.items():
            if f"/{word}" in asked.path:
                return reply
        return Reply(status=404)

    return answer


def read_all(client: PartnerCenter, body: dict[str, Any], **more: str) -> list[Any]:
    """Return the lines of a manifest."""
    return list(client.billing_export.lines(read_manifest(body), **more))


def succeeded(**place: Any) -> dict[str, Any]:
    return {"id": "6fe6", "status": "succeeded", **place}


MANIFESTS = f"{GRAPH}{BILLING}/manifests/8fe3"
SPELLINGS: dict[str, dict[str, Any]] = {
    "inline": {"resourceLocation": manifest_body()},
    "link": {"resourceLocation@odata.navigationLink": MANIFESTS},
    "text": {"resourceLocation": MANIFESTS},
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_an_export_is_asked_for_followed_and_read(spelling: str) -> None:
    location = f"{GRAPH}/beta/reports/partners/billing/operations/6fe6"
    service = FakeService(
        answering(
            export=Reply(status=202, headers={"Location": location, "Retry-After": "10"}),
            operations=Reply(body=succeeded(**SPELLINGS[spelling])),
            manifests=Reply(body=manifest_body()),
            billed=Reply(body=packed(ROW, ROW), echo=False),
        )
    )
    export = service.client().billing_export
    asked = export.request_billed("OneTime-G1")
    assert (asked.place, asked.retry_after) == (location.removeprefix(GRAPH), 10.0)
    assert json.loads(service.calls[0].body) == {"invoiceId": "G1", "attributeSet": "full"}
    operation = export.operation(asked.place)
    assert operation.is_done
    assert service.calls[1].path.startswith("/beta/")
    manifest = export.manifest(operation, partner_tenant=TENANT)
    lines = list(export.lines(manifest, invoice_id="G1"))
    assert [line.total for line in lines] == [Decimal("12.4")] * 4
    assert (lines[0].subtotal, lines[0].tax) == (Decimal("10.25"), Decimal("2.15"))
    assert lines[0].customer_id == ROW["CustomerId"].lower()  # type: ignore[attr-defined]
    assert lines[0].raw["SomethingNew"] == [1]
    blobs = [call for call in service.calls if call.host.endswith("blob.core.windows.net")]
    assert [call.query["sig"] for call in blobs] == ["a+b="] * 2
    assert not any("authorization" in call.headers for call in blobs)
    assert SAS not in repr(manifest) + repr(operation) and ROOT not in repr(manifest)


def test_unbilled_data_and_usage_have_paths_of_their_own() -> None:
    place = f"{GRAPH}{BILLING}/operations/6fe6"
    service = FakeService(answering(export=Reply(status=202, headers={"Location": place})))
    export = service.client().billing_export
    export.request_unbilled("eur", "last", usage=True, basic=True)
    assert service.calls[0].path == f"{BILLING}/usage/unbilled/export"
    assert json.loads(service.calls[0].body) == {
        "currencyCode": "EUR",
        "billingPeriod": "last",
        "attributeSet": "basic",
    }
    for wrong in (("EURO", "last"), ("EUR", "previous")):
        with pytest.raises(errors.InvalidRequest):
            export.request_unbilled(*wrong)
    with pytest.raises(errors.InvalidRequest):
        export.request_billed("G1/../x")


def test_an_export_without_data_is_empty_and_an_expired_one_is_to_be_asked_for_again() -> None:
    failed = {"id": "6", "status": "failed", "error": {"code": "5000", "message": "No data"}}
    operation = read_operation(failed)
    assert operation.is_done and operation.has_no_data
    service = FakeService(answering(operations=Reply(status=410), billed=Reply(status=403)))
    with pytest.raises(errors.ExportExpired):
        service.client().billing_export.operation(f"{BILLING}/operations/6")
    with pytest.raises(errors.ExportExpired):
        read_all(service.client(), manifest_body())


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"status": 1.5},
        {"status": "succeeded"},
        {"status": "succeeded", "resourceLocation": {"id": "x"}},
        {"status": "succeeded", "resourceLocation": manifest_body(blobCount=3)},
        {"status": "succeeded", "resourceLocation": manifest_body(blobs=[{}, {}])},
        [],
    ],
    ids=range(7),
)
def test_an_operation_that_says_too_little_is_refused(body: Any) -> None:
    with pytest.raises(errors.MalformedAnswer):
        read_operation(body)


def test_j14_files_of_another_partner_or_invoice_are_not_used() -> None:
    operation = read_operation(succeeded(resourceLocation=manifest_body(partnerTenantId="9" * 8)))
    service = FakeService(answering(billed=Reply(body=packed(ROW), echo=False)))
    with pytest.raises(errors.MixedUpAnswer):
        service.client().billing_export.manifest(operation, partner_tenant=TENANT)
    with pytest.raises(errors.MalformedAnswer, match="another invoice"):
        read_all(service.client(), manifest_body(), invoice_id="G2")


ELSEWHERE = [
    "https://evil.example/x",
    "https://north1.blob.core.windows.net.evil.example/x",
    "https://evilblob.core.windows.net.example/x",
    "https://user@north1.blob.core.windows.net/x",
    "https://north1.blob.core.windows.net:8443/x",
    "http://north1.blob.core.windows.net/x",
    "https://blob.core.windows.net\\@evil.example/x",
    "https://evil.example\\@north1.blob.core.windows.net/x",
    "https://north1.blob.core.windows.net/a/../../x",
    "https://north1.blob.core.windows.net/x?y=1",
    "https://169.254.169.254/x",
    "//north1.blob.core.windows.net/x",
    "https://[::1]/x",
    "https://north1.blob.core.windows.net:99999/x",
    "file:///etc/passwd",
    "https://north1。blob.core.windows.net/x",
]
NAMES = ["../up.gz", "a/../../b.gz", "/abs.gz", "a//b.gz", ".", "a\\b", "a\nb", "a/./b"]


def test_e09_files_are_fetched_from_storage_alone() -> None:
    service = FakeService(answering())
    client = service.client()
    tries = [manifest_body(rootDirectory=root) for root in ELSEWHERE]
    tries += [manifest_body(blobs=[{"name": name}, {"name": "b"}], blobCount=2) for name in NAMES]
    tries += [manifest_body(sasToken=sas) for sas in ("a b", "x\r\nHost: y", "a#b", "é")]
    for body in tries:
        with pytest.raises(errors.LinkRefused):
            read_all(client, body)
    assert service.calls == []


@pytest.mark.parametrize(
    "address",
    [
        "https://graph.example.test.evil.example/v1.0/reports/partners/billing/operations/1",
        "https://evil.example/v1.0/reports/partners/billing/operations/1",
        f"{GRAPH}/v1.0/users",
        f"{GRAPH}{BILLING}/operations/../../users",
        f"{GRAPH}{BILLING}/operations/1?x=1",
        "/v1.0/reports/partners/billing/operations/1",
        f"{GRAPH}@evil.example{BILLING}/operations/1",
        "https://[",
    ],
    ids=range(8),
)
def test_e09_tokens_go_to_graph_alone(address: str) -> None:
    service = FakeService(answering(export=Reply(status=202, headers={"Location": address})))
    client = service.client()
    with pytest.raises(errors.LinkRefused):
        client.billing_export.request_billed("G1")
    operation = read_operation(succeeded(resourceLocation=address))
    with pytest.raises(errors.LinkRefused):
        client.billing_export.manifest(operation, partner_tenant=TENANT)
    assert [call.path for call in service.calls] == [f"{BILLING}/reconciliation/billed/export"]


def test_a_simulator_is_its_own_storage() -> None:
    simulator = "http://127.0.0.1:9443"
    found = blob_address(f"{simulator}/blobs/G1", "a=b.gz", "s=1", storage=f"{simulator}/")
    assert found == f"{simulator}/blobs/G1/a=b.gz?s=1"
    with pytest.raises(errors.LinkRefused):
        blob_address("http://127.0.0.1:9444/blobs", "b", "", storage=simulator)


ONE = json.dumps(ROW).encode()
TWO = packed(ROW, ROW)
DAMAGED: dict[str, tuple[bytes, type[errors.PartnerCenterError]]] = {
    "cut short": (TWO[:-9], errors.TornAnswer),
    "not packed": (ONE, errors.MalformedAnswer),
    "spoilt in the middle": (TWO[:30] + b"\xff\x00" + TWO[32:], errors.MalformedAnswer),
    "wrong sum": (TWO[:-8] + bytes(8), errors.MalformedAnswer),
    "something behind": (TWO + b"tail", errors.MalformedAnswer),
    "a bad middle line": (gzip.compress(ONE + b"\n{\n" + ONE), errors.MalformedAnswer),
    "a list": (packed([]), errors.MalformedAnswer),
    "no amount": (packed({"Currency": "EUR"}), errors.MalformedAnswer),
    "not a number": (gzip.compress(b'{"Total": NaN}'), errors.MalformedAnswer),
    "a page": (gzip.compress(b"<html>"), errors.MalformedAnswer),
    "a line without end": (gzip.compress(b'"' + b"x" * (3 << 20)), errors.AnswerTooLarge),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_j13_a_damaged_file_ends_in_an_error_that_says_so(damage: str) -> None:
    body, kind = DAMAGED[damage]
    service = FakeService(answering(billed=Reply(body=body, echo=False)))
    with pytest.raises(kind) as refused:
        read_all(service.client(), manifest_body())
    assert SAS not in str(refused.value)
    assert "blob" not in str(refused.value)


def test_j13_marks_and_line_ends_of_other_systems_are_read() -> None:
    content = b"\xef\xbb\xbf" + ONE + b"\r\n\r\n" + ONE
    both = gzip.compress(content) + packed(ROW)
    service = FakeService(answering(billed=Reply(body=both, echo=False)))
    body = manifest_body(blobs=[{"name": "a"}], blobCount=1)
    # Two packed parts in one file are joined as they stand.
    with pytest.raises(errors.MalformedAnswer):
        read_all(service.client(), body)
    joined = gzip.compress(content + b"\n") + packed(ROW) + packed()
    service = FakeService(answering(billed=Reply(body=joined, echo=False)))
    assert len(read_all(service.client(), body)) == 3
    empty = FakeService(answering(billed=Reply(body=b"", echo=False)))
    assert read_all(empty.client(), body) == []


def test_j13_a_file_packed_a_thousandfold_needs_no_memory_to_speak_of() -> None:
    bomb = gzip.compress((b" " * 8191 + b"\n") * (300 << 7), compresslevel=9)
    assert len(bomb) * 500 < 300 << 20
    service = FakeService(answering(billed=Reply(body=bomb, echo=False)))
    manifest: Manifest = read_manifest(manifest_body(blobs=[{"name": "a"}], blobCount=1))
    tracemalloc.start()
    try:
        assert list(service.client().billing_export.lines(manifest)) == []
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 50 << 20


def test_j13_lines_without_end_are_not_counted_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("partnercenter.blobs.MOST_LINES", 1000)
    service = FakeService(answering(billed=Reply(body=gzip.compress(b"\n" * 5000), echo=False)))
    with pytest.raises(errors.AnswerTooLarge):
        read_all(service.client(), manifest_body())
