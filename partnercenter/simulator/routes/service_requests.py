"""Reading support requests, the partner's and a customer's, as `service_requests.jsonl` has them.

A row names its customer in `customerId`, which is not part of the resource and not shown.
"""

from collections.abc import Callable
from typing import Any

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import fold, read_count, read_object
from partnercenter.simulator.filters import read_filter
from partnercenter.simulator.paging import collection
from partnercenter.simulator.routes.customers import find_customer
from partnercenter.simulator.routing import Access, Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.wire import Response

_FIELDS = {
    "status": "status",
    "severity": "severity",
    "id": "id",
    "title": "title",
}
_LARGEST = 1000
_Test = Callable[[dict[str, Any]], bool]


def list_all(call: Call) -> Response:
    """Answer every support request of the partner, by size and offset."""
    return _answer(call, lambda row: True)


def list_of_customer(call: Call) -> Response:
    """Answer the support requests of one customer."""
    customer_id = str(find_customer(call)["id"]).lower()
    return _answer(call, lambda row: str(row.get("customerId", "")).lower() == customer_id)


def get_request(call: Call) -> Response:
    """Answer one support request of the partner.

    Source: page "Get a service request by ID". Raises Problem 404/1000 for an unknown id.
    """
    wanted = call.params["request"].lower()
    for row in call.site.world.collection("service_requests"):
        if str(row.get("id", "")).lower() == wanted:
            return Response(body=_shown(row))
    raise Problem(404, 1000, "There is no such service request.")


def _answer(call: Call, concerns: _Test) -> Response:
    query = call.request.query
    text = query.get("filter")
    wanted = _read_test(read_filter(text)) if text else concerns
    offset = read_count(query.get("offset"), name="offset", default=0)
    size = read_count(query.get("size"), name="size", default=_LARGEST) or _LARGEST
    rows = call.site.world.collection("service_requests")
    found = [_shown(row) for row in rows if concerns(row) and wanted(row)]
    return Response(body=collection(found[offset : offset + min(size, _LARGEST)]))


def _read_test(content: dict[str, Any]) -> _Test:
    """Return the test of a filter: `equals` on a field, or two filters joined by `and`."""
    operator = fold(content.get("operator"))
    if operator == "and" and "leftFilter" in content and "rightFilter" in content:
        left = _read_test(read_object(content["leftFilter"]))
        right = _read_test(read_object(content["rightFilter"]))
        return lambda row: left(row) and right(row)
    field = _FIELDS.get(fold(content.get("field")))
    if field is None or operator != "equals":
        raise Problem(400, 800002, "Service requests are filtered by a field that equals a value.")
    value = fold(content.get("value"))
    return lambda row: fold(row.get(field, "")) == value


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != "customerId"}


ROUTES = [
    Route("GET", "/servicerequests", list_all, Access.USER),
    Route("GET", "/servicerequests/{request}", get_request, Access.USER),
    Route("GET", "/customers/{customer}/servicerequests", list_of_customer, Access.USER),
]
