"""The preview of the billing export from 2022, which had a host and names of its own.

Microsoft has switched it off. It is kept because clients written against it still exist and its
names (`rootFolderSAS`, the misspelt `utcCretedDateTime`) changed on the way to Graph: what reads
both can be proven to. The rows and blobs are those of the export that replaced it.
"""

from typing import Any

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.exports import (
    blob_names,
    etag_of_data,
    has_data,
    root_directory,
    stream_blob,
)
from partnercenter.simulator.fields import read_enum
from partnercenter.simulator.routes.billing_blobs import sas_token
from partnercenter.simulator.routes.billing_exports import (
    accept,
    finished,
    live_export,
    own_address,
    read_currency,
    seconds_left,
    timestamp,
)
from partnercenter.simulator.routing import Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.wire import Response

_PERIODS = {"current": "current", "last": "last", "previous": "last"}


def export_billed(call: Call) -> Response:
    """Accept an export of the daily-rated usage of an invoice."""
    wanted = call.request.query.get("fragment") or "full"
    return _accepted(
        call, accept(call, "usage", attribute_set=wanted, invoice=call.params["invoice"])
    )


def export_unbilled(call: Call) -> Response:
    """Accept an export of daily-rated usage not yet invoiced."""
    query = call.request.query
    period = read_enum(query.get("period"), _PERIODS)
    if period is None:
        raise Problem(400, 800002, "period must be current or last.")
    export_id = accept(
        call,
        "usage",
        attribute_set=query.get("fragment") or "full",
        currency=read_currency(query.get("currencycode")),
        period=_PERIODS[period],
    )
    return _accepted(call, export_id)


def get_operation(call: Call) -> Response:
    """Answer how far an export is; without rows it has failed."""
    export = live_export(call, call.site.exports.get(call.params["operation"]))
    wait = seconds_left(call, export)
    ended = call.site.clock() if wait else finished(call, export)
    body: dict[str, Any] = {
        "createdDateTime": timestamp(export.created),
        "lastActionDateTime": timestamp(ended),
        "status": "running",
    }
    if wait:
        return Response(body=body, headers={"Retry-After": str(wait)})
    if not has_data(call.site, export):
        return Response(body=body | {"status": "failed"})
    manifest = own_address(call, f"/v1/billingmanifests/{export.manifest_id}")
    return Response(body=body | {"status": "succeeded", "resourceLocation": manifest})


def get_manifest(call: Call) -> Response:
    """Answer which blobs an export has and how large they are."""
    export = live_export(call, call.site.exports.of_manifest(call.params["manifest"]))
    if seconds_left(call, export, polling=False) or not has_data(call.site, export):
        raise Problem(404, 1000, f"There is no manifest {call.params['manifest']}.")
    root = root_directory(call.site, export)
    # A blob is packed while it is sent, so its size is known only after packing it once.
    sizes = [
        sum(map(len, stream_blob(call.site, export, at)))
        for at in range(len(blob_names(call.site, export)))
    ]
    blobs = [
        {
            "name": name,
            "sizeinBytes": sizes[at],
            "partitionValue": str(at + 1),
        }
        for at, name in enumerate(blob_names(call.site, export))
    ]
    body = {
        "version": "1",
        "dataFormat": "compressedJSONLines",
        "utcCretedDateTime": timestamp(finished(call, export)),
        "eTag": etag_of_data(call.site, export),
        "partnerTenantId": call.site.world.partner.tenant_id,
        "rootFolder": own_address(call, root),
        "rootFolderSAS": sas_token(call.site, root),
        "partitionType": "ItemCount",
        "blobCount": len(blobs),
        "sizeInBytes": sum(sizes),
        "blobs": blobs,
    }
    return Response(body=body)


def _accepted(call: Call, export_id: str) -> Response:
    location = own_address(call, f"/v1/billingoperations/{export_id}")
    return Response(status=202, headers={"Operation-Location": location})


ROUTES = [
    Route("POST", "/billedusage/invoices/{invoice}", export_billed),
    Route("POST", "/unbilledusage", export_unbilled),
    Route("GET", "/billingoperations/{operation}", get_operation),
    Route("GET", "/billingmanifests/{manifest}", get_manifest),
]
