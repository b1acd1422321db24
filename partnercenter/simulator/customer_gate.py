"""What must be true of a customer before anything is bought for it, and which prices it may have.

Asked by whoever turns a cart or an order into a purchase, whatever is bought.
"""

from datetime import timedelta
from typing import Any

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import fold
from partnercenter.simulator.site import Call

_BLOCKING = {
    "underreview": (800073, "The account of customer {} is under review."),
    "notallowed": (800074, "The account of customer {} may not buy."),
    "unknown": (800075, "The account of customer {} has no known status."),
}
_SEGMENTS = {
    "Education": "education",
    "GovernmentCommunityCloud": "government",
    "Nonprofit": "nonprofit",
}


def refuse_purchase(call: Call, customer: dict[str, Any]) -> None:
    """Let a customer buy.

    Raises Problem 403/13605 when nobody accepted the Microsoft Customer Agreement for it, and
    403 with 800073, 800074 or 800075 while its account is under review, refused or unknown. No
    account status at all blocks nothing. Sources: "Confirm customer acceptance of the Microsoft
    Customer Agreement", "Get a customer's account validation status".
    """
    name = customer["id"]
    if not call.site.agreements.accepted(customer):
        raise Problem(403, 13605, f"Customer {name} has not accepted the customer agreement.")
    status = account_status(call, customer)
    blocking = _BLOCKING.get(fold(status["status"])) if status else None
    if blocking is not None:
        code, text = blocking
        raise Problem(403, code, text.format(name))


def account_status(call: Call, customer: dict[str, Any]) -> dict[str, Any] | None:
    """Return the `status` and `lastUpdateDateTime` of a customer, or None without a record."""
    return call.site.vetting.account_status(
        customer, lambda: call.site.subscriptions.of_customer(customer["id"])
    )


def qualifications_of(call: Call, customer: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the qualifications of a customer as they stand now, as their route answers them."""
    review = timedelta(seconds=call.site.switches.qualification_review_seconds)
    return call.site.vetting.qualifications(customer, now=call.site.clock(), review=review)


def qualified_segments(call: Call, customer: dict[str, Any]) -> frozenset[str]:
    """Return the price segments, in lower case, that approved qualifications open to a customer."""
    return frozenset(
        _SEGMENTS[row["qualification"]]
        for row in qualifications_of(call, customer)
        if row["qualification"] in _SEGMENTS and fold(row.get("vettingStatus")) == "approved"
    )
