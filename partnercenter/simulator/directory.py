"""The directory of one customer at one moment: users, their roles and their licences.

The world may list a customer's users and SKUs; otherwise they are invented from the subscriptions
the world holds, the same ones every time. What was changed since lies over them. A deleted user can
be restored for thirty days and is gone afterwards.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

from partnercenter.simulator.fields import fold
from partnercenter.simulator.licences import (
    GROUPS,
    sku_resource,
    units_by_product,
    used_seats,
)
from partnercenter.simulator.worlds.markets import MARKET_OF, UNITED_STATES
from partnercenter.simulator.worlds.names import ascii_slug

User = dict[str, Any]

RESTORABLE_FOR = timedelta(days=30)
_MOST_INVENTED = 60
_MARKS = ("roles", "licenses")
_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
ROLES: Mapping[str, str] = {
    _ADMINISTRATOR: "Company Administrator",
    "729827e3-9c14-49f7-bb1b-9608f156bbb8": "Helpdesk Administrator",
    "fe930be7-5e62-47db-91af-98c3a49a38b1": "User Account Administrator",
    "f023fd81-a637-4b56-95fd-791ac0226033": "Service Support Administrator",
    "b0f54661-2d74-4c50-afa3-1ec803f12efe": "Billing Administrator",
    "4d6ac14f-3453-41d0-bef9-a3e0c569773a": "License Administrator",
    "88d8e3e3-8f55-4a1e-953a-9b9898b8876b": "Directory Readers",
    "f2ef992c-3afb-46b9-b7cf-a126ee74c451": "Global Reader",
}


@dataclass(slots=True)
class Changes:
    """What happened in a directory; users, roles and licences by user id in lower case.

    Of roles, True is a member and False one no more; of licences, None is one taken away and a list
    the plans switched off.
    """

    users: dict[str, User] = field(default_factory=dict)
    roles: dict[str, dict[str, bool]] = field(default_factory=dict)
    licences: dict[str, dict[str, list[str] | None]] = field(default_factory=dict)


class Directory:
    """One customer's directory; reading it changes nothing."""

    def __init__(
        self,
        customer: dict[str, Any],
        *,
        subscriptions: Sequence[dict[str, Any]],
        original: Sequence[dict[str, Any]],
        changes: Changes,
        now: datetime,
    ) -> None:
        """Look at a customer; `original` are its subscriptions as the world was opened."""
        self._customer = customer
        self._subscriptions = subscriptions
        self._changes = changes
        self._now = now
        given = customer.get("users")
        self._base: list[User] = list(given) if given is not None else invented(customer, original)

    def users(self, *, state: str) -> list[User | None]:
        """Return active or inactive users in a lasting order; None stands where another one is."""
        changed = self._changes.users
        rows = [changed.get(_key(user), user) for user in self._base]
        known = {_key(user) for user in self._base}
        rows += [user for key, user in changed.items() if key not in known]
        return [user if self._state(user) == state else None for user in rows]

    def user(self, user_id: str, *, state: str = "active") -> User | None:
        """Return a user by id or principal name, or None."""
        wanted = user_id.strip().lower()
        for user in self.users(state=state):
            names = user and (_key(user), str(user.get("userPrincipalName", "")).lower())
            if names and wanted in names:
                return user
        return None

    def roles_of(self, user: User) -> list[str]:
        """Return the ids of a user's roles in the order of ROLES."""
        roles = dict.fromkeys(user.get("roles", ()), True)
        roles |= self._changes.roles.get(_key(user), {})
        return [role for role in ROLES if roles.get(role)]

    def licences_of(self, user: User) -> dict[str, list[str]]:
        """Return the SKUs of a user with the plans switched off, by SKU id."""
        licences: dict[str, list[str] | None] = {sku: [] for sku in user.get("licenses", ())}
        licences |= self._changes.licences.get(_key(user), {})
        return {sku: plans for sku, plans in licences.items() if plans is not None}

    def skus(self, groups: Sequence[str] = GROUPS) -> list[dict[str, Any]]:
        """Return the SubscribedSku resources of some licence groups."""
        shown = [self._given_sku(sku) for sku in self._customer.get("subscribedSkus") or ()]
        if not shown:
            held = self._held()
            shown = [
                sku_resource(product, units, consumed=held.get(product.id, 0))
                for product, units in units_by_product(self._subscriptions).values()
            ]
        return [sku for sku in shown if fold(sku["productSku"]["licenseGroupId"]) in groups]

    def _given_sku(self, sku: dict[str, Any]) -> dict[str, Any]:
        # The number the world gives counts the licences its users begin with.
        sku_id = sku["productSku"]["id"]
        began = sum(sku_id in user.get("licenses", ()) for user in self._base if _active(user))
        consumed = sku["consumedUnits"] + self._held().get(sku_id, 0) - began
        left = {"availableUnits": max(sku["totalUnits"] - consumed, 0)}
        return {**sku, "consumedUnits": consumed, **left}

    def _held(self) -> dict[str, int]:
        held: dict[str, int] = {}
        for user in self.users(state="active"):
            for sku in self.licences_of(user) if user else ():
                held[sku] = held.get(sku, 0) + 1
        return held

    def _state(self, user: User) -> str:
        if _active(user):
            return "active"
        deleted = user.get("softDeletionTime")
        if not deleted:
            return "inactive"
        at = datetime.fromisoformat(deleted)
        # A date of the world may lack its zone, as many on this wire do.
        gone = self._now - at.replace(tzinfo=at.tzinfo or UTC) > RESTORABLE_FOR
        return "gone" if gone else "inactive"


