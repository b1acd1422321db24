"""Reading the subscriptions of a customer as the world holds them."""

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import without_nulls
from partnercenter.simulator.paging import collection
from partnercenter.simulator.routing import Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.wire import Response


def list_subscriptions(call: Call) -> Response:
    """Answer all subscriptions of a customer; a customer without any has an empty collection."""
    customer_id = _related_customer(call)
    items = [without_nulls(row) for row in call.site.subscriptions.of_customer(customer_id)]
    links = {"self": call.link(f"/customers/{customer_id}/subscriptions")}
    return Response(body=collection(items, links))


def get_subscription(call: Call) -> Response:
    """Answer one subscription.

    Raises Problem 404/20003 when the customer has no such subscription.
    """
    customer_id = _related_customer(call)
    subscription_id = call.params["subscription"]
    row = call.site.subscriptions.get(customer_id, subscription_id)
    if row is None:
        raise Problem(404, 20003, f"Subscription {subscription_id} was not found.")
    return Response(body=without_nulls(row))


def _related_customer(call: Call) -> str:
    """Return the customer's id in its own spelling.

    Raises Problem 20002, with the status the switch says, without a reseller relationship.
    """
    customer_id = call.params["customer"]
    customer = call.site.customers.get(customer_id)
    if customer is None:
        raise Problem(
            call.site.switches.no_relationship_status,
            20002,
            f"The partner has no reseller relationship with customer {customer_id}.",
            data=["Resource: subscriptions"],
        )
    return str(customer["id"])


ROUTES = [
    Route("GET", "/customers/{customer}/subscriptions", list_subscriptions),
    Route("GET", "/customers/{customer}/subscriptions/{subscription}", get_subscription),
]
