"""What stands before every purchase, whatever is bought: may this customer buy, and as what.

Carts, checkout and direct orders all pass here, so a new condition (an agreement, the state of an
account, a qualification) is added in this one place.
"""

from typing import Any

from partnercenter.simulator.customer_gate import qualified_segments, refuse_purchase
from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import fold
from partnercenter.simulator.site import Call

Row = dict[str, Any]

_COMMERCIAL = frozenset({"commercial"})


def check_may_buy(call: Call, customer: Row) -> None:
    """Let a purchase pass, asked right before it becomes an order.

    Raises Problem 20002, with the status the switch says, for a tenant that this partner no longer
    sells to, and 403 as `refuse_purchase` says.
    """
    if fold(customer.get("relationshipToPartner") or "reseller") == "none":
        raise Problem(
            call.site.switches.no_relationship_status,
            20002,
            f"The partner has no reseller relationship with customer {customer['id']}.",
        )
    refuse_purchase(call, customer)


def segments_of(call: Call, customer: Row) -> frozenset[str]:
    """Return the price segments, in lower case, whose items a customer may buy.

    Everybody is a commercial customer; the others need a qualification.
    """
    return _COMMERCIAL | qualified_segments(call, customer)