def shown_user(user: User) -> User:
    """Return a user without what only the simulator knows."""
    return {key: value for key, value in user.items() if key not in _MARKS and value is not None}


def administrator(customer: dict[str, Any], name: str = "admin") -> User:
    """Return the user a new tenant begins with."""
    user = _user(customer, "Tenant", "Administrator", name)
    return user | {"roles": [_ADMINISTRATOR]}


def invented(customer: dict[str, Any], subscriptions: Sequence[dict[str, Any]]) -> list[User]:
    """Return an administrator, and as many colleagues as the subscriptions have seats in use."""
    used: dict[str, int] = {}
    for subscription in subscriptions:
        for product, _ in units_by_product([subscription]).values():
            used[product.id] = used.get(product.id, 0) + used_seats(subscription)
    market = MARKET_OF.get(_country(customer), UNITED_STATES)
    first_names, last_names = market.first_names, market.last_names
    staff = []
    for number in range(min(max(used.values(), default=2), _MOST_INVENTED)):
        first = first_names[number % len(first_names)]
        last = last_names[(number // len(first_names) + number) % len(last_names)]
        again = number // (len(first_names) * len(last_names))
        name = f"{ascii_slug(first)}.{ascii_slug(last)}{again or ''}"
        licences = [sku for sku, count in used.items() if number < count]
        staff.append(_user(customer, first, last, name) | {"licenses": licences})
    return [administrator(customer), *staff]


def _user(customer: dict[str, Any], first: str, last: str, name: str) -> User:
    domain = (customer.get("companyProfile") or {}).get("domain")
    principal = f"{name}@{domain}"
    return {
        "usageLocation": _country(customer),
        "id": str(uuid5(NAMESPACE_DNS, f"{customer['id']} {principal}".lower())),
        "userPrincipalName": principal,
        "firstName": first,
        "lastName": last,
        "displayName": f"{first} {last}",
        "userDomainType": "none",
        "state": "active",
        "attributes": {"objectType": "CustomerUser"},
    }


def _country(customer: dict[str, Any]) -> str:
    address = (customer.get("billingProfile") or {}).get("defaultAddress") or {}
    return str(address.get("country") or "US").upper()


def _key(user: User) -> str:
    return str(user.get("id", "")).lower()


def _active(user: User) -> bool:
    return fold(user.get("state") or "active") == "active"
