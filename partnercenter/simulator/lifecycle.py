"""The life of a subscription as time alone moves it: renewal, expiry, disabling, deletion.

    active, renewing       -> active          the midnight after the last day, with a new term
    active, not renewing   -> expired         the midnight after the last day
    expired                -> disabled        30 days later
    suspended              -> disabled        the midnight after the last day
    disabled               -> deleted         120 days after the term
    suspended, legacy      -> deleted         90 days after it was suspended

Nothing is stored for it: `settle` works out where a subscription stands from what was last written
and the clock. So reads stay reads, no pass over all subscriptions is ever needed, and a clock moved
on by years gives the same answer as one that ran.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from partnercenter.simulator.fields import fold
from partnercenter.simulator.subscription_terms import (
    WINDOW,
    Generation,
    Subscription,
    country_of,
    day_text,
    end_fields,
    generation,
    moment_text,
    months_of,
    read_moment,
    status_of,
    term_end,
    term_months,
    term_over,
)

EXPIRED_FOR = timedelta(days=30)
DISABLED_FOR = timedelta(days=90)
_LEGACY_KEPT_FOR = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing time did: `kind` is renewed, expired, disabled or deleted, `after` the result."""

    kind: str
    at: datetime
    after: Subscription


def settle(
    subscription: Subscription, now: datetime, *, since: datetime | None = None
) -> tuple[Subscription, list[Step]]:
    """Return a subscription as it stands at `now` and what happened on the way, oldest first.

    `since` is when its present status began, where that is known.
    """
    steps: list[Step] = []
    while (step := _next(subscription, since)) is not None and step.at <= now:
        subscription, since = step.after, step.at
        steps.append(step)
    return subscription, steps


def _next(subscription: Subscription, since: datetime | None) -> Step | None:
    following = _FOLLOWING.get(status_of(subscription))
    return following(subscription, since) if following else None


def _after_active(subscription: Subscription, since: datetime | None) -> Step | None:
    over = term_over(subscription)
    if over is None:
        return None
    if _renews(subscription):
        return Step("renewed", over, _renewed(subscription, over))
    return _step("expired", over, subscription)


def _after_suspended(subscription: Subscription, since: datetime | None) -> Step | None:
    over = term_over(subscription)
    if generation(subscription) is Generation.LEGACY:
        start = since or over
        return _step("deleted", start + _LEGACY_KEPT_FOR, subscription) if start else None
    return _step("disabled", over, subscription) if over else None


def _after_expired(subscription: Subscription, since: datetime | None) -> Step | None:
    over = term_over(subscription)
    return _step("disabled", over + EXPIRED_FOR, subscription) if over else None


def _after_disabled(subscription: Subscription, since: datetime | None) -> Step | None:
    over = term_over(subscription)
    return _step("deleted", over + EXPIRED_FOR + DISABLED_FOR, subscription) if over else None


_FOLLOWING: dict[str, Callable[[Subscription, datetime | None], Step | None]] = {
    "active": _after_active,
    "suspended": _after_suspended,
    "expired": _after_expired,
    "disabled": _after_disabled,
}


def _step(status: str, at: datetime, subscription: Subscription) -> Step:
    ended = _without_plans(subscription) | {"status": status, "autoRenewEnabled": False}
    return Step(status, at, ended)


def _without_plans(subscription: Subscription) -> Subscription:
    gone = "scheduledNextTermInstructions"
    return {key: value for key, value in subscription.items() if key != gone}


def _renews(subscription: Subscription) -> bool:
    if not subscription.get("autoRenewEnabled"):
        return False
    # A trial goes on only as what its instructions name: it has no next term of its own.
    return not subscription.get("isTrial") or bool(
        subscription.get("scheduledNextTermInstructions")
    )


def _renewed(subscription: Subscription, at: datetime) -> Subscription:
    """Return a subscription in its next term, with the scheduled changes applied and gone."""
    plan = subscription.get("scheduledNextTermInstructions") or {}
    product = plan.get("product") or {}
    duration = (
        product.get("termDuration")
        or subscription.get("renewalTermDuration")
        or subscription.get("termDuration")
    )
    months = months_of(duration) or term_months(subscription)
    end = term_end(at.date(), months)
    aligned = read_moment(plan.get("customTermEndDate"))
    if aligned is not None and at.date() <= aligned.date() <= end:
        end = aligned.date()
    renewed = _without_plans(subscription) | {"effectiveStartDate": day_text(at.date())}
    renewed["quantity"] = plan.get("quantity") or subscription.get("quantity")
    if product:
        renewed |= _as_product(subscription, product)
    if duration and "termDuration" in subscription:
        renewed["termDuration"] = duration
    kind, twins = generation(subscription), end_fields(end)
    if kind is not Generation.SEATS and "commitmentEndDateTime" not in subscription:
        del twins["commitmentEndDateTime"]
    renewed |= twins
    return renewed if kind is Generation.LEGACY else renewed | new_windows(renewed, at)


def new_windows(subscription: Subscription, at: datetime) -> Subscription:
    """Return the properties that open the days for giving back, at a purchase or renewal."""
    until = moment_text(at + WINDOW)
    fields: Subscription = {"cancellationAllowedUntilDate": until}
    if generation(subscription) is Generation.SEATS:
        quantity = subscription.get("quantity")
        detail = {"quantity": quantity, "allowedUntilDateTime": until}
        fields["refundableQuantity"] = {"totalQuantity": quantity, "details": [detail]}
    if subscription.get("refundOptions"):
        expires = moment_text(at + timedelta(days=1))
        fields["refundOptions"] = [{"type": "Full", "expiresAt": expires}]
    return fields


def _as_product(subscription: Subscription, product: Subscription) -> Subscription:
    fields: Subscription = {"isTrial": False} if "isTrial" in subscription else {}
    if product.get("billingCycle"):
        fields["billingCycle"] = fold(product["billingCycle"])
    if product.get("promotionId"):
        fields["promotionId"] = product["promotionId"]
    parts = [str(product.get(name) or "") for name in ("productId", "skuId", "availabilityId")]
    return fields | (offer_fields(subscription, ":".join(parts)) if all(parts) else {})


def offer_fields(subscription: Subscription, item: str) -> Subscription:
    """Return the offer id and the links of a subscription to a catalogue item."""
    product, sku, availability = item.split(":")
    paths = {
        "product": f"/products/{product}",
        "sku": f"/products/{product}/skus/{sku}",
        "availability": f"/products/{product}/skus/{sku}/availabilities/{availability}",
    }
    links = dict(subscription.get("links") or {})
    links.pop("offer", None)
    country = country_of(subscription)
    for name, path in paths.items():
        links[name] = {"uri": f"{path}?country={country}", "method": "GET", "headers": []}
    return {"offerId": item, "links": links}
