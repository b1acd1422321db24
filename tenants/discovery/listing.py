"""A customer of Partner Center's list, as it can be stored.

What Microsoft sends is a stranger's text (DEC9): PostgreSQL stores no NUL and no half of a
character, and columns have an end. Nothing is dropped for that and nothing is left silent: such
text is mended, and the run counts how many customers it was done to.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from partnercenter.schemas.customers import CustomerSummary

NAME_LENGTH = 400
DOMAIN_LENGTH = 255
RELATIONSHIP_LENGTH = 60
PARTNER_LENGTH = 30
REPLACEMENT = "\ufffd"
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Listed:
    """Customers as four columns of equal length, and how many of them had to be mended."""

    microsoft_ids: list[str]
    names: list[str]
    domains: list[str]
    relationships: list[str]
    mended: int

    def __len__(self) -> int:
        return len(self.microsoft_ids)

    def without(self, microsoft_ids: Collection[str]) -> "Listed":
        """Return the others."""
        kept = [at for at, found in enumerate(self.microsoft_ids) if found not in microsoft_ids]
        return Listed(
            [self.microsoft_ids[at] for at in kept],
            [self.names[at] for at in kept],
            [self.domains[at] for at in kept],
            [self.relationships[at] for at in kept],
            self.mended,
        )


def listed(customers: Iterable[CustomerSummary]) -> Listed:
    """Return a page of customers ready to be stored, in the order of their ids.

    Who is there with two relationships is one tenant (IND-10).
    """
    ids: list[str] = []
    names: list[str] = []
    domains: list[str] = []
    relationships: list[str] = []
    mended = 0
    for customer in sorted(customers, key=lambda customer: customer.id):
        if ids and ids[-1] == customer.id:
            continue
        domain = storable(customer.domain, DOMAIN_LENGTH)
        name = storable(customer.company_name, NAME_LENGTH)
        relationship = storable(customer.relationship, RELATIONSHIP_LENGTH)
        mended += _is_mended(customer.company_name, name) or _is_mended(customer.domain, domain)
        ids.append(customer.id)
        names.append(name or domain or customer.id)
        domains.append(domain)
        relationships.append(relationship)
    return Listed(ids, names, domains, relationships, mended)


def storable(text: str, length: int) -> str:
    """Return text without what PostgreSQL cannot store, at most ``length`` characters long.

    A text that is cut ends in an ellipsis, so that it does not pass for the whole.
    """
    kept = _UNSTORABLE.sub(REPLACEMENT, text).strip()
    return kept if len(kept) <= length else kept[: length - 1] + "…"


def _is_mended(text: str, kept: str) -> bool:
    """Tell whether something else is kept than was sent; the client mends what JSON can spell."""
    return REPLACEMENT in kept or kept != text.strip()
