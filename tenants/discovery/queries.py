"""Reading runs and tenants: how many there are, which match a text, how each discovery went."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from django.db.models import Q, QuerySet, Sum, Value
from django.db.models.functions import Lower
from django.db.models.sql.datastructures import BaseTable

from portal.core.access import Actor
from portal.core.money import Money
from portal.core.rows import ScopedQuerySet
from tenants.connections.models import Connection
from tenants.discovery.models import DiscoveryRun, Source, Tenant, TenantTally

SEARCHABLE = "tenants_searchable"
TERM_LENGTH = 200
SHORT = 2
"""Up to so many letters are in almost every text, and therefore count from the start of a word."""

Rows = TypeVar("Rows", bound="QuerySet[Tenant]")


@dataclass(frozen=True, slots=True)
class Tally:
    """How many tenants there are; ``missing`` ones are among the linked and the others too.

    ``unlinked`` are those that wait for a link: ``ignored`` ones are not linked either, but are
    left out on purpose. ``unassigned``: per currency, what the unlinked ones cost in the month each
    was last billed.
    """

    total: int = 0
    unlinked: int = 0
    ignored: int = 0
    missing: int = 0
    unassigned: tuple[Money, ...] = ()

    @property
    def active(self) -> int:
        return self.total - self.missing

    @property
    def linked(self) -> int:
        return self.total - self.unlinked - self.ignored


def tally_of(actor: Actor, *, connection: Connection | None = None) -> Tally:
    """Return the counts of the reseller's tenants, or of one connection's (1 query, few rows).

    Exact at every commit, and the same cost at any number of tenants. Customers are shown none.
    """
    rows = TenantTally.objects.filter(reseller_id=actor.reseller_id)
    if not actor.is_staff:
        return Tally()
    if connection is not None:
        rows = rows.filter(connection=connection)
    total = unlinked = ignored = missing = 0
    unassigned: dict[str, Decimal] = {}
    for row in rows.order_by("billed_currency"):
        total += row.tenants
        missing += row.tenants if row.status == Tenant.Status.MISSING else 0
        ignored += row.tenants if row.is_ignored else 0
        if row.is_linked or row.is_ignored:
            continue
        unlinked += row.tenants
        unassigned[row.billed_currency] = (
            unassigned.get(row.billed_currency, Decimal(0)) + row.billed
        )
    money = tuple(Money(amount, currency) for currency, amount in unassigned.items() if amount)
    return Tally(total=total, unlinked=unlinked, ignored=ignored, missing=missing, unassigned=money)


def tenants_per_connection(actor: Actor) -> dict[UUID, int]:
    """Return how many active tenants each connection has (1 query, a few rows)."""
    rows = TenantTally.objects.filter(
        reseller_id=actor.reseller_id, status=Tenant.Status.ACTIVE
    ).order_by()
    sums = rows.values_list("connection_id").annotate(Sum("tenants"))
    return {connection_id: int(tenants) for connection_id, tenants in sums}


def search_tenants(rows: Rows, term: str, *, actor: Actor) -> Rows:
    """Keep the tenants whose name, domain or Microsoft id contains a text, whatever its case.

    Terms of one or two letters count from the start of a word. ``%`` and ``_`` are letters like any
    other. An empty term keeps everything.
    """
    wanted = " ".join(term.replace("\x00", "").split()).strip("{}")[:TERM_LENGTH]
    if not wanted:
        return rows
    found = rows.filter(_contains(wanted))
    return found if not actor.is_staff else _read_through_view(found)


def same_domain(tenant: Tenant, *, actor: Actor, limit: int = 5) -> list[Tenant]:
    """Return other tenants that have a tenant's domain, newest first (1 query).

    A tenant that was made anew has its old domain and another Microsoft id. It is another tenant:
    nothing goes over to it, but people have to know.
    """
    if not tenant.domain:
        return []
    rows = Tenant.objects.visible_to(actor).filter(domain=tenant.domain).exclude(pk=tenant.pk)
    return list(rows.order_by("-first_seen_at", "id")[:limit])


def runs(actor: Actor) -> "ScopedQuerySet[DiscoveryRun]":
    """Return the discovery runs the actor may see with job and connection, newest first."""
    rows: ScopedQuerySet[DiscoveryRun] = DiscoveryRun.objects.visible_to(actor)
    return (
        rows.select_related("job", "connection")
        .defer("connection__secret_sealed", "continuation")
        .order_by("-created_at", "-id")
    )


def newest_runs(actor: Actor, *, connection: Connection, limit: int = 20) -> list[DiscoveryRun]:
    """Return the latest runs of a connection (1 query)."""
    return list(runs(actor).filter(connection=connection)[:limit])


def is_newest(run: DiscoveryRun, *, actor: Actor) -> bool:
    """Tell whether no later look at the same connection's whole list was asked for (1 query)."""
    lists = runs(actor).filter(connection=run.connection_id, source=Source.LIST)
    newest = lists.values_list("pk", flat=True).first()
    return newest == run.pk


def _contains(wanted: str) -> Q:
    """Return the condition. The database lowers the term, as it lowered what is compared."""
    lowered = Lower(Value(wanted))
    if len(wanted) > SHORT:
        return Q(search__contains=lowered)
    return Q(search__startswith=lowered) | Q(search__contains=Lower(Value(f" {wanted}")))


def _read_through_view(rows: Rows) -> Rows:
    """Read from the view that has the reseller as its condition, in place of the table.

    Below row-level security PostgreSQL may not ask an index for a LIKE, because LIKE is not proven
    to keep what it compares to itself. The view has the table's columns and the policy's condition,
    so the planner is free to choose the trigram index for rare terms, and to walk the list's own
    order and stop after a page for common ones.
    """
    alias = rows.query.get_initial_alias()
    if alias is not None and rows.query.alias_map[alias].table_name == Tenant._meta.db_table:
        rows.query.alias_map[alias] = BaseTable(SEARCHABLE, alias)
    return rows
