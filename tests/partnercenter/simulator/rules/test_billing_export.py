"""Fidelity rules 69 to 72: the billing export of Microsoft Graph. Rule 2 for its audience."""

import gzip
import json
from datetime import timedelta
from typing import Any

from partnercenter.simulator.graph_rows import BASIC, FULL
from tests.partnercenter.simulator.calls import GRAPH, Caller, app_caller, user_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.exporting import (
    BASE,
    BILLED,
    blob_path,
    export_rows,
    finish,
    get_blob,
    graph_caller,
    manifest_of,
    path_of,
    submit,
)
from tests.partnercenter.simulator.sample_worlds import make_invoice, make_line

ONE = {"invoices": [make_invoice("G1")], "lines": {"G1": [make_line(n) for n in range(5)]}}
USAGE = {
    "invoiceLineItemType": "usage_line_items",
    "billingProvider": "marketplace",
    "unitOfMeasure": "1 Hour",
    "rateOfPartnerEarnedCredit": 0.15,
    "meterName": "D2",
    "billingPreTaxTotal": 1.25,
}


def test_rule_02_commerce_tokens_do_not_open_graph(make_simulator: MakeSimulator) -> None:
    simulator = make_simulator(**ONE)
    commerce, graph = app_caller(simulator), graph_caller(simulator)
    refused = commerce.post(f"{BASE}/{BILLED}", {"invoiceId": "G1"})
    assert refused.status == 401
    assert "www-authenticate" in refused.headers
    error = refused.json()["error"]
    assert error["code"] == "InvalidAuthenticationToken"
    assert set(error["innerError"]) == {"date", "request-id", "client-request-id"}
    assert graph.get("/v1/invoices").status == 401
    assert Caller(simulator).get(f"{BASE}/operations/1").status == 401
    delegated = user_caller(simulator, resource=GRAPH)
    assert finish(delegated, submit(delegated, invoiceId="G1"))["status"] == "succeeded"


def test_rule_69_an_export_is_accepted_runs_and_ends(make_simulator: MakeSimulator) -> None:
    simulator = make_simulator(**ONE, switches={"export_seconds": 45})
    caller = graph_caller(simulator)
    answer = caller.post(f"{BASE}/{BILLED}", {"invoiceId": "G1", "attributeSet": "full"})
    assert (answer.status, answer.body) == (202, b"")
    operation = path_of(answer.headers["location"])
    for wait in (10, 10, 10, 10, 5):
        running = caller.get(operation)
        assert running.json()["status"] == "running"
        assert running.json()["@odata.type"].endswith(".runningOperation")
        assert running.headers["retry-after"] == str(wait)
        simulator.advance(timedelta(seconds=wait))
    ended = caller.get(operation)
    assert "retry-after" not in ended.headers
    assert ended.json()["status"] == "succeeded"
    assert ended.json()["@odata.type"] == (
        "#microsoft.graph.partners.billing.exportSuccessOperation"
    )
    caller.post("/_simulator/switches", {"export_seconds": 0})
    failed = finish(caller, submit(caller, invoiceId="G404"))
    assert failed["status"] == "failed"
    assert failed["@odata.type"].endswith(".failedOperation")
    assert failed["error"] == {"code": "5000", "message": "No data available"}


def test_rule_70_the_manifest_comes_in_three_forms(make_simulator: MakeSimulator) -> None:
    simulator = make_simulator(**ONE)
    caller = graph_caller(simulator)

    def ended(form: str) -> dict[str, Any]:
        caller.post("/_simulator/switches", {"manifest": form})
        return finish(caller, submit(caller, invoiceId="G1"))

    inline = ended("inline")["resourceLocation"]
    link = ended("link")["resourceLocation@odata.navigationLink"]
    text = ended("string")["resourceLocation"]
    by_get = caller.get(f"{BASE}/manifests/{inline['id']}").json()
    assert by_get == inline
    for address in (link, text):
        found = caller.get(path_of(address)).json()
        assert set(found) == set(inline)
        assert found["eTag"] == inline["eTag"]
    assert caller.get(f"{BASE}/manifests/unknown").status == 404
    unasked = submit(caller, invoiceId="G1").rsplit("/", 1)[1]
    early = simulator.site.exports.get(unasked)
    assert early is not None
    assert caller.get(f"{BASE}/manifests/{early.manifest_id}").status == 404
    # The same invoice with one amount changed, as after a correction at Microsoft.
    lines = [make_line(n, subtotal=3.0 if n else 4.0) for n in range(5)]
    later = make_simulator(invoices=ONE["invoices"], lines={"G1": lines})
    assert manifest_of(graph_caller(later), invoiceId="G1")["eTag"] != inline["eTag"]


def test_rule_71_blobs_open_by_signature_alone(make_simulator: MakeSimulator) -> None:
    simulator = make_simulator(
        **ONE, switches={"blob_rows": 2, "sas_seconds": 600, "operation_seconds": 3000}
    )
    caller = graph_caller(simulator)
    operation = submit(caller, invoiceId="G1")
    manifest = finish(caller, operation)["resourceLocation"]
    manifest_path = f"{BASE}/manifests/{manifest['id']}"
    targets = [blob_path(manifest, blob["name"]) for blob in manifest["blobs"]]
    rows = []
    for target in targets:
        answer = get_blob(simulator, target)
        assert answer.status == 200
        assert "content-encoding" not in answer.headers
        rows.append([json.loads(line) for line in gzip.decompress(answer.body).splitlines()])
    assert [len(part) for part in rows] == [2, 2, 1]
    assert all(key[0].isupper() for part in rows for row in part for key in row)
    bare = targets[0].partition("?")[0]
    assert get_blob(simulator, bare).status == 403
    assert caller.get(bare).status == 401
    assert caller.get(targets[0]).status == 401
    forged = targets[0].replace("ExportId=", "ExportId=0")
    assert get_blob(simulator, forged).status == 403
    simulator.advance(timedelta(seconds=600))
    assert get_blob(simulator, targets[0]).status == 403
    renewed = caller.get(manifest_path).json()
    assert get_blob(simulator, blob_path(renewed, renewed["blobs"][0]["name"])).status == 200
    simulator.advance(timedelta(seconds=2400))
    again = graph_caller(simulator)
    for target in (operation, manifest_path):
        gone = again.get(target)
        assert (gone.status, gone.json()["error"]["code"]) == (410, "Gone")


def test_rule_72_basic_is_part_of_full_and_unknown_columns_come(
    make_simulator: MakeSimulator,
) -> None:
    usage = [make_line(n, **USAGE) for n in range(2)]
    lines = {"G1": [make_line(1, resellerMpnId="7", totalForCustomer=3), *usage]}
    simulator = make_simulator(invoices=[make_invoice("G1")], lines=lines)
    kinds = {"reconciliation": BILLED, "usage": "usage/billed/export"}
    for dataset, kind in kinds.items():
        assert set(BASIC[dataset]) < set(FULL[dataset])
        full = export_rows(simulator, kind, invoiceId="G1")
        basic = export_rows(simulator, kind, invoiceId="G1", attributeSet="Basic")
        assert len(full) == len(basic) == (1 if dataset == "reconciliation" else 2)
        for whole, part in zip(full, basic, strict=True):
            assert part.items() < whole.items()
            assert set(whole) <= set(FULL[dataset])
            assert set(part) <= set(BASIC[dataset])
    Caller(simulator).post("/_simulator/switches", {"unknown_columns": True})
    for dataset, kind in kinds.items():
        for row in export_rows(simulator, kind, invoiceId="G1"):
            unknown = set(row) - set(FULL[dataset])
            assert len(unknown) == 3
