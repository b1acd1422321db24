"""The subscriptions of the world, found by the customer that holds them.

A subscription resource names its customer only in its `self` link, so one pass over the file notes,
per subscription, a digest of that customer and the position: eight bytes, no Python object.
"""

import re
import threading
import zlib
from array import array
from bisect import bisect_left
from typing import Any

from partnercenter.simulator.worlds import Collection

_SELF = re.compile(r"/customers/([^/]+)/subscriptions/", re.IGNORECASE)


class SubscriptionStore:
    """Subscriptions by customer, read only."""

    def __init__(self, base: Collection) -> None:
        self._base = base
        self._digests: array[int] | None = None
        self._positions: array[int] = array("I")
        self._lock = threading.Lock()

    def of_customer(self, customer_id: str) -> list[dict[str, Any]]:
        """Return the subscriptions of a customer in file order.

        The first call on a world reads all subscriptions once.
        """
        digests = self._index()
        wanted = _digest(customer_id)
        at = bisect_left(digests, wanted)
        found: list[dict[str, Any]] = []
        while at < len(digests) and digests[at] == wanted:
            row = self._base.page(self._positions[at], 1)[0]
            if customer_of(row).lower() == customer_id.lower():
                found.append(row)
            at += 1
        return found

    def get(self, customer_id: str, subscription_id: str) -> dict[str, Any] | None:
        """Return one subscription of a customer, or None."""
        row = self._base.get(subscription_id)
        if row is None or customer_of(row).lower() != customer_id.lower():
            return None
        return row

    def _index(self) -> "array[int]":
        with self._lock:
            if self._digests is None:
                digests = array("I", (_digest(customer_of(row)) for row in self._base))
                order = sorted(range(len(digests)), key=digests.__getitem__)
                self._positions = array("I", order)
                self._digests = array("I", (digests[at] for at in order))
            return self._digests


def customer_of(subscription: dict[str, Any]) -> str:
    """Return the customer id in a subscription's own link; empty when it has none."""
    links = subscription.get("links") or {}
    match = _SELF.search(str((links.get("self") or {}).get("uri", "")))
    return match.group(1) if match else ""


def _digest(customer_id: str) -> int:
    return zlib.crc32(customer_id.lower().encode())
