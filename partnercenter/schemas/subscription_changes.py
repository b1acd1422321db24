"""The changes a subscription can be asked to make: each value is one, because together they fail.

Status and quantity in one write, say, is nothing Microsoft promises to understand.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from partnercenter.errors import InvalidRequest
from partnercenter.schemas.subscriptions import NextTerm, Subscription

_SCHEDULED = "scheduledNextTermInstructions"


@dataclass(frozen=True, slots=True)
class SubscriptionChange:
    """One change; made by the functions below. ``fields`` with None are taken out."""

    fields: Mapping[str, Any]

    @classmethod
    def quantity(cls, quantity: int) -> "SubscriptionChange":
        """Have this many seats: more at any time, fewer only within ``refundable``."""
        if quantity < 1:
            raise InvalidRequest("A subscription has at least one seat; end it by cancelling.")
        return cls({"quantity": quantity})

    @classmethod
    def name(cls, friendly_name: str) -> "SubscriptionChange":
        """Call it otherwise."""
        return cls({"friendlyName": friendly_name})

    @classmethod
    def suspend(cls) -> "SubscriptionChange":
        """Take access away at once; billing goes on in new commerce, scheduled changes are lost."""
        return cls({"status": "suspended"})

    @classmethod
    def resume(cls) -> "SubscriptionChange":
        """Make a suspended one active again."""
        return cls({"status": "active"})

    @classmethod
    def cancel(cls) -> "SubscriptionChange":
        """End it for good: new commerce within its window; old commerce is suspended instead."""
        return cls({"status": "deleted"})

    @classmethod
    def auto_renew(cls, *, on: bool) -> "SubscriptionChange":
        """Renew by itself or not; turning it off takes what is scheduled with it."""
        return cls(
            {"autoRenewEnabled": True} if on else {"autoRenewEnabled": False, _SCHEDULED: None}
        )

    @classmethod
    def billing_cycle(cls, billing_cycle: str) -> "SubscriptionChange":
        """Be billed in another cycle; old commerce changes it on the order."""
        return cls({"billingCycle": billing_cycle})

    @classmethod
    def partner(cls, partner_id: str) -> "SubscriptionChange":
        """Have another indirect reseller as partner of record."""
        return cls({"partnerId": partner_id})

    @classmethod
    def at_renewal(cls, next_term: NextTerm | None) -> "SubscriptionChange":
        """Become this when it renews, which must be on; None forgets what was scheduled."""
        return cls({_SCHEDULED: None if next_term is None else _wire_next_term(next_term)})


@dataclass(frozen=True, slots=True)
class ChangeAccepted:
    """A change that goes on at Microsoft's; ask for the subscription until it shows.

    ``location`` is where Microsoft would tell, as it said it (mostly relative and without version,
    empty when untold); it is never followed. ``subscription`` is the state answered with it, which
    may still change, or None.
    """

    location: str
    subscription: Subscription | None


def _wire_next_term(term: NextTerm) -> dict[str, Any]:
    product = {
        "productId": term.product_id,
        "skuId": term.sku_id,
        "availabilityId": term.availability_id,
        "billingCycle": term.billing_cycle,
        "termDuration": term.term_duration,
        "promotionId": term.promotion_id,
    }
    end = term.custom_term_end
    wire = {
        "product": {name: value for name, value in product.items() if value},
        "quantity": term.quantity,
        "customTermEndDate": end and f"{end:%Y-%m-%dT%H:%M:%SZ}",
    }
    return {name: value for name, value in wire.items() if value is not None}
