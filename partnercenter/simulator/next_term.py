"""Changes scheduled for the next term: what may be in `scheduledNextTermInstructions`.

They need a subscription that renews, name a product the catalogue offers with that term and billing
cycle, and apply at the renewal. Source: page "Create scheduled changes".
"""

from typing import Any

from partnercenter.simulator.coterm import may_end_on
from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import read_seats, without_nulls
from partnercenter.simulator.site import Site
from partnercenter.simulator.sku_terms import check_pair, find_availability
from partnercenter.simulator.subscription_terms import (
    Subscription,
    country_of,
    months_of,
    read_moment,
    term_months,
    term_over,
)

_PRODUCT = ("productId", "skuId")


def read_instructions(
    given: Any, *, current: Subscription, renews: bool, site: Site, customer_id: str
) -> dict[str, Any] | None:
    """Return the instructions a subscription keeps, or None when it has none.

    Turning renewal off takes away what was scheduled before, without a word; scheduling something
    new without renewal is refused. Raises Problem 400: 800093 without renewal, 800002 for a
    malformed block, 400039 for a term and cycle not offered, 900270 for a cycle longer than its
    term, 900244 for an end date that does not align.
    """
    if given is None:
        return None
    if not isinstance(given, dict):
        raise Problem(400, 800002, "scheduledNextTermInstructions must be an object.")
    plan: dict[str, Any] = without_nulls(given)
    if not renews:
        if plan == current.get("scheduledNextTermInstructions"):
            return None
        raise Problem(400, 800093, "Scheduled changes need a subscription that renews.")
    if plan == current.get("scheduledNextTermInstructions"):
        return plan
    product = plan.get("product") or {}
    if not isinstance(product, dict) or (product and not all(product.get(n) for n in _PRODUCT)):
        raise Problem(400, 800002, "The next product needs productId and skuId.")
    read_seats(plan.get("quantity"), default=current.get("quantity"))
    if product:
        _check_offered(site, current, product)
    _check_end(plan, product, current=current, site=site, customer_id=customer_id)
    return plan


def _check_offered(site: Site, current: Subscription, product: dict[str, Any]) -> None:
    duration = product.get("termDuration") or current.get("termDuration")
    cycle = product.get("billingCycle") or current.get("billingCycle")
    if months_of(duration) is None:
        raise Problem(400, 800002, f"{duration!r} is no term.")
    check_pair(duration, cycle)
    item = f"{product['productId']}:{product['skuId']}"
    country = country_of(current)
    record, known = find_availability(
        site.world, country, item=item, duration=duration, cycle=cycle
    )
    if known and record is None:
        raise Problem(400, 400039, "The next product is not offered with this term and cycle.")


def _check_end(
    plan: dict[str, Any],
    product: dict[str, Any],
    *,
    current: Subscription,
    site: Site,
    customer_id: str,
) -> None:
    if "customTermEndDate" not in plan:
        return
    end, over = read_moment(plan["customTermEndDate"]), term_over(current)
    if end is None or over is None or current.get("isTrial"):
        raise Problem(400, 900244, "The next term cannot be made to end on that date.")
    others = [
        one
        for one in site.subscriptions.of_customer(customer_id)
        if str(one["id"]).lower() != str(current["id"]).lower()
    ]
    months = months_of(product.get("termDuration")) or term_months(current)
    if not may_end_on(others, months=months, start=over.date(), end=end.date()):
        raise Problem(400, 900244, "The next term cannot be made to end on that date.")
