"""Upgrades of a customer's legacy Azure product to an Azure plan."""

import uuid

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import read_object
from partnercenter.simulator.routes.subscription_changes import location
from partnercenter.simulator.routing import Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.wire import Response


def upgrade_product(call: Call) -> Response:
    """Ask for a customer's Azure product to be upgraded to an Azure plan; 202 with its address."""
    body = read_object(call.request.json())
    customer = str(body.get("customerId") or "")
    if call.site.customers.get(customer) is None:
        status = call.site.switches.no_relationship_status
        raise Problem(status, 20002, f"The partner has no relationship with {customer}.")
    family = str(body.get("productFamily") or "")
    if family.lower() != "azure":
        raise Problem(400, 800042, "Only the product family Azure can be upgraded.")
    identity = str(uuid.uuid4())
    paper = {"id": identity, "customerId": customer, "productFamily": family}
    call.record("product_upgrade_written", identity, customer=customer, paper=paper)
    uri = location(call, f"/productUpgrades/{identity}")
    # Recorded without the slash in front: relative to the version, not to the host.
    return Response(status=202, headers={"Location": uri.removeprefix("/")})


def get_product_upgrade(call: Call) -> Response:
    """Answer the state of a product upgrade; `customerId` is in the query."""
    customer = call.request.query.get("customerid", "")
    paper = call.site.papers.get("product_upgrade", customer, call.params["id"])
    if paper is None:
        raise Problem(404, 1000, "There is no such product upgrade.")
    answer = {
        "id": paper["id"],
        "productFamily": paper["productFamily"],
        "status": "Completed",
        "lineItems": [],
        "attributes": {"objectType": "ProductUpgradeStatus"},
    }
    return Response(body=answer)


ROUTES = [
    Route("POST", "/productupgrades", upgrade_product, idempotent=True),
    Route("GET", "/productupgrades/{id}/status", get_product_upgrade),
]
