"""What becomes of a legacy subscription that moves to new commerce.

The product follows from the name of the legacy offer; where the catalogue has none of that name, an
item is picked by the offer's id, so that the same offer always becomes the same product. Add-ons
move with their base. Source: page "Migrate subscriptions from traditional to new commerce".
"""

import hashlib
import uuid
from datetime import datetime
from typing import Any

from partnercenter.simulator.charges import Charge, first_charge
from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import fold, read_seats
from partnercenter.simulator.lifecycle import new_windows, offer_fields
from partnercenter.simulator.sku_terms import Availability, availabilities, offered_pairs
from partnercenter.simulator.subscription_terms import (
    Generation,
    Subscription,
    country_of,
    end_fields,
    generation,
    last_day,
    moment_text,
    months_of,
    read_moment,
    status_of,
    term_end,
)
from partnercenter.simulator.worlds import World

NOT_LEGACY, NOT_ACTIVE, NO_PRODUCT, IS_ADDON = 900215, 900216, 900217, 900218
_TEXTS = {
    NOT_LEGACY: "The subscription is not a legacy subscription.",
    NOT_ACTIVE: "The subscription is not active.",
    NO_PRODUCT: "There is no new-commerce product to migrate to.",
    IS_ADDON: "An add-on migrates with its base subscription only.",
}
Plan = dict[str, Any]


def migration_errors(world: World, subscription: Subscription) -> list[dict[str, Any]]:
    """Return why a subscription cannot be migrated, as code and description.

    The codes are of the range the error table keeps for migrations; which is which is not
    documented in detail.
    """
    codes = []
    if generation(subscription) is not Generation.LEGACY:
        codes.append(NOT_LEGACY)
    if status_of(subscription) != "active":
        codes.append(NOT_ACTIVE)
    if subscription.get("parentSubscriptionId"):
        codes.append(IS_ADDON)
    if not codes and _item(world, subscription, "P1Y", "monthly") is None:
        codes.append(NO_PRODUCT)
    return [{"code": code, "description": _TEXTS[code]} for code in codes]


def plan_migration(
    world: World, customer_id: str, subscription: Subscription, body: dict[str, Any]
) -> Plan:
    """Return what a migration will make of one subscription, in the words of its resource.

    What the body leaves out is a year, the present billing cycle and all seats, to the end of the
    running term. Raises Problem 400: 900217 when nothing in the catalogue fits, 800002 for a
    quantity that is none.
    """
    duration = str(body.get("termDuration") or "P1Y").upper()
    cycle = fold(body.get("billingCycle") or subscription.get("billingCycle") or "monthly")
    item = _item(world, subscription, duration, cycle)
    if item is None:
        raise Problem(400, NO_PRODUCT, _TEXTS[NO_PRODUCT])
    end = last_day(subscription)
    plan: Plan = {
        "currentSubscriptionId": subscription["id"],
        "customerTenantId": customer_id,
        "catalogItemId": item,
        "quantity": read_seats(body.get("quantity"), default=subscription.get("quantity")),
        "termDuration": duration,
        "billingCycle": cycle.capitalize(),
        "purchaseFullTerm": bool(body.get("purchaseFullTerm")),
    }
    if end is not None:
        plan["subscriptionEndDate"] = f"{end}T00:00:00Z"
    if body.get("customTermEndDate"):
        plan["customTermEndDate"] = body["customTermEndDate"]
    return plan


def migrated(
    plan: Plan, old: Subscription, *, identity: str, order_id: str, at: datetime, self_link: Plan
) -> tuple[Subscription, Subscription, list[Charge]]:
    """Return the new subscription, the old one as it ends, and what the new one is charged."""
    start, end = at.date(), last_day(old)
    if plan["purchaseFullTerm"] or end is None or end < start:
        end = term_end(start, months_of(plan["termDuration"]) or 12)
    aligned = read_moment(plan.get("customTermEndDate"))
    end = aligned.date() if aligned else end
    new: Subscription = {
        "id": identity,
        "offerName": old.get("offerName"),
        "friendlyName": old.get("friendlyName"),
        "productType": {"id": "OnlineServicesNCE", "displayName": "OnlineServicesNCE"},
        "quantity": plan["quantity"],
        "unitType": "Licenses",
        "hasPurchasableAddons": False,
        "creationDate": moment_text(at),
        "effectiveStartDate": moment_text(at),
        **end_fields(end),
        "status": "active",
        "autoRenewEnabled": bool(old.get("autoRenewEnabled")),
        "isTrial": False,
        "billingType": "license",
        "billingCycle": fold(plan["billingCycle"]),
        "termDuration": plan["termDuration"],
        "renewalTermDuration": "",
        "isMicrosoftProduct": True,
        "publisherName": "Microsoft Corporation",
        "partnerId": old.get("partnerId") or "",
        "attentionNeeded": False,
        "actionTaken": False,
        "contractType": "subscription",
        "orderId": order_id,
        "attributes": {"objectType": "Subscription"},
    }
    new |= offer_fields(old, plan["catalogItemId"]) | new_windows(new, at)
    new["links"] = new["links"] | {"self": self_link}
    new["links"].pop("parentSubscription", None)
    ended = old | {"status": "deleted", "autoRenewEnabled": False}
    return new, ended, first_charge(new, at)


def new_ids() -> tuple[str, str]:
    """Return the id of a new subscription and of its order."""
    return str(uuid.uuid4()), uuid.uuid4().hex[:12]


def _item(world: World, subscription: Subscription, duration: str, cycle: str) -> str | None:
    offered = [
        record
        for record in availabilities(world, country_of(subscription))
        if (duration, cycle) in offered_pairs(record)
    ]
    name = str(subscription.get("offerName") or "").lower()
    for record in offered:
        if _title(record).lower() == name:
            return str(record["catalogItemId"])
    if not offered:
        return None
    digest = hashlib.blake2b(str(subscription.get("offerId")).lower().encode(), digest_size=4)
    return str(offered[int.from_bytes(digest.digest(), "big") % len(offered)]["catalogItemId"])


def _title(record: Availability) -> str:
    return str((record.get("sku") or {}).get("title") or "")
