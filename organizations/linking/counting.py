"""How many tenants there are of each kind, without counting them.

The tenants floor keeps a tally per connection, exact at every commit. It is a handful of rows, so
every number of a page (navigation, tabs, alert, position in the list) comes from one cheap query.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from portal.core.access import Actor
from tenants.discovery.models import Tenant, TenantTally


@dataclass(frozen=True, slots=True)
class TenantCounts:
    """Tenants by what matters to linking; ``missing`` ones are in the other three as well."""

    known: int = 0
    unlinked: int = 0
    missing: int = 0

    @property
    def linked(self) -> int:
        return self.known - self.unlinked


def count_tenants(actor: Actor, *, connections: Iterable[UUID] | None = None) -> TenantCounts:
    """Return the reseller's counts, or those of some connections (1 query, a few rows)."""
    tally = TenantTally.objects.filter(reseller_id=actor.reseller_id)
    if connections is not None:
        tally = tally.filter(connection__in=list(connections))
    known = unlinked = missing = 0
    for status, is_linked, tenants in tally.values_list("status", "is_linked", "tenants"):
        known += tenants
        unlinked += 0 if is_linked else tenants
        missing += tenants if status == Tenant.Status.MISSING else 0
    return TenantCounts(known=known, unlinked=unlinked, missing=missing)
