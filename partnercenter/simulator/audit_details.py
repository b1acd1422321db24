"""The `customizedData` of audit records: what a change concerns, as names and texts.

Recorded trails name order lines by number (`OfferId-0`) and give every value as text; values that
are unknown are null.
"""

from collections.abc import Mapping
from typing import Any

from partnercenter.simulator.ledger import Effect

_ORDER_LINE = {
    "OfferId": "offerId",
    "SubscriptionId": "subscriptionId",
    "SubscriptionName": "friendlyName",
    "Quantity": "quantity",
    "PartnerOnRecord": "partnerIdOnRecord",
}
_SUBSCRIPTION = {
    "SubscriptionName": "friendlyName",
    "Quantity": "quantity",
    "Status": "status",
    "PartnerOnRecord": "partnerId",
    "ActionTaken": "actionTaken",
}


def details_of(effect: Effect, resource: str, after: Any) -> list[dict[str, str | None]]:
    """Return the pairs of a change of a type of resource that left `after` behind."""
    content = after if isinstance(after, Mapping) else {}
    pairs = {_id_name(resource): effect.subject}
    if resource == "order":
        return _pairs(pairs | _order(content))
    if resource == "subscription":
        return _pairs(pairs | {name: content.get(key) for name, key in _SUBSCRIPTION.items()})
    return _pairs(pairs)


def _order(order: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"BillingCycle": order.get("billingCycle")}
    for number, line in enumerate(order.get("lineItems") or ()):
        for name, key in _ORDER_LINE.items():
            found[f"{name}-{number}"] = line.get(key)
    return found


def _id_name(resource: str) -> str:
    return "".join(part.capitalize() for part in resource.split("_")) + "Id"


def _pairs(values: Mapping[str, Any]) -> list[dict[str, str | None]]:
    return [
        {"key": key, "value": None if value is None else _text(value)}
        for key, value in values.items()
    ]


def _text(value: object) -> str:
    text = str(value)
    return text[:1].upper() + text[1:] if text.isalpha() else text
