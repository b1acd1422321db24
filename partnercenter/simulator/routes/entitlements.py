"""What customers are entitled to by what they bought, and the artifacts behind it."""

from typing import Any

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import fold, without_nulls
from partnercenter.simulator.paging import Row, collection
from partnercenter.simulator.routes.customers import find_customer
from partnercenter.simulator.routing import Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.wire import Response

_OWN = frozenset({"customerId", "artifacts"})


def list_entitlements(call: Call) -> Response:
    """Answer the entitlements of a customer, all or of one type.

    `showExpiry=true` adds their expiry dates.
    """
    customer, query = find_customer(call), call.request.query
    wanted = fold(query.get("entitlementtype", ""))
    expiry = query.get("showexpiry", "").lower() == "true"
    items = [
        _shown(row, expiry=expiry)
        for row in call.site.usage.entitlements.of_customer(customer["id"])
        # A virtual machine's reservation is asked for as a reservation as well.
        if fold(row.get("entitlementType")).endswith(wanted)
    ]
    return Response(body=collection(items))


def get_artifact(call: Call) -> Response:
    """Answer what one entitled artifact is.

    Raises Problem 404/1000 for one the customer does not have.
    """
    customer, wanted = find_customer(call), call.params["resource"].lower()
    for row in call.site.usage.entitlements.of_customer(customer["id"]):
        for resource_id, artifact in (row.get("artifacts") or {}).items():
            if resource_id.lower() == wanted:
                return Response(body=without_nulls(artifact))
    raise Problem(404, 1000, f"There is no artifact {call.params['resource']}.")


def _shown(row: Row, *, expiry: bool) -> dict[str, Any]:
    withheld = _OWN if expiry else _OWN | {"expiryDate"}
    return {name: value for name, value in without_nulls(row).items() if name not in withheld}


ROUTES = [
    Route("GET", "/customers/{customer}/entitlements", list_entitlements),
    Route(
        "GET",
        "/customers/{customer}/artifacts/{type}/groups/{group}/lineitems/{line}/resource/{resource}",
        get_artifact,
    ),
]
