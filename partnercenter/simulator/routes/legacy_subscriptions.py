"""What only subscriptions from before new commerce do: trial conversion, upgrade, billing cycle.

What a legacy offer can become is in its own record of the catalogue: `conversionTargetOffers` for a
trial, `upgradeTargetOffers` for an upgrade.
"""

import uuid
from typing import Any

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import read_enum, read_object, read_seats, without_nulls
from partnercenter.simulator.paging import collection
from partnercenter.simulator.routes.subscription_changes import refuse_pending, with_next_etag
from partnercenter.simulator.routes.subscriptions import (
    find_subscription,
    require_legacy,
)
from partnercenter.simulator.routing import Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.subscription_terms import (
    Generation,
    Subscription,
    country_of,
    generation,
    moment_text,
    status_of,
)
from partnercenter.simulator.wire import Response

_CYCLES = ("monthly", "annual")
_UPGRADE_TYPES = ("none", "upgrade_only", "upgrade_with_license_transfer")


def list_conversions(call: Call) -> Response:
    """Answer what a trial can be converted to; anything else has an empty collection."""
    _, subscription = find_subscription(call)
    targets = _targets(call, subscription, "conversionTargetOffers")
    items = [
        {
            "offerId": subscription.get("offerId"),
            "targetOfferId": target,
            "orderId": subscription.get("orderId"),
            "quantity": subscription.get("quantity"),
            "billingCycle": subscription.get("billingCycle") or "monthly",
            "attributes": {"objectType": "Conversion"},
        }
        for target in targets
        if subscription.get("isTrial")
    ]
    return Response(body=collection([without_nulls(item) for item in items]))


def convert(call: Call) -> Response:
    """Make a legacy trial a paid subscription; its id stays.

    Raises Problem 403/900263 for new commerce, 400/800096 for what is no running trial and
    400/800004 for an offer it cannot become.
    """
    customer_id, subscription = find_subscription(call)
    require_legacy(subscription)
    refuse_pending(call, subscription)
    body = read_object(call.request.json())
    target = str(body.get("targetOfferId") or "")
    if not subscription.get("isTrial") or status_of(subscription) != "active":
        raise Problem(400, 800096, "The subscription is no trial that can be converted.")
    allowed = _targets(call, subscription, "conversionTargetOffers")
    if target.lower() not in [offer.lower() for offer in allowed]:
        raise Problem(400, 800004, "The trial cannot be converted to this offer.")
    changes = {
        "offerId": target,
        "offerName": _offer_name(call, target) or subscription.get("offerName"),
        "isTrial": False,
        "quantity": read_seats(body.get("quantity"), default=subscription.get("quantity")),
        "billingCycle": read_enum(body.get("billingCycle"), _CYCLES) or "monthly",
        "autoRenewEnabled": True,
    }
    _write(call, customer_id, subscription | changes)
    answer = {
        "subscriptionId": subscription["id"],
        "offerId": subscription.get("offerId"),
        "targetOfferId": target,
        "attributes": {"objectType": "ConversionResult"},
    }
    return Response(body=answer)


def list_upgrades(call: Call) -> Response:
    """Answer the offers a legacy subscription can be upgraded to."""
    _, subscription = find_subscription(call)
    require_legacy(subscription)
    active = status_of(subscription) == "active"
    error = {"code": 2, "description": "The source subscription is not active."}
    items = [
        {
            "targetOffer": {"id": target, "name": _offer_name(call, target) or target},
            "upgradeType": "upgrade_with_license_transfer",
            "isEligible": active,
            "quantity": subscription.get("quantity"),
            "upgradeErrors": [] if active else [error],
            "attributes": {"objectType": "Upgrade"},
        }
        for target in _targets(call, subscription, "upgradeTargetOffers")
    ]
    return Response(body=collection([without_nulls(item) for item in items]))


