"""Recordings of the billing export of Graph, and of the beta whose names are read too."""

from partnercenter import errors
from partnercenter.schemas.billing_export import read_manifest, read_operation
from tests.partnercenter.recorded_calls.calling import Routes, send

AREAS = ("graph-billing",)

REFUSED: dict[str, type[errors.PartnerCenterError]] = {}

_BILLING = "/v1.0/reports/partners/billing"

ROUTES: Routes = [
    (
        rf"POST {_BILLING}/(?P<kind>\w+)/billed/export",
        lambda client, request, match: client.billing_export.request_billed(
            request["body"]["invoiceId"], usage=match["kind"] == "usage"
        ),
    ),
    (
        rf"GET (?P<place>{_BILLING}/operations/.+)",
        lambda client, _, match: client.billing_export.operation(match["place"]),
    ),
    (
        rf"GET {_BILLING}/manifests/.+",
        lambda client, request, _: client.graph_transport.get(request["path"], read=read_manifest),
    ),
    (r"GET /v1/billingoperations/.+", send(read_operation)),
    (r"GET /v1/billingmanifests/.+", send(read_manifest)),
    (r"POST /v1/(?:un)?billedusage.*", send(lambda body: body)),
]
