"""The blobs of an export, as a storage service serves them: by signature, never by token.

The signature of a manifest opens one export's folder until it expires. A bearer token is refused
with 401 even beside a good signature, because storage looks at the header first and cannot read a
token that is for Microsoft Graph; what remains refused is 403, as is an expired signature, and the
client's way out is to read the manifest again.
"""

import base64
import hmac
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from partnercenter.simulator.exports import blob_names, root_directory, stream_blob
from partnercenter.simulator.routing import Access, Route
from partnercenter.simulator.site import Call, Site
from partnercenter.simulator.wire import Response

_VERSION = "2023-11-03"


def get_blob(call: Call) -> Response:
    """Answer a blob, packed and without saying so in `Content-Encoding`."""
    if "authorization" in call.request.headers:
        return _refuse(401, "InvalidAuthenticationInfo", "The token is for another audience.")
    root, _, name = call.request.path.rstrip("/").rpartition("/")
    if not _is_signed(call, root):
        return _refuse(403, "AuthenticationFailed", "The signature is missing, wrong or expired.")
    export = call.site.exports.get(call.params["export"])
    if export is None or root != root_directory(call.site, export):
        return _refuse(404, "ContainerNotFound", "There is no such export.")
    names = blob_names(call.site, export)
    if name not in names:
        return _refuse(404, "BlobNotFound", "There is no such blob.")
    return Response(
        headers={"Content-Type": "application/octet-stream", "x-ms-version": _VERSION},
        stream=stream_blob(call.site, export, names.index(name)),
    )


def sas_token(site: Site, root: str) -> str:
    """Return a query that opens the blobs below a path for the seconds the switch says."""
    ends = site.clock() + timedelta(seconds=site.switches.sas_seconds)
    expiry = ends.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    parts = {"sv": _VERSION, "se": expiry, "sr": "d", "sp": "rl", "sdd": str(root.count("/"))}
    return urlencode(parts | {"sig": _signature(site, root, expiry)})


def _is_signed(call: Call, root: str) -> bool:
    expiry, signature = call.request.query.get("se", ""), call.request.query.get("sig", "")
    wanted = _signature(call.site, root, expiry)
    if not hmac.compare_digest(signature.encode(), wanted.encode()):
        return False
    # Only what was signed here gets this far, so the time can be read.
    return call.site.clock() < datetime.fromisoformat(expiry)


def _signature(site: Site, root: str, expiry: str) -> str:
    return base64.b64encode(bytes.fromhex(site.signer.seal(f"sas {root} {expiry}"))).decode()


def _refuse(status: int, code: str, message: str) -> Response:
    headers = {"Content-Type": "application/xml", "x-ms-error-code": code}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer resource_id=https://storage.azure.com"
    body = (
        '<?xml version="1.0" encoding="utf-8"?>'
        f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    )
    return Response(status=status, headers=headers, body=body.encode())


ROUTES = [
    Route(
        "GET",
        "/partnerbilling/{container}/v1/PartnerTenantId={tenant}/BillingMonth={month}/{source}"
        "/Fragment={fragment}/PartitionType=default/ExportId={export}/{blob}",
        get_blob,
        Access.OPEN,
        versioned=False,
    )
]
