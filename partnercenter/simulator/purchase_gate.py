"""What must be true of a customer before anything is bought for it."""

from typing import Any

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import fold
from partnercenter.simulator.routes.vetting import account_status
from partnercenter.simulator.site import Call

_BLOCKING = {
    "underreview": (800073, "The account of customer {} is under review."),
    "notallowed": (800074, "The account of customer {} may not buy."),
    "unknown": (800075, "The account of customer {} has no known status."),
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
