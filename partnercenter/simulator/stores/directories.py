"""What was changed in customers' directories: users, role members, licences."""

from collections.abc import Mapping
from typing import Any

from partnercenter.simulator.directory import Changes
from partnercenter.simulator.ledger import Effect, Ledger

_USER_EFFECTS = (
    "user_created",
    "user_changed",
    "user_deleted",
    "user_restored",
    "user_password_reset",
)


class DirectoryStore:
    """Changes by customer.

    Effects about a user have its id as subject and name the customer in `customer`; those of
    _USER_EFFECTS carry the whole resource, which never has a password, in `user`.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._changes: dict[str, Changes] = {}
        for kind in _USER_EFFECTS:
            ledger.on(kind, self._apply_user)
        ledger.on("role_member_added", self._apply_member)
        ledger.on("role_member_removed", self._apply_member)
        ledger.on("licences_changed", self._apply_licences)

    def of_customer(self, customer_id: str) -> Changes:
        """Return what was changed in a customer's directory."""
        return self._changes.get(customer_id.lower()) or Changes()

    def reset(self) -> None:
        """Forget all changes."""
        self._changes.clear()

    def _of(self, data: Mapping[str, Any]) -> Changes:
        return self._changes.setdefault(data["customer"].lower(), Changes())

    def _apply_user(self, effect: Effect) -> None:
        self._of(effect.data).users[effect.subject.lower()] = dict(effect.data["user"])

    def _apply_member(self, effect: Effect) -> None:
        roles = self._of(effect.data).roles.setdefault(effect.subject.lower(), {})
        roles[effect.data["role"]] = effect.kind == "role_member_added"

    def _apply_licences(self, effect: Effect) -> None:
        licences = self._of(effect.data).licences.setdefault(effect.subject.lower(), {})
        licences.update(effect.data["assigned"])
        licences.update(dict.fromkeys(effect.data["removed"]))
