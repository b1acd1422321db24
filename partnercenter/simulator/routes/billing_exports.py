"""The billing export of Microsoft Graph: ask for it, ask how far it is, read its manifest.

An export is first seen running, whatever time it takes, because clients that expect it at once must
fail here too. Then it has succeeded or, when nothing was asked for that exists, failed with code
5000, which is Microsoft's way to say that there are no rows.
"""

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.exports import blob_names, etag_of_data, has_data, root_directory
from partnercenter.simulator.fields import read_enum
from partnercenter.simulator.graph import graph_ids
from partnercenter.simulator.routes.billing_blobs import sas_token
from partnercenter.simulator.routing import Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.stores.exports import Export
from partnercenter.simulator.wire import Response

BASE = "/v1.0/reports/partners/billing"
_ODATA = "#microsoft.graph.partners.billing"
_LONGEST_WAIT = 10


def export_billed_reconciliation(call: Call) -> Response:
    """Accept an export of the rows of an invoice."""
    return _accept_billed(call, "reconciliation")


def export_unbilled_reconciliation(call: Call) -> Response:
    """Accept an export of rows not yet invoiced."""
    return _accept_unbilled(call, "reconciliation")


def export_billed_usage(call: Call) -> Response:
    """Accept an export of the daily-rated usage of an invoice."""
    return _accept_billed(call, "usage")


def export_unbilled_usage(call: Call) -> Response:
    """Accept an export of daily-rated usage not yet invoiced."""
    return _accept_unbilled(call, "usage")


def get_operation(call: Call) -> Response:
    """Answer how far an export is.

    Raises Problem 404 for an unknown one and 410 after its life.
    """
    export = live_export(call, call.site.exports.get(call.params["operation"]))
    wait = seconds_left(call, export)
    body: dict[str, Any] = {
        "@odata.type": f"{_ODATA}.runningOperation",
        "id": export.id,
        "status": "running",
        "createdDateTime": timestamp(export.created),
        "lastActionDateTime": timestamp(call.site.clock()),
    }
    headers = graph_ids(call.request)
    if wait:
        if call.site.clock() < _begun(call, export):
            body |= {"status": "notStarted", "lastActionDateTime": body["createdDateTime"]}
        return Response(body=body, headers=headers | {"Retry-After": str(wait)})
    body["lastActionDateTime"] = timestamp(finished(call, export))
    if not has_data(call.site, export):
        error = {"code": "5000", "message": "No data available"}
        body |= {"@odata.type": f"{_ODATA}.failedOperation", "status": "failed", "error": error}
    else:
        body |= {"@odata.type": f"{_ODATA}.exportSuccessOperation", "status": "succeeded"}
        body |= _result(call, export)
    return Response(body=body, headers=headers)


def get_manifest(call: Call) -> Response:
    """Answer which blobs an export has, with a signature to read them by.

    Raises Problem 404 for an unknown manifest or one not made yet and 410 after its life.
    """
    export = live_export(call, call.site.exports.of_manifest(call.params["manifest"]))
    if seconds_left(call, export, polling=False) or not has_data(call.site, export):
        raise Problem(404, 1000, f"There is no manifest {call.params['manifest']}.")
    return Response(body=_manifest(call, export), headers=graph_ids(call.request))


def accept(
    call: Call,
    dataset: str,
    *,
    attribute_set: object,
    invoice: str = "",
    currency: str = "",
    period: str = "",
) -> str:
    """Record that an export was asked for and return the id of its operation.

    Raises Problem 400 for an attribute set that does not exist.
    """
    wanted = read_enum(attribute_set, ("full", "basic"))
    if wanted is None:
        raise Problem(400, 800002, "attributeSet must be full or basic.")
    switches = call.site.switches
    export_id = str(uuid.uuid4())
    call.record(
        "export_requested",
        export_id,
        dataset=dataset,
        attribute_set=wanted,
        invoice=invoice,
        currency=currency,
        period=period,
        blob_rows=switches.blob_rows,
        unknown_columns=switches.unknown_columns,
        numbers_as_text=switches.one_time_numbers_as_strings,
        invoice_day=switches.invoice_day,
    )
    return export_id


def live_export(call: Call, export: Export | None) -> Export:
    """Return the export.

    Raises Problem 404 when there is none and 410 when its life is over.
    """
    if export is None:
        raise Problem(404, 1000, "There is no such operation or manifest.")
    life = timedelta(seconds=call.site.switches.operation_seconds)
    if call.site.clock() >= export.created + life:
        raise Problem(410, 1000, "The operation has expired. Ask for the export again.")
    return export


