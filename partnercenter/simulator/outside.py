"""Control routes by which the outside world moves: customers come, leave, rename themselves.

What a customer does in its own tenant no API call of the partner causes. Tests and demonstrations
do it here; it becomes an effect like any other, with its audit record and its webhook event.
"""

import uuid
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import read_enum, read_object
from partnercenter.simulator.webhook_events import EVENTS, check_ids, granular_ids
from partnercenter.simulator.wire import Request, Response

if TYPE_CHECKING:
    from partnercenter.simulator.simulator import Simulator


def add_customer(simulator: "Simulator", request: Request) -> Response:
    """A tenant accepts the partner's invitation: answers 201 with the new customer.

    The body is a whole customer resource, or some of `id`, `companyName`, `domain`, `country`.
    Raises Problem 400 without a name and 409 for a tenant that is known already.
    """
    body = read_object(request.json())
    customer = body if isinstance(body.get("companyProfile"), dict) else _customer(body)
    customer.setdefault("id", str(uuid.uuid4()))
    if not isinstance(customer["id"], str) or not customer["id"]:
        raise Problem(400, 0, "id must be a text.")
    with simulator.ledger.lock:
        if simulator.site.customers.known(customer["id"]) is not None:
            raise Problem(409, 0, "That tenant is known. Send it to customers/return instead.")
        simulator.ledger.record("relationship_accepted", customer["id"], customer=customer)
    return Response(status=201, body=customer)


def rename_customer(simulator: "Simulator", request: Request) -> Response:
    """A customer takes another company name: `id`, `companyName`."""
    body = read_object(request.json())
    name = _text(body, "companyName")
    with simulator.ledger.lock:
        customer = _present(simulator, body)
        profile = dict(customer.get("companyProfile") or {}) | {"companyName": name}
        renamed = customer | {"companyProfile": profile}
        simulator.ledger.record("customer_renamed", customer["id"], customer=renamed)
    return Response(body=renamed)


def remove_customer(simulator: "Simulator", request: Request) -> Response:
    """A customer ends its relationship with the partner: `id`."""
    body = read_object(request.json())
    with simulator.ledger.lock:
        customer = _present(simulator, body)
        simulator.ledger.record("relationship_removed", customer["id"])
    return Response(status=204)


def return_customer(simulator: "Simulator", request: Request) -> Response:
    """A customer that left accepts the partner anew: `id`.

    Raises Problem 409 for one that has not left and 404 for a tenant unknown or deleted.
    """
    customer_id = _text(read_object(request.json()), "id")
    with simulator.ledger.lock:
        customers = simulator.site.customers
        if customers.get(customer_id) is not None:
            raise Problem(409, 0, "That customer has not left.")
        customer = customers.known(customer_id)
        if customer is None or not customers.may_return(customer_id):
            raise Problem(404, 1000, f"No tenant {customer_id} could return.")
        simulator.ledger.record("relationship_accepted", customer["id"], customer=customer)
    return Response(body=customer)


def fire_event(simulator: "Simulator", request: Request) -> Response:
    """Have an event sent: `event`, and the ids its URI needs, such as `customer`, `invoice`.

    Answers whether the registration asked for it. Raises Problem 400 for an unknown event or a
    missing id.
    """
    body = read_object(request.json())
    name = read_enum(body.get("event"), EVENTS)
    if name is None:
        raise Problem(400, 0, f"event must be one of: {', '.join(EVENTS)}.")
    ids = {key: str(value) for key, value in body.items() if key != "event" and value}
    if "customer" in ids:
        ids = granular_ids(ids["customer"]) | ids
    check_ids(name, ids)
    subject = next(iter(ids.values()), name)
    simulator.ledger.record("event_fired", subject, event=name, ids=ids)
    registration = simulator.site.webhooks.registration
    return Response(
        status=202,
        body={"event": name, "wanted": registration is not None and name in registration.events},
    )


def read_deliveries(simulator: "Simulator", request: Request) -> Response:
    """Answer every webhook event owed so far, with its attempts and what is left to do."""
    switches = simulator.site.switches
    items: list[dict[str, Any]] = []
    for delivery in simulator.site.webhooks.deliveries():
        due = delivery.due(switches)
        attempts = [
            asdict(attempt) | {"at": attempt.at.isoformat()} for attempt in delivery.attempts
        ]
        items.append(
            {
                "id": delivery.id,
                "event": delivery.event,
                "body": delivery.body.decode(),
                "at": delivery.at.isoformat(),
                "state": delivery.state(),
                "due": due and due.isoformat(),
                "attempts": attempts,
            }
        )
    return Response(body={"count": len(items), "items": items})


def deliver_now(simulator: "Simulator", request: Request) -> Response:
    """Send what is due at once, without waiting for the thread of a server."""
    return Response(body={"attempts": simulator.courier.deliver_due()})


def _customer(body: dict[str, Any]) -> dict[str, Any]:
    name = _text(body, "companyName")
    identity = str(body.get("id") or uuid.uuid4())
    domain = str(body.get("domain") or f"t{identity[:8]}.onmicrosoft.com")
    address = {"country": str(body.get("country") or "US"), "city": "", "addressLine1": ""}
    return {
        "id": identity,
        "commerceId": str(uuid.uuid4()),
        "companyProfile": {
            "tenantId": identity,
            "domain": domain,
            "companyName": name,
            "attributes": {"objectType": "CustomerCompanyProfile"},
        },
        "billingProfile": {
            "id": str(uuid.uuid4()),
            "companyName": name,
            "culture": "en-US",
            "language": "en",
            "email": f"billing@{domain}",
            "defaultAddress": address,
            "attributes": {"objectType": "CustomerBillingProfile"},
        },
        "relationshipToPartner": "reseller",
        # A reseller relationship alone opens no directory.
        "allowDelegatedAccess": False,
        "customDomains": [domain],
        "attributes": {"objectType": "Customer"},
    }


def _present(simulator: "Simulator", body: dict[str, Any]) -> dict[str, Any]:
    customer_id = _text(body, "id")
    customer = simulator.site.customers.get(customer_id)
    if customer is None:
        raise Problem(404, 60003, f"Tenant {customer_id} was not found.")
    return customer


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value.strip():
        raise Problem(400, 0, f"{name} is required.")
    return value.strip()


ACTIONS: dict[tuple[str, str], Callable[["Simulator", Request], Response]] = {
    ("POST", "customers"): add_customer,
    ("POST", "customers/rename"): rename_customer,
    ("POST", "customers/remove"): remove_customer,
    ("POST", "customers/return"): return_customer,
    ("POST", "events"): fire_event,
    ("GET", "deliveries"): read_deliveries,
    ("POST", "deliveries"): deliver_now,
}
