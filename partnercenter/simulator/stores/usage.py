"""Azure usage and entitlements of the world, found by customer, and budgets set since.

A line of `usage.jsonl` is one utilisation record as the service sends it, with keys of the world's
own beside it that are never sent: `customerId`, `subscriptionId`, `cost`, `currency`, `usdCost`.
All totals are added up from these lines, so a month is the sum of its resources. A line of
`entitlements.jsonl` has `customerId` and, by resource id, `artifacts` beside what is sent.
"""

import threading
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from partnercenter.simulator.ledger import Effect, Ledger
from partnercenter.simulator.worlds import Collection, World

Row = dict[str, Any]


class OwnedRows:
    """Rows of a file by the customer in their `customerId`: eight bytes each, no Python object."""

    def __init__(self, base: Collection) -> None:
        self._base = base
        self._digests: array[int] | None = None
        self._positions: array[int] = array("I")
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[Row]:
        return iter(self._base)

    def of_customer(self, customer_id: str) -> list[Row]:
        """Return the rows of a customer in file order. The first call reads the whole file."""
        digests = self._index()
        wanted = _digest(customer_id)
        at = bisect_left(digests, wanted)
        found: list[Row] = []
        while at < len(digests) and digests[at] == wanted:
            row = self._base.page(self._positions[at], 1)[0]
            if owner_of(row) == customer_id.lower():
                found.append(row)
            at += 1
        return found

    def _index(self) -> "array[int]":
        with self._lock:
            if self._digests is None:
                digests = array("I", (_digest(owner_of(row)) for row in self._base))
                order = sorted(range(len(digests)), key=digests.__getitem__)
                self._positions = array("I", order)
                self._digests = array("I", (digests[at] for at in order))
            return self._digests


class UsageStore:
    """What customers used and are entitled to, and what they may spend a month."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        self.records = OwnedRows(world.collection("usage"))
        self.entitlements = OwnedRows(world.collection("entitlements"))
        self._budgets: dict[str, Decimal | None] = {}
        ledger.on("usage_budget_written", self._apply_budget)

    def budget(self, customer_id: str) -> Decimal | None:
        """Return what a customer may spend a month, or None when nobody set it."""
        return self._budgets.get(customer_id.lower())

    def reset(self) -> None:
        """Forget the budgets."""
        self._budgets.clear()

    def _apply_budget(self, effect: Effect) -> None:
        amount = effect.data["amount"]
        self._budgets[effect.subject.lower()] = None if amount is None else Decimal(amount)


def owner_of(row: Row) -> str:
    """Return the customer a row belongs to, in lower case; empty when it names none."""
    return str(row.get("customerId") or "").lower()


def _digest(customer_id: str) -> int:
    return zlib.crc32(customer_id.lower().encode())
