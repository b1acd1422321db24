"""Billing exports asked for and read at the level of the wire."""

import gzip
import json
from typing import Any
from urllib.parse import urlsplit

from partnercenter.simulator import Simulator
from tests.partnercenter.simulator.calls import GRAPH, Answer, Caller, app_caller

BASE = "/v1.0/reports/partners/billing"
BILLED = "reconciliation/billed/export"
UNBILLED = "reconciliation/unbilled/export"

Row = dict[str, Any]


def graph_caller(simulator: Simulator) -> Caller:
    """Return an application alone with a token for Microsoft Graph."""
    return app_caller(simulator, resource=GRAPH)


def submit(caller: Caller, kind: str = BILLED, **body: Any) -> str:
    """Ask for an export and return the path of its operation."""
    answer = caller.post(f"{BASE}/{kind}", body)
    assert (answer.status, answer.body) == (202, b""), answer.body
    return path_of(answer.headers["location"])


def path_of(address: str) -> str:
    """Return the path and query of an absolute address of the simulator."""
    parts = urlsplit(address)
    assert (parts.scheme, parts.netloc) == ("https", "localhost:443")
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def finish(caller: Caller, operation: str) -> dict[str, Any]:
    """Poll an export that takes no time and return the body of its end."""
    first = caller.get(operation)
    assert first.json()["status"] == "running"
    assert int(first.headers["retry-after"]) > 0
    body: dict[str, Any] = caller.get(operation).json()
    return body


def manifest_of(caller: Caller, kind: str = BILLED, **body: Any) -> dict[str, Any]:
    """Return the manifest of a new export."""
    manifest: dict[str, Any] = finish(caller, submit(caller, kind, **body))["resourceLocation"]
    return manifest


def blob_path(manifest: dict[str, Any], name: str) -> str:
    """Return the path of a blob with its signature."""
    return path_of(f"{manifest['rootDirectory']}/{name}?{manifest['sasToken']}")


def get_blob(simulator: Simulator, target: str) -> Answer:
    """Read a blob without any token."""
    return Caller(simulator).get(target)


def rows_in(simulator: Simulator, manifest: dict[str, Any]) -> list[Row]:
    """Return the rows of all blobs of a manifest in their order."""
    assert manifest["blobCount"] == len(manifest["blobs"])
    rows: list[Row] = []
    for blob in manifest["blobs"]:
        answer = get_blob(simulator, blob_path(manifest, blob["name"]))
        assert answer.status == 200
        lines = gzip.decompress(answer.body).decode("utf-8").splitlines()
        rows += [json.loads(line) for line in lines]
    return rows


def export_rows(simulator: Simulator, kind: str = BILLED, **body: Any) -> list[Row]:
    """Return the rows of a new export; none when it fails for want of data."""
    caller = graph_caller(simulator)
    ended = finish(caller, submit(caller, kind, **body))
    if ended["status"] == "failed":
        assert ended["error"]["code"] == "5000"
        return []
    return rows_in(simulator, ended["resourceLocation"])


def charge(simulator: Simulator, number: int, **row: Any) -> None:
    """Record that a subscription caused a row, as selling and changing do."""
    subscription = f"51000000-0000-4000-8000-{number:012d}"
    usual = {
        "partnerId": simulator.site.world.partner.tenant_id,
        "customerId": "c0000000-0000-4000-8000-000000000001",
        "productId": "CFQ7TTC0LH18",
        "subscriptionId": subscription,
        "chargeType": "new",
        "unitPrice": "10.05",
        "effectiveUnitPrice": "10.05",
        "quantity": "3",
        "billableQuantity": "3",
        "subtotal": "30.15",
        "taxTotal": "0",
        "totalForCustomer": "30.15",
        "currency": "EUR",
        "pricingCurrency": "EUR",
        "pcToBCExchangeRate": "1",
    }
    simulator.ledger.record("charged", subscription, row=usual | row)
