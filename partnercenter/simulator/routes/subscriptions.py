"""Reading the subscriptions of a customer, and what is read beside each of them."""

import uuid
from typing import Any

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import without_nulls
from partnercenter.simulator.paging import collection
from partnercenter.simulator.routing import Access, Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.subscription_terms import (
    Generation,
    Subscription,
    generation,
    status_of,
)
from partnercenter.simulator.wire import Response

_PROVISIONING = {"pending": "pending", "deleted": "failed"}


def list_subscriptions(call: Call) -> Response:
    """Answer the subscriptions of a customer; one without any has an empty collection.

    `order_id` and `mpn_id` narrow it. They are the only query names with an underscore, and as on
    the live service their camelCase spellings are ignored.
    """
    customer_id = related_customer(call)
    order, partner = (call.request.query.get(name) for name in ("order_id", "mpn_id"))
    rows = call.site.subscriptions.listed(customer_id)
    items = [
        without_nulls(row)
        for row in rows
        if (not order or _same(row.get("orderId"), order))
        and (not partner or _same(row.get("partnerId"), partner))
    ]
    links = {"self": call.link(f"/customers/{customer_id}/subscriptions")}
    return Response(body=collection(items, links))


def get_subscription(call: Call) -> Response:
    """Answer one subscription.

    Raises Problem 404/20003 when the customer has no such subscription.
    """
    _, subscription = find_subscription(call)
    return Response(body=without_nulls(subscription))


def list_addons(call: Call) -> Response:
    """Answer the subscriptions that were bought as add-ons to one."""
    customer_id, base = find_subscription(call)
    return Response(
        body=collection([without_nulls(row) for row in addons(call, customer_id, base)])
    )


def get_provisioning_status(call: Call) -> Response:
    """Answer how far the licences of a subscription are set up."""
    _, subscription = find_subscription(call)
    offer = str(subscription.get("offerId") or "")
    # The SKU of the directory is another id than that of the shop; this one is made from it.
    sku = uuid.uuid5(uuid.NAMESPACE_URL, offer.rpartition(":")[0].lower() or offer.lower())
    answer: dict[str, Any] = {
        "skuId": str(sku),
        "status": _PROVISIONING.get(status_of(subscription), "success"),
        "quantity": subscription.get("quantity"),
        "endDate": subscription.get("commitmentEndDate"),
        "attributes": {"objectType": "SubscriptionProvisioningStatus"},
    }
    return Response(body=without_nulls(answer))


def addons(call: Call, customer_id: str, base: Subscription) -> list[Subscription]:
    """Return the add-ons of a subscription that have not been deleted."""
    return [
        row
        for row in call.site.subscriptions.of_customer(customer_id)
        if _same(row.get("parentSubscriptionId"), base["id"]) and status_of(row) != "deleted"
    ]


def find_subscription(call: Call) -> tuple[str, Subscription]:
    """Return the customer's id and the subscription the path names, as it stands now.

    Raises Problem 20002 without a relationship and 404/20003 for an unknown subscription.
    """
    customer_id = related_customer(call)
    return customer_id, subscription_of(call, customer_id, call.params["subscription"])


def subscription_of(call: Call, customer_id: str, subscription_id: str) -> Subscription:
    """Return a customer's subscription. Raises Problem 404/20003 when there is no such one."""
    row = call.site.subscriptions.get(customer_id, subscription_id)
    if row is None:
        raise Problem(404, 20003, f"Subscription {subscription_id} was not found.")
    return row


def require_legacy(subscription: Subscription) -> None:
    """Refuse, with 403/900263, what only subscriptions from before new commerce can do."""
    if generation(subscription) is not Generation.LEGACY:
        raise Problem(403, 900263, "This operation is for legacy subscriptions only.")


def related_customer(call: Call) -> str:
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


def _same(value: object, wanted: object) -> bool:
    return str(value or "").lower() == str(wanted).strip().lower()


_BASE = "/customers/{customer}/subscriptions"
ROUTES = [
    Route("GET", _BASE, list_subscriptions),
    Route("GET", f"{_BASE}/{{subscription}}", get_subscription),
    Route("GET", f"{_BASE}/{{subscription}}/addons", list_addons),
    Route(
        "GET",
        f"{_BASE}/{{subscription}}/provisioningstatus",
        get_provisioning_status,
        Access.USER,
    ),
]
