"""The billing export beside its fidelity rules: refusals, partitions, size, restart, preview."""

import gzip
import http.client
import json
import tracemalloc
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from partnercenter.simulator import Simulator
from partnercenter.simulator.graph_rows import FULL
from partnercenter.simulator.server import SimulatorServer
from partnercenter.simulator.worlds import make_world, open_world
from tests.partnercenter.simulator.calls import Caller, Clock, app_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.exporting import (
    BASE,
    BILLED,
    UNBILLED,
    blob_path,
    export_rows,
    finish,
    get_blob,
    graph_caller,
    manifest_of,
    path_of,
    rows_in,
    submit,
)
from tests.partnercenter.simulator.sample_worlds import make_invoice, make_line, write_world

USAGE = {"invoiceLineItemType": "usage_line_items", "billingProvider": "marketplace"}
OFFICE = {"billingProvider": "office"}
TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (BILLED, {}),
        (BILLED, {"invoiceId": " "}),
        (BILLED, {"invoiceId": 7}),
        (BILLED, {"invoiceId": "G1", "attributeSet": "some"}),
        (UNBILLED, {"billingPeriod": "current"}),
        (UNBILLED, {"billingPeriod": "current", "currencyCode": "euro"}),
        (UNBILLED, {"currencyCode": "EUR"}),
        ("usage/unbilled/export", {"currencyCode": "EUR", "billingPeriod": "previous"}),
        (BILLED, b"{"),
        (BILLED, b"[]"),
    ],
)
def test_a_wrong_wish_is_refused_as_graph_refuses(
    make_simulator: MakeSimulator, kind: str, body: Any
) -> None:
    simulator = make_simulator()
    answer = graph_caller(simulator).post(f"{BASE}/{kind}", body)
    assert (answer.status, answer.json()["error"]["code"]) == (400, "badRequest")
    assert simulator.ledger.find(kind="export_requested") == []


def test_unknown_operations_are_not_found(make_simulator: MakeSimulator) -> None:
    caller = graph_caller(make_simulator())
    answer = caller.get(f"{BASE}/operations/unknown", headers={"client-request-id": "mine"})
    assert (answer.status, answer.json()["error"]["code"]) == (404, "ResourceNotFound")
    assert answer.json()["error"]["innerError"]["client-request-id"] == "mine"
    assert answer.headers["client-request-id"] == "mine"


def test_graph_paths_have_one_version(make_simulator: MakeSimulator) -> None:
    caller = graph_caller(make_simulator())
    wrong = BASE.replace("/v1.0", "/v1")
    assert caller.post(f"{wrong}/{BILLED}", {"invoiceId": "G1"}).status == 404


def test_only_rows_of_the_wanted_kind_are_exported(make_simulator: MakeSimulator) -> None:
    rows = [make_line(1), make_line(2, **OFFICE), make_line(3, **USAGE)]
    lines = {"G1": rows, "D1": [make_line(4, **OFFICE)]}
    invoices = [make_invoice("G1"), make_invoice("D1")]
    simulator = make_simulator(invoices=invoices, lines=lines)

    def exported(kind: str, invoice: str) -> list[str]:
        return [
            row["SubscriptionId"][-1] for row in export_rows(simulator, kind, invoiceId=invoice)
        ]

    assert exported(BILLED, "onetime-g1") == ["1"]
    assert exported("usage/billed/export", "G1") == ["3"]
    assert exported(BILLED, "D1") == exported("usage/billed/export", "D1") == []


def test_unbilled_rows_are_exported_by_currency(make_simulator: MakeSimulator) -> None:
    rows = [make_line(1), make_line(2, currency="USD"), make_line(3, **USAGE)]
    simulator = make_simulator(lines={"unbilled-current": rows})
    wish = {"currencyCode": "usd", "billingPeriod": "Current"}
    assert len(export_rows(simulator, UNBILLED, **wish)) == 1
    assert export_rows(simulator, "usage/unbilled/export", **wish) == []
    wish["currencyCode"] = "EUR"
    assert len(export_rows(simulator, "usage/unbilled/export", **wish)) == 1


