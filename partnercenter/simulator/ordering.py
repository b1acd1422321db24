"""Placing an order: the one way lines that passed their checks become subscriptions and charges."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from partnercenter.simulator.buying import Buyer
from partnercenter.simulator.cart_lines import Line
from partnercenter.simulator.order_shapes import new_order_id, order_content
from partnercenter.simulator.purchase import buy
from partnercenter.simulator.stores.orders import Placed


def place_order(buyer: Buyer, lines: Sequence[Line]) -> Placed:
    """Record the purchase of lines of one family and billing cycle as one order; return it.

    The lists show it after the visibility lag, its lines name their subscriptions after the time of
    provisioning; by its id it is there at once.
    """
    site = buyer.call.site
    order_id, alternate_id = new_order_id(lines[0].family)
    bought: list[tuple[Line, str | None]] = []
    base: str | None = None
    for line in lines:
        own = (
            replace(line, raw={**line.raw, "parentSubscriptionId": base}) if line.follows else line
        )
        subscription_id = buy(buyer, own, order_id=order_id)
        bought.append((own, subscription_id))
        base = base if line.follows else subscription_id
    content = order_content(buyer, bought, order_id=order_id, alternate_id=alternate_id)
    visible_at = buyer.now + timedelta(seconds=site.switches.visibility_lag_seconds)
    provisioned_at = buyer.now + timedelta(seconds=site.switches.provisioning_seconds)
    buyer.call.record(
        "order_created",
        order_id,
        customer=buyer.customer_id,
        order=content,
        visible_at=visible_at.isoformat(),
        provisioned_at=provisioned_at.isoformat(),
    )
    return Placed(content=content, visible_at=visible_at, provisioned_at=provisioned_at)
