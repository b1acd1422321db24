"""What Microsoft's reviewers think of customers: account status and qualifications.

A customer of the world that holds a subscription was allowed when it bought the first one; others
have no account status. Its record may say otherwise (`accountStatus`, `qualifications`). A
requested qualification is decided by the clock, so nothing happens when the time is over.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from partnercenter.simulator.ledger import Effect, Ledger
from partnercenter.simulator.stores.customers import Customer

ACCOUNT_STATUSES = ("Unknown", "UnderReview", "Allowed", "NotAllowed", "Not Ready")
_REFUSED = "Not an Education Customer"


class VettingStore:
    """Account statuses and qualifications by customer, and how often validation codes were used."""

    def __init__(self, ledger: Ledger) -> None:
        self._statuses: dict[str, dict[str, Any]] = {}
        self._requested: dict[str, dict[str, dict[str, Any]]] = {}
        self._codes_used: dict[str, int] = {}
        ledger.on("account_status_set", self._apply_status)
        ledger.on("qualification_requested", self._apply_requested)

    def account_status(
        self, customer: Customer, subscriptions: Callable[[], Iterable[dict[str, Any]]]
    ) -> dict[str, Any] | None:
        """Return the `status` and `lastUpdateDateTime` of a customer, or None without a record.

        `subscriptions` is called only when neither an effect nor the world says anything.
        """
        key = customer["id"].lower()
        if key in self._statuses:
            return self._statuses[key]
        if "accountStatus" in customer:
            return _status_of_world(customer["accountStatus"])
        dates = [row["creationDate"] for row in subscriptions() if row.get("creationDate")]
        return {"status": "Allowed", "lastUpdateDateTime": min(dates)[:19]} if dates else None

    def qualifications(
        self, customer: Customer, *, now: datetime, review: timedelta
    ) -> list[dict[str, Any]]:
        """Return the qualifications of a customer as they stand at a moment."""
        found = {str(row["qualification"]): row for row in customer.get("qualifications") or ()}
        for name, row in self._requested.get(customer["id"].lower(), {}).items():
            found[name] = _decided(row, now=now, review=review)
        return list(found.values())

    def code_uses(self, code: str) -> int:
        """Return how many customers a validation code was used for."""
        return self._codes_used.get(code.lower(), 0)

    def reset(self) -> None:
        """Forget statuses and requests since the world was opened."""
        self._statuses.clear()
        self._requested.clear()
        self._codes_used.clear()

    def _apply_status(self, effect: Effect) -> None:
        self._statuses[effect.subject.lower()] = {
            "status": effect.data["status"],
            "lastUpdateDateTime": effect.time[:19],
        }

    def _apply_requested(self, effect: Effect) -> None:
        row = dict(effect.data["qualification"])
        self._requested.setdefault(effect.subject.lower(), {})[row["qualification"]] = row
        code = row.get("validationCode")
        if code:
            self._codes_used[code.lower()] = self.code_uses(code) + 1


def _status_of_world(value: object) -> dict[str, Any] | None:
    if value is None:
        return None
    if isinstance(value, dict):
        return dict(value)
    return {"status": str(value), "lastUpdateDateTime": "2026-01-01T00:00:00"}


def _decided(row: dict[str, Any], *, now: datetime, review: timedelta) -> dict[str, Any]:
    shown: dict[str, Any] = {"qualification": row["qualification"], "vettingStatus": "InReview"}
    if now >= datetime.fromisoformat(row["requested"]) + review:
        denied = str(row.get("website") or "").lower().endswith(".invalid")
        shown["vettingStatus"] = "Denied" if denied else "Approved"
        if denied:
            shown["vettingReason"] = _REFUSED
    return shown | {"vettingCreatedDate": row["requested"]}
