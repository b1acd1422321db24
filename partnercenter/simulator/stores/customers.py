"""The customers of the world with what has happened to them since.

The world's customers stay on disk and keep their positions; created ones are appended behind them
and removed ones leave a hole. A position is therefore a continuation that neither new nor lost
customers can shift.
"""

import hashlib
import threading
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from typing import Any

from partnercenter.simulator.filters import company_name
from partnercenter.simulator.ledger import Effect, Ledger
from partnercenter.simulator.worlds import Collection

Customer = dict[str, Any]

WORLD_ONLY = frozenset(
    {
        "userCredentials",
        "agreementAccepted",
        "agreements",
        "directSigned",
        "accountStatus",
        "qualifications",
        "users",
        "subscribedSkus",
        "federatedDomains",
    }
)
"""What a customer's record may hold that no read of the customer shows.

    userCredentials     what a create answered; a password is never shown a second time
    agreementAccepted   false: nobody has accepted the customer agreement yet
    agreements          the attestations there are, instead of one of the customer agreement
    directSigned        true: the customer signed in its own admin centre
    accountStatus       "UnderReview" and the like, or the whole answer; null: there is no record
    qualifications      what the customer qualifies for, as the route answers it
    users               the users of the directory, instead of invented ones
    subscribedSkus      the licences of the directory, instead of those of its subscriptions
    federatedDomains    domains whose users come from elsewhere
"""


class CustomerStore:
    """Customers by position, id and domain."""

    def __init__(self, base: Collection, ledger: Ledger) -> None:
        self._base = base
        self._created: list[Customer] = []
        self._created_at: dict[str, int] = {}
        self._changed: dict[str, Customer] = {}
        self._removed: set[str] = set()
        self._deleted: set[str] = set()
        self._deleted_domains: set[str] = set()
        self._created_domains: set[str] = set()
        self._base_domains: array[int] | None = None
        self._domain_lock = threading.Lock()
        ledger.on("customer_created", self._apply_created)
        ledger.on("customer_deleted", self._apply_deleted)
        ledger.on("relationship_removed", self._apply_relationship_removed)
        ledger.on("relationship_accepted", self._apply_relationship_accepted)
        ledger.on("customer_renamed", self._apply_renamed)
        ledger.on("billing_profile_written", self._apply_billing_profile)
        ledger.on("domain_verified", self._apply_domain)

    def __len__(self) -> int:
        """Return how many customers there are now."""
        return len(self._base) + len(self._created) - len(self._removed)

    def get(self, customer_id: str) -> Customer | None:
        """Return a customer with a relationship to the partner, or None."""
        return None if customer_id.lower() in self._removed else self.known(customer_id)

    def known(self, customer_id: str) -> Customer | None:
        """Return a customer also when it has left; None for a tenant never heard of."""
        key = customer_id.lower()
        if key in self._changed:
            return self._changed[key]
        if key in self._created_at:
            return self._created[self._created_at[key]]
        return self._base.get(customer_id)

    def may_return(self, customer_id: str) -> bool:
        """Tell whether a customer has left and its tenant still exists."""
        key = customer_id.lower()
        return key in self._removed and key not in self._deleted

    def name_of(self, customer_id: str) -> str | None:
        """Return the company name of a customer, also of one that has left."""
        return company_name(self.known(customer_id) or {}) or None

    def page(self, offset: int, limit: int) -> list[Customer | None]:
        """Return the positions from `offset`; None stands where a customer was removed."""
        base = self._base.page(offset, limit)
        rows: list[Customer | None] = list(base)
        if len(rows) < limit:
            first = max(offset - len(self._base), 0)
            rows.extend(self._created[first : first + limit - len(rows)])
        if self._removed or self._changed:
            rows = [row and self._current(row) for row in rows]
        return rows

    def domain_taken(self, domain: str) -> bool:
        """Tell whether any tenant holds a domain.

        The first call on a world reads all customers once to index their domains (8 bytes each).
        """
        key = domain.strip().lower()
        if key in self._created_domains:
            return True
        if key in self._deleted_domains:
            return False
        index = self._domain_index()
        wanted = _digest(key)
        at = bisect_left(index, wanted)
        return at < len(index) and index[at] == wanted

    def reset(self) -> None:
        """Return to the customers of the world."""
        self._created.clear()
        self._created_at.clear()
        self._changed.clear()
        self._removed.clear()
        self._deleted.clear()
        self._deleted_domains.clear()
        self._created_domains.clear()

    def _current(self, row: Customer) -> Customer | None:
        key = row["id"].lower()
        return None if key in self._removed else self._changed.get(key, row)

    def _domain_index(self) -> "array[int]":
        with self._domain_lock:
            if self._base_domains is None:
                digests = (_digest(name) for row in self._base for name in domains_of(row))
                self._base_domains = array("Q", sorted(array("Q", digests)))
            return self._base_domains

    def _apply_created(self, effect: Effect) -> None:
        customer = dict(effect.data["customer"])
        self._created_at[effect.subject.lower()] = len(self._created)
        self._created.append(customer)
        self._created_domains.update(domains_of(customer))

    def _apply_deleted(self, effect: Effect) -> None:
        customer = self.get(effect.subject)
        if customer is None:
            return
        freed = set(domains_of(customer))
        self._created_domains -= freed
        self._deleted_domains |= freed
        self._removed.add(effect.subject.lower())
        self._deleted.add(effect.subject.lower())

    def _apply_relationship_removed(self, effect: Effect) -> None:
        # The tenant lives on without this partner, so its domains stay taken.
        self._removed.add(effect.subject.lower())

    def _apply_relationship_accepted(self, effect: Effect) -> None:
        # A customer that returns takes its old position, so no page of a running listing shifts.
        if self.known(effect.subject) is None:
            self._apply_created(effect)
        self._removed.discard(effect.subject.lower())

    def _apply_renamed(self, effect: Effect) -> None:
        self._changed[effect.subject.lower()] = effect.data["customer"]

    def _apply_billing_profile(self, effect: Effect) -> None:
        customer = self.get(effect.subject)
        if customer is not None:
            changed = customer | {"billingProfile": effect.data["profile"]}
            self._changed[effect.subject.lower()] = changed

    def _apply_domain(self, effect: Effect) -> None:
        customer = self.get(effect.subject)
        if customer is not None:
            domains = [*domains_of(customer), effect.data["domain"]]
            self._changed[effect.subject.lower()] = customer | {
                "customDomains": list(dict.fromkeys(domains))
            }
            self._created_domains.add(effect.data["domain"])


def domains_of(customer: Customer) -> Iterator[str]:
    """Yield the domains of a customer in lower case."""
    first = (customer.get("companyProfile") or {}).get("domain")
    for domain in (first, *(customer.get("customDomains") or ())):
        if domain:
            yield str(domain).lower()


def _digest(domain: str) -> int:
    # Python's own hash is salted but would do; 64 bits of a real digest make a clash of two
    # domains (a wrong "taken") practically impossible at any size of world.
    return int.from_bytes(hashlib.blake2b(domain.encode(), digest_size=8).digest(), "big")
