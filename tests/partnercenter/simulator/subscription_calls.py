"""Reading and changing the subscriptions of the first sample customer."""

from typing import Any

from partnercenter.simulator import Simulator
from tests.partnercenter.simulator.calls import Answer, Caller
from tests.partnercenter.simulator.sample_worlds import customer_id

OWNER = customer_id(1)
LIST = f"/v1/customers/{OWNER}/subscriptions"
PLAN: dict[str, Any] = {
    "product": {
        "productId": "CFQ7TTC0LH18",
        "skuId": "0001",
        "availabilityId": "CFQ7TTC0K971",
        "billingCycle": "Annual",
        "termDuration": "P1Y",
    },
    "quantity": 7,
}
BOUGHT_TODAY = {
    "creationDate": "2026-11-21T08:00:00Z",
    "effectiveStartDate": "2026-11-21T08:00:00Z",
    "commitmentEndDate": "2027-11-20T00:00:00Z",
    "cancellationAllowedUntilDate": "2026-11-28T08:00:00Z",
}


def get(caller: Caller, identity: str = "seats") -> dict[str, Any]:
    """Return a subscription."""
    body: dict[str, Any] = caller.get(f"{LIST}/{identity}").json()
    return body


def patch(caller: Caller, body: dict[str, Any], identity: str = "seats", **more: Any) -> Answer:
    """Send a PATCH with just this body."""
    return caller.send("PATCH", f"{LIST}/{identity}", body=body, **more)


def edit(caller: Caller, identity: str = "seats", **changes: Any) -> Answer:
    """Send the whole resource back with changes, as Microsoft's pages ask for."""
    return patch(caller, get(caller, identity) | changes, identity)


def charged(simulator: Simulator) -> list[dict[str, Any]]:
    """Return the invoice rows that changes caused so far."""
    return [effect.data["row"] for effect in simulator.ledger.find(kind="charged")]
