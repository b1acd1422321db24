"""Carts: what a customer is about to order, and what became of it.

A cart lives for a while and is then gone, ordered or not; nothing has to sweep it up, since a read
compares its own expiry with the clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from partnercenter.simulator.ledger import Effect, Ledger


@dataclass(frozen=True, slots=True)
class Cart:
    """A cart with the customer it belongs to.

    `content` is the resource with money as text; `result`, of an ordered cart, holds `orders`, the
    ids of its orders, and `orderErrors`.
    """

    customer: str
    content: Mapping[str, Any]
    result: Mapping[str, Any] | None = None


class CartStore:
    """Carts by id."""

    def __init__(self, ledger: Ledger) -> None:
        self._carts: dict[str, Cart] = {}
        ledger.on("cart_written", self._apply_written)
        ledger.on("cart_ordered", self._apply_ordered)

    def find(self, customer_id: str, cart_id: str, *, now: datetime) -> Cart | None:
        """Return a customer's cart, or None when there is none or it has expired."""
        cart = self._carts.get(cart_id.lower())
        if cart is None or cart.customer.lower() != customer_id.lower():
            return None
        expires = datetime.fromisoformat(cart.content["expirationTimestamp"])
        return cart if now < expires else None

    def reset(self) -> None:
        """Forget all carts."""
        self._carts.clear()

    def _apply_written(self, effect: Effect) -> None:
        cart = Cart(customer=effect.data["customer"], content=effect.data["cart"])
        self._carts[effect.subject.lower()] = cart

    def _apply_ordered(self, effect: Effect) -> None:
        cart = self._carts[effect.subject.lower()]
        content = {**cart.content, "status": "Ordered"}
        self._carts[effect.subject.lower()] = Cart(cart.customer, content, effect.data["result"])
