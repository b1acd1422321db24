"""The subscriptions of the world with what has happened to them since.

The world's subscriptions stay on disk. A subscription resource names its customer only in its
`self` link, so one pass over the file notes, per subscription, a digest of that customer and the
position: eight bytes, no Python object. Bought and changed ones are kept as the list of what was
written and when it takes effect; where each stands now, time included, is worked out when asked.
"""

import re
import threading
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from partnercenter.simulator.charges import Charge, charges_between
from partnercenter.simulator.ledger import Effect, Ledger
from partnercenter.simulator.lifecycle import settle
from partnercenter.simulator.subscription_terms import Subscription, read_moment, status_of
from partnercenter.simulator.worlds import Collection

_EVER = datetime.min.replace(tzinfo=UTC)
_SELF = re.compile(r"/customers/([^/]+)/subscriptions/", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Version:
    """What was written: from `at` it holds; `since` is when its status began."""

    at: datetime
    subscription: Subscription
    since: datetime | None


@dataclass(slots=True)
class _History:
    customer_id: str
    visible_at: datetime | None = None
    versions: list[_Version] = field(default_factory=list)

    def at(self, now: datetime) -> _Version | None:
        past = [version for version in self.versions if version.at <= now]
        return past[-1] if past else None


class SubscriptionStore:
    """Subscriptions by customer and id, as they stand at the moment of the clock."""

    def __init__(
        self,
        base: Collection,
        ledger: Ledger,
        *,
        clock: Callable[[], datetime],
        catalogue: Collection,
    ) -> None:
        self._base = base
        self._clock = clock
        self._catalogue = catalogue
        self._digests: array[int] | None = None
        self._positions: array[int] = array("I")
        self._lock = threading.Lock()
        self._histories: dict[str, _History] = {}
        self._created: dict[str, list[str]] = {}
        self._charged: dict[str, dict[str, Any]] = {}
        self._references: set[str] = set()
        ledger.on("subscription_created", self._apply_created)
        ledger.on("subscription_changed", self._apply_changed)
        ledger.on("charged", self._apply_charged)

    def of_customer(self, customer_id: str) -> list[Subscription]:
        """Return the subscriptions of a customer, those of the world first, in file order.

        The first call on a world reads all subscriptions once.
        """
        return [row for _, row in self._of_customer(customer_id)]

    def listed(self, customer_id: str) -> list[Subscription]:
        """Return those that lists show: bought ones appear there later than by their id."""
        now = self._clock()
        return [
            row
            for history, row in self._of_customer(customer_id)
            if history is None or history.visible_at is None or history.visible_at <= now
        ]

    def get(self, customer_id: str, subscription_id: str) -> Subscription | None:
        """Return one subscription of a customer, or None."""
        history = self._histories.get(subscription_id.lower())
        if history is not None:
            if history.customer_id.lower() != customer_id.lower():
                return None
            return self._standing(history)
        row = self._base.get(subscription_id)
        if row is None or customer_of(row).lower() != customer_id.lower():
            return None
        return self._settled(_Version(self._clock(), row, None))

    def is_pending(self, subscription_id: str) -> bool:
        """Tell whether an accepted change has not taken effect yet."""
        history, now = self._histories.get(subscription_id.lower()), self._clock()
        return history is not None and any(version.at > now for version in history.versions)

    def last_charge(self, subscription_id: str) -> dict[str, Any] | None:
        """Return the row last charged for a subscription since the world was opened."""
        return self._charged.get(subscription_id.lower())

    def is_charged(self, reference: str) -> bool:
        """Tell whether a row with this reference was charged since the world was opened."""
        return reference in self._references

    def due_charges(self, start: datetime, end: datetime) -> Iterator[tuple[str, Charge]]:
        """Yield the renewals and periodic charges after `start` up to `end`, with their customer.

        Only of subscriptions bought or changed since the world was opened, and from then on: its
        invoices cannot know of these. The changes themselves are `charged` effects.
        """
        for history in list(self._histories.values()):
            ends = [version.at for version in history.versions[1:]] + [end]
            for version, until in zip(history.versions, ends, strict=True):
                after, before = max(start, version.at), min(until, end)
                if version.at is _EVER or after >= before:
                    continue
                for charge in charges_between(version.subscription, after, before):
                    yield history.customer_id, charge

    def reset(self) -> None:
        """Return to the subscriptions of the world."""
        self._histories.clear()
        self._created.clear()
        self._charged.clear()
        self._references.clear()

    def _of_customer(self, customer_id: str) -> list[tuple[_History | None, Subscription]]:
        found: list[tuple[_History | None, Subscription]] = []
        for row in self._base_of(customer_id):
            history = self._histories.get(str(row["id"]).lower())
            version = _Version(self._clock(), row, None)
            settled = self._standing(history) if history else self._settled(version)
            if settled is not None:
                found.append((history, settled))
        for key in self._created.get(customer_id.lower(), ()):
            history = self._histories[key]
            settled = self._standing(history)
            if settled is not None:
                found.append((history, settled))
        return found

    def _base_of(self, customer_id: str) -> Iterator[Subscription]:
        digests = self._index()
        wanted = _digest(customer_id)
        at = bisect_left(digests, wanted)
        while at < len(digests) and digests[at] == wanted:
            row = self._base.page(self._positions[at], 1)[0]
            if customer_of(row).lower() == customer_id.lower():
                yield row
            at += 1

    def _standing(self, history: _History) -> Subscription | None:
        version = history.at(self._clock())
        return self._settled(version) if version else None

    def _settled(self, version: _Version) -> Subscription:
        settled, _ = settle(version.subscription, self._clock(), since=version.since)
        if settled.get("offerId") == version.subscription.get("offerId"):
            return settled
        item = self._catalogue.get(str(settled.get("offerId")))
        title = ((item or {}).get("sku") or {}).get("title")
        return settled | {"offerName": title} if title else settled

    def _index(self) -> "array[int]":
        with self._lock:
            if self._digests is None:
                digests = array("I", (_digest(customer_of(row)) for row in self._base))
                order = sorted(range(len(digests)), key=digests.__getitem__)
                self._positions = array("I", order)
                self._digests = array("I", (digests[at] for at in order))
            return self._digests

    def _apply_created(self, effect: Effect) -> None:
        key, customer_id = effect.subject.lower(), str(effect.data["customer"])
        visible_at = read_moment(effect.data.get("visible_at"))
        self._histories[key] = _History(customer_id, visible_at)
        self._created.setdefault(customer_id.lower(), []).append(key)
        self._append(self._histories[key], effect)

    def _apply_changed(self, effect: Effect) -> None:
        customer_id = str(effect.data["customer"])
        history = self._histories.setdefault(effect.subject.lower(), _History(customer_id))
        row = None if history.versions else self._base.get(effect.subject)
        if row is not None:
            # The change may take effect later; until then the world's own state holds.
            history.versions.append(_Version(_EVER, row, None))
        self._append(history, effect)

    def _append(self, history: _History, effect: Effect) -> None:
        at = read_moment(effect.data.get("effective_at")) or read_moment(effect.time)
        if at is None:
            raise ValueError(f"Effect {effect.sequence} has no time.")
        subscription = dict(effect.data["subscription"])
        last = history.versions[-1] if history.versions else None
        same = last is not None and status_of(last.subscription) == status_of(subscription)
        since = last.since if last is not None and same else at
        history.versions.append(_Version(at, subscription, since))

    def _apply_charged(self, effect: Effect) -> None:
        row = dict(effect.data["row"])
        self._charged[effect.subject.lower()] = row
        self._references.add(str(row.get("referenceId", "")))


def customer_of(subscription: Subscription) -> str:
    """Return the customer id in a subscription's own link; empty when it has none."""
    links = subscription.get("links") or {}
    match = _SELF.search(str((links.get("self") or {}).get("uri", "")))
    return match.group(1) if match else ""


def _digest(customer_id: str) -> int:
    return zlib.crc32(customer_id.lower().encode())
