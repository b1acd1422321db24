"""Where a new-commerce subscription can be moved to, and why not elsewhere.

A SKU may name its targets in `dynamicAttributes.upgradeTargetOffers` (`product:sku`); without them
every other SKU of the country that is no add-on is one, and its own for a longer term. A target's
`dynamicAttributes` may further narrow it with `transitionTypes`, and with
`licenseTransferConflicts` name the SKUs whose users cannot be moved to it.
"""

from collections.abc import Iterator
from typing import Any

from partnercenter.simulator.paging import collection
from partnercenter.simulator.routes.subscriptions import addons, find_subscription
from partnercenter.simulator.site import Call
from partnercenter.simulator.sku_terms import (
    availabilities,
    offered_pairs,
    same_sku,
    sku_record,
    split_item,
)
from partnercenter.simulator.subscription_terms import (
    Subscription,
    cancellable_until,
    country_of,
    last_day,
    months_of,
    status_of,
    term_months,
)
from partnercenter.simulator.wire import Response

TYPES = ("transition_only", "transition_with_license_transfer")

NOT_ACTIVE, IN_WINDOW, SHORTER_TERM, EARLIER_END = 1, 2, 3, 4
_TARGET_ERRORS = {
    NOT_ACTIVE: "The subscription is not active.",
    IN_WINDOW: "The subscription is within its cancellation window.",
    SHORTER_TERM: (
        "The subscription's term duration is shorter than the source subscription's term duration."
    ),
    EARLIER_END: "The subscription ends earlier than the source subscription.",
}
_SOURCE_INACTIVE, _CONFLICT, _HAS_ADDONS = 2, 3, 6
_SOURCE_ERRORS = {
    _SOURCE_INACTIVE: "The source subscription is not active.",
    _CONFLICT: "Subscription cannot be transitioned because there are conflicting services.",
    _HAS_ADDONS: "The source subscription has add-ons.",
}


def list_eligibilities(call: Call) -> Response:
    """Answer every target of a subscription with whether and how it can be reached.

    `eligibilityType` immediate and scheduled have the same targets; a scheduled one is carried out
    by next-term instructions.
    """
    customer_id, source = find_subscription(call)
    operation = _latest_operation(call, customer_id, source)
    items = [
        _eligibility(call, customer_id, source, record, operation)
        for record in targets(call, source)
    ]
    return Response(body=collection(items))


def targets(call: Call, source: Subscription) -> Iterator[dict[str, Any]]:
    """Yield the availabilities a subscription can move to, in the order of the catalogue."""
    offer, world = source.get("offerId"), call.site.world
    named = _attributes(sku_record(world, offer)).get("upgradeTargetOffers")
    for record in availabilities(world, country_of(source)):
        item, longest = record["catalogItemId"], _longest_term(record)
        own = same_sku(item, offer)
        if longest < term_months(source) or (own and longest == term_months(source)):
            continue
        if named and not own:
            if not any(same_sku(item, f"{target}:") for target in named):
                continue
        elif not own and _attributes(record.get("sku")).get("isAddon"):
            continue
        yield record


def target_errors(call: Call, source: Subscription, target: Subscription) -> list[int]:
    """Return why a subscription cannot take in another one's seats: numbers 1 to 4."""
    errors = []
    if status_of(target) != "active":
        errors.append(NOT_ACTIVE)
    until = cancellable_until(target)
    if until is not None and call.site.clock() <= until:
        errors.append(IN_WINDOW)
    if term_months(target) < term_months(source):
        errors.append(SHORTER_TERM)
    ends, source_ends = last_day(target), last_day(source)
    if ends is not None and source_ends is not None and ends < source_ends:
        errors.append(EARLIER_END)
    return errors


def source_errors(call: Call, customer_id: str, source: Subscription) -> list[int]:
    """Return why a subscription cannot be moved anywhere, in the numbers of transition errors."""
    errors = [] if status_of(source) == "active" else [_SOURCE_INACTIVE]
    return errors + ([_HAS_ADDONS] if addons(call, customer_id, source) else [])


def transition_types(source: Subscription, sku: dict[str, Any]) -> list[tuple[str, bool]]:
    """Return the ways a SKU can be moved to, each with whether its services conflict."""
    attributes = _attributes(sku)
    conflicts = any(
        same_sku(source.get("offerId"), f"{one}:")
        for one in attributes.get("licenseTransferConflicts") or ()
    )
    return [
        (kind, conflicts and kind == TYPES[1])
        for kind in attributes.get("transitionTypes") or TYPES
    ]


def _eligibility(
    call: Call, customer_id: str, source: Subscription, record: dict[str, Any], operation: str
) -> dict[str, Any]:
    sku = record.get("sku") or {}
    item: dict[str, Any] = {"operationId": operation} if operation else {}
    item |= {
        "catalogItemId": record["catalogItemId"],
        "title": sku.get("title") or split_item(record["catalogItemId"])[0],
        "description": sku.get("description") or sku.get("title") or "",
        "quantity": source.get("quantity"),
    }
    candidates = _candidates(call, customer_id, source, record)
    if candidates:
        item["subscriptionEligibilities"] = candidates
    blocked = source_errors(call, customer_id, source)
    item["eligibilities"] = []
    for kind, conflicts in transition_types(source, sku):
        codes = blocked + ([_CONFLICT] if conflicts else [])
        item["eligibilities"].append(
            {
                "isEligible": not codes,
                "transitionType": kind,
                "errors": _said(codes, _SOURCE_ERRORS),
            }
        )
    return item | {"attributes": {"objectType": "TransitionEligibility"}}


def _candidates(
    call: Call, customer_id: str, source: Subscription, record: dict[str, Any]
) -> list[dict[str, Any]]:
    found = []
    for row in call.site.subscriptions.of_customer(customer_id):
        itself = str(row["id"]).lower() == str(source["id"]).lower()
        if itself or not same_sku(row.get("offerId"), record["catalogItemId"]):
            continue
        if status_of(row) == "deleted":
            continue
        codes = target_errors(call, source, row)
        found.append(
            {
                "isEligible": not codes,
                "subscriptionId": row["id"],
                "subscriptionFriendlyName": row.get("friendlyName") or "",
                "subscriptionTermDuration": row.get("termDuration") or "",
                "subscriptionBillingCycle": row.get("billingCycle") or "",
                "errors": _said(codes, _TARGET_ERRORS),
            }
        )
    return found


def _said(codes: list[int], texts: dict[int, str]) -> list[dict[str, Any]]:
    return [{"code": code, "description": texts[code]} for code in codes]


def _latest_operation(call: Call, customer_id: str, source: Subscription) -> str:
    if not call.site.switches.transition_operation_ids:
        return ""
    made = [
        paper
        for paper in call.site.papers.of_customer("transition", customer_id)
        if str(paper.get("fromSubscriptionId") or "").lower() == str(source["id"]).lower()
    ]
    return str(made[-1]["operationId"]) if made else call.request.request_id


def _longest_term(record: dict[str, Any]) -> int:
    return max((months_of(duration) or 0 for duration, _ in offered_pairs(record)), default=0)


def _attributes(sku: object) -> dict[str, Any]:
    attributes = sku.get("dynamicAttributes") if isinstance(sku, dict) else None
    return attributes if isinstance(attributes, dict) else {}