def test_a_generated_row_has_all_columns_and_the_world_s_own_survive(
    tmp_path: Path, clock: Clock
) -> None:
    make_world(tmp_path / "world", customers=5, lines=30, seed=3, today=TODAY)
    simulator = Simulator(open_world(str(tmp_path / "world"), cache=tmp_path), clock=clock)
    invoice = app_caller(simulator).get("/v1/invoices").json()["items"][-1]
    rows = export_rows(simulator, invoiceId=invoice["id"])
    assert len(FULL["reconciliation"]) == 47
    assert {tuple(row) for row in rows} == {FULL["reconciliation"]}
    assert {row["InvoiceNumber"] for row in rows} == {invoice["id"]}


def test_rows_kept_in_the_spelling_of_graph_are_exported_as_they_are(
    make_simulator: MakeSimulator,
) -> None:
    row = {"PartnerId": "p", "Tier2MpnId": "7", "Total": 1.2, "ProductCategory": "X", "Later": 1}
    simulator = make_simulator(invoices=[make_invoice("G1")], lines={"G1": [row]})
    assert export_rows(simulator, invoiceId="G1") == [row | {"InvoiceNumber": "G1"}]
    Caller(simulator).post("/_simulator/switches", {"one_time_numbers_as_strings": True})
    assert export_rows(simulator, invoiceId="G1")[0]["Total"] == "1.2"


@pytest.mark.parametrize(("size", "count"), [(1, 5), (2, 3), (5, 1), (6, 1)])
def test_partitions_hold_every_row_once(
    make_simulator: MakeSimulator, size: int, count: int
) -> None:
    lines = {"G1": [make_line(number) for number in range(5)]}
    simulator = make_simulator(
        invoices=[make_invoice("G1")], lines=lines, switches={"blob_rows": size}
    )
    caller = graph_caller(simulator)
    manifest = manifest_of(caller, invoiceId="G1")
    assert manifest["blobCount"] == count
    # What was promised stays, whatever is switched later.
    caller.post("/_simulator/switches", {"blob_rows": 3, "unknown_columns": True})
    rows = rows_in(simulator, manifest)
    assert [int(row["SubscriptionId"][-1]) for row in rows] == [0, 1, 2, 3, 4]
    assert "ColumnOfNextYear" not in rows[0]


def test_a_partition_without_wanted_rows_is_an_empty_file(make_simulator: MakeSimulator) -> None:
    lines = {"G1": [make_line(1, **OFFICE), make_line(2)]}
    simulator = make_simulator(
        invoices=[make_invoice("G1")], lines=lines, switches={"blob_rows": 1}
    )
    manifest = manifest_of(graph_caller(simulator), invoiceId="G1")
    first = get_blob(simulator, blob_path(manifest, manifest["blobs"][0]["name"]))
    assert gzip.decompress(first.body) == b""
    assert len(rows_in(simulator, manifest)) == 1


def test_blobs_are_sent_in_parts_and_not_kept(tmp_path: Path, clock: Clock) -> None:
    lines = {"G1": (make_line(number, productName="x" * 900) for number in range(20_000))}
    world = write_world(tmp_path / "world", invoices=[make_invoice("G1")], lines=lines)
    simulator = Simulator(world, clock=clock)
    caller = graph_caller(simulator)
    manifest = manifest_of(caller, invoiceId="G1")
    target = blob_path(manifest, manifest["blobs"][0]["name"])
    path, _, query = target.partition("?")
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "443",
        "wsgi.url_scheme": "https",
    }
    tracemalloc.start()
    try:
        received = 0
        for part in simulator.wsgi(environ, lambda *_: lambda _: None):
            received += len(part)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert received > 0
    # The file holds 25 MB of rows; what is in memory is one page of them.
    assert (tmp_path / "world" / "invoice_lines" / "G1.jsonl").stat().st_size > 20_000_000
    assert peak < 8_000_000


