"""Orders: those of the world's own file, and those placed since.

What the lists show comes later than the order itself, so each created order carries the moment from
which they do, and the one from which its lines name their subscriptions.
"""

import threading
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from partnercenter.simulator.ledger import Effect, Ledger
from partnercenter.simulator.worlds import Collection

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Placed:
    """An order placed here; `content` is the whole resource with money as text."""

    content: Mapping[str, Any]
    visible_at: datetime
    provisioned_at: datetime


class OrderStore:
    """Orders by id and by customer."""

    def __init__(self, base: Collection, ledger: Ledger) -> None:
        self._base = base
        self._placed: dict[str, Placed] = {}
        self._of_customer: dict[str, list[str]] = {}
        self._changed: dict[str, Row] = {}
        self._attachments: dict[str, list[Row]] = {}
        self._bought: dict[str, list[Effect]] = {}
        self._base_positions: dict[str, array[int]] | None = None
        self._lock = threading.Lock()
        ledger.on("order_created", self._apply_created)
        ledger.on("order_changed", self._apply_changed)
        ledger.on("order_attachments_added", self._apply_attachments)
        ledger.on("subscription_created", self._apply_bought)

    def placed(self, order_id: str) -> Placed | None:
        """Return an order placed here, or None."""
        return self._placed.get(order_id.lower())

    def of_world(self, order_id: str) -> Row | None:
        """Return an order of the world's file as it is now, or None."""
        return self._changed.get(order_id.lower()) or self._base.get(order_id)

    def kept_change(self, order_id: str) -> Row | None:
        """Return what an order that only subscriptions tell of was changed to, or None."""
        return self._changed.get(order_id.lower())

    def placed_by(self, customer_id: str) -> list[Placed]:
        """Return the orders a customer placed here, oldest first."""
        ids = self._of_customer.get(customer_id.lower(), ())
        return [self._placed[order_id] for order_id in ids]

    def of_world_by(self, customer_id: str) -> list[Row]:
        """Return the orders of a customer in the world's file, as they are now."""
        positions = self._positions().get(customer_id.lower(), array("I"))
        rows = [self._base.page(at, 1)[0] for at in positions]
        return [self._changed.get(str(row["id"]).lower(), row) for row in rows]

    def bought_by(self, customer_id: str) -> list[Effect]:
        """Return the effects by which a customer's subscriptions were made here, oldest first.

        They are known at once, while the lists of subscriptions may show them later.
        """
        return list(self._bought.get(customer_id.lower(), ()))

    def attachments(self, order_id: str) -> list[Row]:
        """Return the documents attached to an order."""
        return list(self._attachments.get(order_id.lower(), ()))

    def reset(self) -> None:
        """Return to the orders of the world."""
        self._placed.clear()
        self._of_customer.clear()
        self._changed.clear()
        self._attachments.clear()
        self._bought.clear()

    def _positions(self) -> "dict[str, array[int]]":
        with self._lock:
            if self._base_positions is None:
                found: dict[str, array[int]] = {}
                for at, row in enumerate(self._base):
                    customer_id = str(row.get("referenceCustomerId") or "").lower()
                    found.setdefault(customer_id, array("I")).append(at)
                self._base_positions = found
            return self._base_positions

    def _apply_created(self, effect: Effect) -> None:
        key, data = effect.subject.lower(), effect.data
        self._placed[key] = Placed(
            content=data["order"],
            visible_at=datetime.fromisoformat(data["visible_at"]),
            provisioned_at=datetime.fromisoformat(data["provisioned_at"]),
        )
        self._of_customer.setdefault(str(data["customer"]).lower(), []).append(key)

    def _apply_changed(self, effect: Effect) -> None:
        key, order = effect.subject.lower(), effect.data["order"]
        placed = self._placed.get(key)
        if placed is None:
            self._changed[key] = order
        else:
            self._placed[key] = Placed(order, placed.visible_at, placed.provisioned_at)

    def _apply_attachments(self, effect: Effect) -> None:
        self._attachments.setdefault(effect.subject.lower(), []).extend(effect.data["items"])

    def _apply_bought(self, effect: Effect) -> None:
        self._bought.setdefault(str(effect.data["customer"]).lower(), []).append(effect)