def seconds_left(call: Call, export: Export, *, polling: bool = True) -> int:
    """Return the seconds after which to ask again; 0 for an export that has ended."""
    now, ready = call.site.clock(), _ready(call, export)
    seen = call.site.exports.seen_running(export) is not None
    if seen and now >= ready:
        return 0
    if polling and not seen and now >= _begun(call, export):
        call.record("export_seen_running", export.id)
    return max(1, min(_LONGEST_WAIT, round((ready - now).total_seconds())))


def finished(call: Call, export: Export) -> datetime:
    """Return when an export ended."""
    ready = _ready(call, export)
    return max(ready, call.site.exports.seen_running(export) or ready)


def timestamp(moment: datetime) -> str:
    """Return a moment the way these answers write it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def own_address(call: Call, path: str) -> str:
    """Return the absolute address of a path on this host."""
    return f"{call.request.scheme}://{call.request.host}{path}"


def read_currency(text: object) -> str:
    """Return a currency code in upper case.

    Raises Problem 400 for what is none.
    """
    if not isinstance(text, str) or not re.fullmatch("[A-Za-z]{3}", text):
        raise Problem(400, 800002, "currencyCode must be the three letters of a currency.")
    return text.upper()


def _begun(call: Call, export: Export) -> datetime:
    return export.created + timedelta(seconds=call.site.switches.export_queue_seconds)


def _ready(call: Call, export: Export) -> datetime:
    return _begun(call, export) + timedelta(seconds=call.site.switches.export_seconds)


def _accept_billed(call: Call, dataset: str) -> Response:
    content = _read(call)
    invoice = content.get("invoiceid")
    if not isinstance(invoice, str) or not invoice.strip():
        raise Problem(400, 800002, "invoiceId is required.")
    wanted = content.get("attributeset") or "full"
    return _accepted(call, accept(call, dataset, attribute_set=wanted, invoice=invoice.strip()))


def _accept_unbilled(call: Call, dataset: str) -> Response:
    content = _read(call)
    currency = read_currency(content.get("currencycode"))
    period = read_enum(content.get("billingperiod"), ("current", "last"))
    if period is None:
        raise Problem(400, 800002, "billingPeriod must be current or last.")
    wanted = content.get("attributeset") or "full"
    export_id = accept(call, dataset, attribute_set=wanted, currency=currency, period=period)
    return _accepted(call, export_id)


def _read(call: Call) -> dict[str, Any]:
    content = call.request.json()
    if not isinstance(content, dict):
        raise Problem(400, 800002, "A JSON object is expected.")
    return {name.lower(): value for name, value in content.items()}


def _accepted(call: Call, export_id: str) -> Response:
    location = own_address(call, f"{BASE}/operations/{export_id}")
    return Response(status=202, headers={"Location": location} | graph_ids(call.request))


def _result(call: Call, export: Export) -> dict[str, Any]:
    address = own_address(call, f"{BASE}/manifests/{export.manifest_id}")
    form = call.site.switches.manifest
    if form == "link":
        return {"resourceLocation@odata.navigationLink": address}
    return {"resourceLocation": address if form == "string" else _manifest(call, export)}


def _manifest(call: Call, export: Export) -> dict[str, Any]:
    root = root_directory(call.site, export)
    names = blob_names(call.site, export)
    values = ["default"] if len(names) == 1 else [str(at + 1) for at in range(len(names))]
    return {
        "id": export.manifest_id,
        "schemaVersion": "2",
        "dataFormat": "compressedJSON",
        "createdDateTime": timestamp(finished(call, export)),
        "eTag": etag_of_data(call.site, export),
        "partnerTenantId": call.site.world.partner.tenant_id,
        "rootDirectory": own_address(call, root),
        "sasToken": sas_token(call.site, root),
        "partitionType": "Default" if len(names) == 1 else "ItemCount",
        "blobCount": len(names),
        "blobs": [
            {"name": name, "partitionValue": value}
            for name, value in zip(names, values, strict=True)
        ],
    }


ROUTES = [
    Route(method, f"{BASE}/{path}", room, versioned=False, graph=True)
    for method, path, room in (
        ("POST", "reconciliation/billed/export", export_billed_reconciliation),
        ("POST", "reconciliation/unbilled/export", export_unbilled_reconciliation),
        ("POST", "usage/billed/export", export_billed_usage),
        ("POST", "usage/unbilled/export", export_unbilled_usage),
        ("GET", "operations/{operation}", get_operation),
        ("GET", "manifests/{manifest}", get_manifest),
    )
]