def upgrade(call: Call) -> Response:
    """Upgrade a legacy subscription: a new one begins with the target offer, the old one ends.

    Raises Problem 403/900263 for new commerce, 400/2001 when it is not active and 400/800004 for
    an offer it cannot become.
    """
    customer_id, source = find_subscription(call)
    require_legacy(source)
    refuse_pending(call, source)
    body = read_object(call.request.json())
    given = body.get("targetOffer")
    offer: dict[str, Any] = given if isinstance(given, dict) else {}
    target = str(offer.get("id") or "")
    if status_of(source) != "active":
        raise Problem(400, 2001, "Only an active subscription can be upgraded.")
    allowed = [one.lower() for one in _targets(call, source, "upgradeTargetOffers")]
    if target.lower() not in allowed:
        raise Problem(400, 800004, "The subscription cannot be upgraded to this offer.")
    identity = str(uuid.uuid4())
    uri = f"/customers/{customer_id}/subscriptions/{identity}"
    offer_uri = f"/offers/{target}?country={country_of(source)}"
    name = _offer_name(call, target) or str(offer.get("name") or target)
    upgraded = source | {
        "id": identity,
        "entitlementId": identity,
        "offerId": target,
        "offerName": name,
        "friendlyName": name,
        "creationDate": moment_text(call.site.clock()),
        "links": {"offer": call.link(offer_uri), "self": call.link(uri)},
    }
    ended = source | {"status": "deleted", "autoRenewEnabled": False}
    call.record("subscription_created", identity, customer=customer_id, subscription=upgraded)
    _write(call, customer_id, ended)
    answer = {
        "sourceSubscriptionId": source["id"],
        "targetSubscriptionId": identity,
        # A recorded answer has the number of the enumeration where all others have its name.
        "upgradeType": _upgrade_number(body.get("upgradeType")),
        "upgradeErrors": [],
        "licenseErrors": [],
        "attributes": {"objectType": "UpgradeResult"},
    }
    return Response(body=answer)


def _order(
    call: Call, customer_id: str, order_id: str, cycle: str, lines: list[Subscription]
) -> dict[str, Any]:
    base = f"/customers/{customer_id}"
    etag = {"id": order_id.lower(), "attributes": {"etag": "changed"}}
    return {
        "id": order_id.lower(),
        "referenceCustomerId": customer_id,
        "billingCycle": cycle,
        "lineItems": [
            {
                "lineItemNumber": number,
                "offerId": row.get("offerId"),
                "subscriptionId": row["id"],
                "friendlyName": row.get("friendlyName"),
                "quantity": row.get("quantity"),
                "links": {"subscription": call.link(f"{base}/subscriptions/{row['id']}")},
            }
            for number, row in enumerate(lines)
        ],
        "creationDate": min(str(row.get("creationDate") or "") for row in lines),
        "links": {"self": call.link(f"{base}/orders/{order_id.lower()}")},
        "attributes": with_next_etag(etag)["attributes"] | {"objectType": "Order"},
    }


def _write(call: Call, customer_id: str, subscription: Subscription) -> None:
    call.record(
        "subscription_changed",
        str(subscription["id"]),
        customer=customer_id,
        subscription=with_next_etag(without_nulls(subscription)),
    )


def _targets(call: Call, subscription: Subscription, name: str) -> list[str]:
    if generation(subscription) is not Generation.LEGACY:
        return []
    offer = _offer(call, subscription.get("offerId"))
    return [str(one) for one in offer.get(name) or ()]


def _offer_name(call: Call, offer_id: str) -> str:
    return str(_offer(call, offer_id).get("name") or "")


def _offer(call: Call, offer_id: object) -> dict[str, Any]:
    return call.site.world.collection("catalog").get(str(offer_id or "")) or {}


def _upgrade_number(given: object) -> int:
    if isinstance(given, int):
        return given
    return _UPGRADE_TYPES.index(read_enum(given, _UPGRADE_TYPES) or "upgrade_only")


_BASE = "/customers/{customer}/subscriptions/{subscription}"
ROUTES = [
    Route("GET", f"{_BASE}/conversions", list_conversions),
    Route("POST", f"{_BASE}/conversions", convert, idempotent=True),
    Route("GET", f"{_BASE}/upgrades", list_upgrades),
    Route("POST", f"{_BASE}/upgrades", upgrade, idempotent=True),
]
