"""Who buys: everything about a customer that decides what may be put into a cart.

Gathered once for a request, so that a cart of fifty lines reads the customer's subscriptions once.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from partnercenter.simulator.purchase_gates import segments_of
from partnercenter.simulator.shelf import Shelf, shelf_of
from partnercenter.simulator.site import Call
from partnercenter.simulator.worlds import Partner
from partnercenter.simulator.worlds.markets import MARKET_OF

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Buyer:
    """A customer about to buy, with what it holds that is not deleted."""

    call: Call
    customer_id: str
    customer: Row
    country: str
    shelf: Shelf
    owned: list[Row]
    segments: frozenset[str]
    now: datetime

    @property
    def partner(self) -> Partner:
        """Return who sells."""
        return self.call.site.world.partner

    @property
    def currency(self) -> str:
        """Return the currency of the customer's country, for items that do not name theirs."""
        market = MARKET_OF.get(self.country)
        return market.currency if market else "USD"

    @property
    def limited(self) -> bool:
        """Tell whether the limits of an integration sandbox hold."""
        return self.partner.sandbox and self.call.site.switches.sandbox_limits

    def holds(self, sku_ids: frozenset[str]) -> bool:
        """Tell whether the customer has an active subscription to one of these `product:sku`."""
        return any(
            one.get("status") in (None, "active") and sku_of(one) in sku_ids for one in self.owned
        )

    def seat_ends(self) -> list[tuple[date, str]]:
        """Return end and duration of the active paid seat subscriptions, to end together with."""
        return [
            (date.fromisoformat(str(one["commitmentEndDate"])[:10]), str(one.get("termDuration")))
            for one in self.owned
            if one.get("status") == "active"
            and (one.get("productType") or {}).get("id") == "OnlineServicesNCE"
            and not one.get("isTrial")
            and one.get("commitmentEndDate")
        ]


def buyer_of(call: Call, customer: Row) -> Buyer:
    """Return a customer as a buyer."""
    country = country_of(call, customer)
    return Buyer(
        call=call,
        customer_id=str(customer["id"]),
        customer=customer,
        country=country,
        shelf=shelf_of(call.site, country),
        owned=held_by(call, str(customer["id"])),
        segments=segments_of(call, customer),
        now=call.site.clock(),
    )


def country_of(call: Call, customer: Row) -> str:
    """Return the country a customer is sold to; the partner's own when its address names none."""
    billing = (customer.get("billingProfile") or {}).get("defaultAddress") or {}
    company = (customer.get("companyProfile") or {}).get("address") or {}
    home = call.site.world.partner.country
    return str(billing.get("country") or company.get("country") or home).upper()


def held_by(call: Call, customer_id: str) -> list[Row]:
    """Return the subscriptions of a customer that are not deleted, also those not yet listed."""
    held = {str(one["id"]).lower(): one for one in call.site.subscriptions.of_customer(customer_id)}
    for effect in call.site.orders.bought_by(customer_id):
        current = call.site.subscriptions.get(customer_id, effect.subject)
        held[effect.subject.lower()] = current or dict(effect.data["subscription"])
    return [one for one in held.values() if one.get("status") != "deleted"]


def sku_of(subscription: Row) -> str:
    """Return `product:sku` of a subscription in lower case; a legacy one's offer id."""
    return ":".join(str(subscription.get("offerId") or "").split(":")[:2]).lower()