def test_a_blob_goes_out_in_chunks_and_its_connection_stays_open(
    make_simulator: MakeSimulator,
) -> None:
    lines = {"G1": [make_line(number) for number in range(5)]}
    simulator = make_simulator(invoices=[make_invoice("G1")], lines=lines)
    manifest = manifest_of(graph_caller(simulator), invoiceId="G1")
    target = blob_path(manifest, manifest["blobs"][0]["name"])
    server = SimulatorServer(simulator.wsgi, host="127.0.0.1", port=0)
    server.start()
    try:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        for _ in range(2):
            connection.request("GET", target)
            response = connection.getresponse()
            assert response.getheader("Transfer-Encoding") == "chunked"
            assert response.getheader("Content-Length") is None
            assert len(gzip.decompress(response.read()).splitlines()) == 5
        connection.close()
    finally:
        server.stop()


def test_an_export_waits_in_the_queue_before_it_runs(make_simulator: MakeSimulator) -> None:
    lines = {"G1": [make_line(1)]}
    switches = {"export_queue_seconds": 8, "export_seconds": 5}
    simulator = make_simulator(invoices=[make_invoice("G1")], lines=lines, switches=switches)
    caller = graph_caller(simulator)
    operation = submit(caller, invoiceId="G1")
    seen = []
    for _ in range(5):
        answer = caller.get(operation)
        seen.append(answer.json()["status"])
        simulator.advance(timedelta(seconds=int(answer.headers.get("retry-after", 0))))
    assert seen == ["notStarted", "running", "succeeded", "succeeded", "succeeded"]


def test_a_fault_can_break_a_blob_off(make_simulator: MakeSimulator) -> None:
    fault = {"path": r"\.json\.gz", "action": "torn", "fraction": 0.5}
    lines = {"G1": [make_line(number) for number in range(50)]}
    simulator = make_simulator(invoices=[make_invoice("G1")], lines=lines, faults=[fault])
    manifest = manifest_of(graph_caller(simulator), invoiceId="G1")
    answer = get_blob(simulator, blob_path(manifest, manifest["blobs"][0]["name"]))
    assert answer.status == 200
    with pytest.raises(EOFError):
        gzip.decompress(answer.body)


def test_exports_survive_a_restart_and_end_with_a_reset(tmp_path: Path, clock: Clock) -> None:
    lines = {"G1": [make_line(1)]}
    world = write_world(tmp_path / "world", invoices=[make_invoice("G1")], lines=lines)
    first = Simulator(world, clock=clock, state_folder=tmp_path / "state")
    caller = graph_caller(first)
    operation = submit(caller, invoiceId="G1")
    inline = finish(caller, operation)["resourceLocation"]
    second = Simulator(world, clock=clock, state_folder=tmp_path / "state")
    again = Caller(second, caller.headers)
    assert again.get(operation).json()["resourceLocation"] == inline
    assert len(rows_in(second, inline)) == 1
    second.reset()
    assert again.get(operation).status == 404
    target = blob_path(inline, inline["blobs"][0]["name"])
    assert get_blob(second, target).status == 404


def test_the_preview_of_2022_answers_under_its_own_names(make_simulator: MakeSimulator) -> None:
    lines = {"unbilled-previous": [make_line(number, **USAGE) for number in range(3)]}
    simulator = make_simulator(lines=lines, switches={"blob_rows": 2})
    caller = app_caller(simulator)
    target = "/v1/unbilledusage?fragment=basic&period=previous&currencyCode=EUR"
    accepted = caller.post(target)
    assert (accepted.status, accepted.body) == (202, b"")
    ended = finish(caller, path_of(accepted.headers["operation-location"]))
    manifest = caller.get(path_of(ended["resourceLocation"])).json()
    sizes = []
    for blob in manifest["blobs"]:
        address = f"{manifest['rootFolder']}/{blob['name']}?{manifest['rootFolderSAS']}"
        body = get_blob(simulator, path_of(address)).body
        sizes.append(len(body))
        assert json.loads(gzip.decompress(body).splitlines()[0])["InvoiceNumber"] == ""
    assert sizes == [blob["sizeinBytes"] for blob in manifest["blobs"]]
    assert sum(sizes) == manifest["sizeInBytes"]
    for wrong in ("period=next&currencyCode=EUR", "period=current"):
        assert caller.post(f"/v1/unbilledusage?{wrong}").status == 400
    simulator.advance(timedelta(days=1))
    assert app_caller(simulator).get(path_of(ended["resourceLocation"])).status == 410
