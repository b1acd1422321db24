"""Whether a promotion applies to a purchase, and what it takes off the price."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from partnercenter.simulator.fields import fold

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to buy with a promotion.

    `owned` are the customer's subscriptions; `sku_id` is `product:sku`.
    """

    sku_id: str
    duration: str
    billing_cycle: str
    quantity: int
    owned: list[Row]
    now: datetime


def concerns(promotion: Row, wish: Wish) -> bool:
    """Tell whether a promotion is about this SKU, whatever its conditions, and runs now."""
    return bool(_required(promotion, wish)) and _runs(promotion, wish.now)


def is_automatic(promotion: Row) -> bool:
    """Tell whether a promotion is applied without being asked for."""
    return (promotion.get("properties") or {}).get("isAutoApplicable") is True


def errors_of(promotion: Row, wish: Wish) -> list[Row]:
    """Return why a promotion that concerns this SKU does not apply; empty when it does.

    Types and keys are those of the page "Verify promotion eligibility".
    """
    rules = promotion.get("promotionConstraints") or {}
    errors = [error for error in (_seats(rules, wish), _term(promotion, wish)) if error]
    if _wants_first_purchase(rules) and any(_holds(one, wish.sku_id) for one in wish.owned):
        errors.append({"type": "FirstPurchase"})
    used = sum(fold(one.get("promotionId") or "") == fold(promotion["id"]) for one in wish.owned)
    for limit in rules.get("assetOwnershipLimits") or ():
        if limit.get("maxAssets") is not None and used >= int(limit["maxAssets"]):
            errors.append({"type": str(limit.get("type") or "LifetimeRedemptionCount")})
    return errors


def discount(promotion: Row, wish: Wish) -> Decimal:
    """Return the part of the price a promotion takes off, from 0 to 1."""
    for product in _required(promotion, wish):
        for policy in product.get("pricingPolicies") or ():
            if fold(policy.get("policyType") or "") == "percentdiscount":
                return min(max(Decimal(str(policy.get("value") or 0)), Decimal(0)), Decimal(1))
    return Decimal(0)


def _required(promotion: Row, wish: Wish) -> list[Row]:
    found = [
        one
        for one in promotion.get("requiredProducts") or ()
        if fold(f"{one.get('productId')}:{one.get('skuId')}") == fold(wish.sku_id)
    ]
    return [one for one in found if _same_term(one.get("term") or {}, wish)] or found


def _runs(promotion: Row, now: datetime) -> bool:
    today = now.date().isoformat()
    start, end = promotion.get("startDate") or "0001", promotion.get("endDate") or "9999"
    return str(start)[:10] <= today <= str(end)[:10]


def _seats(rules: Row, wish: Wish) -> Row | None:
    for limit in rules.get("seatConstraints") or ():
        least, most = int(limit.get("minSeats") or 0), limit.get("maxSeats")
        if wish.quantity < least or (most is not None and wish.quantity > int(most)):
            found = {"type": "SeatCount", "minRequiredSeats": least}
            return found if most is None else found | {"maxRequiredSeats": int(most)}
    return None


def _term(promotion: Row, wish: Wish) -> Row | None:
    terms = [one.get("term") or {} for one in _required(promotion, wish)]
    if any(_same_term(term, wish) for term in terms):
        return None
    return {"type": "Term", "eligibleTerms": terms}


def _same_term(term: Row, wish: Wish) -> bool:
    duration, cycle = term.get("duration"), term.get("billingCycle")
    return (duration is None or fold(duration) == fold(wish.duration)) and (
        cycle is None or fold(cycle) == fold(wish.billing_cycle)
    )


def _wants_first_purchase(rules: Row) -> bool:
    return any(
        fold(one.get("type") or "") == "firstpurchase" and one.get("isApplicable") is not False
        for one in rules.get("eligibilityConstraints") or ()
    )


def _holds(subscription: Row, sku_id: str) -> bool:
    offer = ":".join(str(subscription.get("offerId") or "").split(":")[:2])
    return fold(offer) == fold(sku_id)
