"""A customer with licences, and the calls that make people and give them licences."""

from typing import Any

from partnercenter.simulator.licences import product_named
from tests.partnercenter.simulator.calls import Answer, Caller
from tests.partnercenter.simulator.sample_worlds import customer_id, make_customer

CUSTOMER = f"/v1/customers/{customer_id(1)}"
USERS = f"{CUSTOMER}/users"
SKUS = f"{CUSTOMER}/subscribedskus"
BASIC = product_named("Microsoft 365 Business Basic")
PREMIUM = product_named("Microsoft 365 Business Premium")
PERSON = {
    "usageLocation": "US",
    "userPrincipalName": "ada@sample1.example",
    "firstName": "Ada",
    "lastName": "Quay",
    "displayName": "Ada Quay",
    "passwordProfile": {"password": "Sail-4-Harbour", "forceChangePassword": True},
}


def subscription(number: int, name: str, quantity: int, **changes: Any) -> dict[str, Any]:
    """Return a subscription of the first customer."""
    uri = f"/customers/{customer_id(1)}/subscriptions/s{number}"
    row = {
        "id": f"s{number}",
        "offerName": name,
        "quantity": quantity,
        "billingType": "license",
        "status": "active",
        "links": {"self": {"uri": uri}},
    }
    return row | changes


def make_person(caller: Caller, name: str = "ada", **changes: Any) -> str:
    """Create a user of the first customer and return its id."""
    principal = {"userPrincipalName": f"{name}@sample1.example"}
    answer = caller.post(USERS, PERSON | principal | changes)
    assert answer.status == 200
    return str(answer.json()["id"])


def assign(caller: Caller, user: str, *skus: str, remove: tuple[str, ...] = ()) -> Answer:
    """Give and take licences of a user of the first customer."""
    rows = [{"skuId": sku, "excludedPlans": []} for sku in skus]
    body = {"licensesToAssign": rows, "licensesToRemove": list(remove)}
    return caller.post(f"{USERS}/{user}/licenseupdates", body)


def units(caller: Caller, sku: str) -> tuple[int, int, int]:
    """Return available, consumed and total units of a SKU."""
    (found,) = [
        item for item in caller.get(SKUS).json()["items"] if item["productSku"]["id"] == sku
    ]
    return found["availableUnits"], found["consumedUnits"], found["totalUnits"]


def ids(answer: Answer) -> list[str]:
    """Return the ids of the items of a collection."""
    return [item["id"] for item in answer.json()["items"]]


def refusal(answer: Answer) -> tuple[int, int]:
    """Return status and code of a refusal."""
    return answer.status, answer.code


TWO_PRODUCTS = {
    "customers": [make_customer(1, users=[])],
    "subscriptions": [subscription(1, BASIC.name, 3), subscription(2, PREMIUM.name, 1)],
}
"""A world whose first customer has three licences of one product, one of another, and no users."""
