"""What a POST of a transition asks for, and whether source and target allow it."""

from dataclasses import dataclass
from typing import Any

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import fold, read_enum, read_object, read_seats, without_nulls
from partnercenter.simulator.routes.subscription_changes import refuse_pending
from partnercenter.simulator.routes.subscriptions import find_subscription, subscription_of
from partnercenter.simulator.routes.transition_eligibility import (
    EARLIER_END,
    IN_WINDOW,
    NOT_ACTIVE,
    SHORTER_TERM,
    TYPES,
    source_errors,
    target_errors,
    transition_types,
)
from partnercenter.simulator.site import Call
from partnercenter.simulator.sku_terms import (
    availabilities,
    check_pair,
    offered_pairs,
    same_sku,
    sku_record,
)
from partnercenter.simulator.subscription_terms import (
    Generation,
    Subscription,
    country_of,
    generation,
    months_of,
    term_months,
)

_TARGET_CODES = {
    NOT_ACTIVE: 900258,
    IN_WINDOW: 900259,
    SHORTER_TERM: 900267,
    EARLIER_END: 900260,
}


@dataclass(frozen=True, slots=True)
class Move:
    """A transition that was accepted: from where, to which item, how many seats, how."""

    customer_id: str
    source: Subscription
    target: Subscription | None
    item: str
    quantity: int
    kind: str
    duration: str
    cycle: str
    body: dict[str, Any]


def read_move(call: Call) -> Move:
    """Return what a request asks for.

    Raises Problem 400 with the codes that `make_transition` names, and 404/20003 for a target the
    customer does not have.
    """
    customer_id, source = find_subscription(call)
    refuse_pending(call, source)
    body = without_nulls(read_object(call.request.json()))
    item, kind = (
        str(body.get("toCatalogItemId") or ""),
        read_enum(body.get("transitionType"), TYPES),
    )
    if item.count(":") != 2 or kind is None:
        raise Problem(400, 800002, "toCatalogItemId and transitionType are required.")
    quantity = read_seats(body.get("quantity"))
    if quantity > int(source.get("quantity") or 0):
        raise Problem(400, 800002, "The source subscription holds fewer seats.")
    if generation(source) is not Generation.SEATS or source_errors(call, customer_id, source):
        raise Problem(400, 900236, "The source subscription cannot be transitioned.")
    target = _find_target(call, customer_id, source, item, body)
    duration, cycle = _read_term(call, source, target, item, body)
    # The newest availability of the SKU counts when the one named has rotated away.
    known = sku_record(call.site.world, item) or sku_of(call, source, item)
    if known is None or (kind, False) not in transition_types(source, known):
        raise Problem(400, 900236, "The subscription cannot be moved to this item in this way.")
    return Move(customer_id, source, target, item, quantity, kind, duration, cycle, body)


def sku_of(call: Call, source: Subscription, item: str) -> dict[str, Any] | None:
    """Return the SKU of an item in the source's country, whatever its availability; else None."""
    for record in availabilities(call.site.world, country_of(source)):
        if same_sku(record["catalogItemId"], item):
            return record.get("sku") or {}
    return None


def _find_target(
    call: Call, customer_id: str, source: Subscription, item: str, body: dict[str, Any]
) -> Subscription | None:
    wanted = str(body.get("toSubscriptionId") or "")
    if not wanted:
        return None
    if wanted.lower() == str(source["id"]).lower():
        raise Problem(400, 900261, "Source and target are the same subscription.")
    target = subscription_of(call, customer_id, wanted)
    refuse_pending(call, target)
    errors = target_errors(call, source, target)
    code = next((_TARGET_CODES[error] for error in errors if error in _TARGET_CODES), None)
    if code is not None:
        raise Problem(400, code, "The target subscription cannot take in the seats.")
    if not same_sku(target.get("offerId"), item):
        raise Problem(400, 900236, "The target subscription is of another catalogue item.")
    return target


def _read_term(
    call: Call,
    source: Subscription,
    target: Subscription | None,
    item: str,
    body: dict[str, Any],
) -> tuple[str, str]:
    model = target or source
    duration = str(body.get("termDuration") or "").upper()
    cycle = fold(body.get("billingCycle") or "")
    if not duration:
        record = call.site.world.collection("catalog").get(item)
        pairs = [] if target or record is None else offered_pairs(record)
        duration, offered = pairs[0] if pairs else (str(model.get("termDuration") or "P1Y"), "")
        cycle = cycle or offered
    cycle = cycle or fold(model.get("billingCycle") or "monthly")
    if (months_of(duration) or 0) < term_months(source):
        raise Problem(400, 900267, "The target term is shorter than the source's.")
    check_pair(duration, cycle)
    return duration, cycle
