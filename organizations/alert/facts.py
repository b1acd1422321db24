"""Which conditions there can be, and the facts each kind follows.

A kind says in one SELECT what is the case now; what is opened, reopened and resolved from it is the
same for all (`reconciling`). A new kind is one more entry here.

The SELECT's columns: key, tenant_id, connection_id, organization_id, label, detail, seen_at,
billed_amount, billed_currency, billed_month, unbilled_amount, unbilled_currency.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

from django.utils import timezone

from portal.core.access import Actor
from tenants.connections.models import Connection, Consent
from tenants.connections.panel import credentials_of
from tenants.connections.queries import connections

UNLINKED: Final = "unlinked_tenant"
HEALTH: Final = "connection_health"

Nature = Literal["money", "security"]
Facts = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of condition. ``nature`` says why it may reach people at once."""

    name: str
    label: str
    nature: Nature
    one: str
    many: str
    facts: Callable[[Actor, Collection[UUID] | None], Facts]


STILL_UNLINKED = "NOT t.is_linked AND NOT t.is_ignored"
"""The one place that says which tenants somebody should look after."""

UNLINKED_TENANTS = f"""
    SELECT t.id AS key, t.id AS tenant_id, t.connection_id,
        (SELECT l.organization_id FROM organizations_link l
         WHERE l.reseller_id = t.reseller_id AND l.tenant_id = t.id
         ORDER BY l.begins_at DESC, l.id LIMIT 1) AS organization_id,
        t.name AS label, '' AS detail,
        greatest(t.first_seen_at, (
            SELECT max(l.ends_at) FROM organizations_link l
            WHERE l.reseller_id = t.reseller_id AND l.tenant_id = t.id)) AS seen_at,
        coalesce(t.billed_amount, 0) AS billed_amount, t.billed_currency, t.billed_month,
        coalesce(t.unbilled_amount, 0) AS unbilled_amount, t.unbilled_currency
    FROM tenants_tenant t
    WHERE t.reseller_id = %(reseller)s AND {STILL_UNLINKED}
      AND (%(tenants)s::uuid[] IS NULL OR t.id = ANY (%(tenants)s::uuid[]))
"""  # noqa: S608  (made of constants)

FAILING_CONNECTIONS = """
    SELECT c.id AS key, NULL::uuid AS tenant_id, c.id AS connection_id,
        NULL::uuid AS organization_id, c.name AS label, given.detail, %(now)s AS seen_at,
        0::numeric AS billed_amount, '' AS billed_currency, NULL::date AS billed_month,
        0::numeric AS unbilled_amount, '' AS unbilled_currency
    FROM unnest(%(connections)s::uuid[], %(details)s::text[]) AS given (id, detail)
    JOIN tenants_connection c ON c.reseller_id = %(reseller)s AND c.id = given.id
"""


def _unlinked_tenants(actor: Actor, tenants: Collection[UUID] | None) -> Facts:
    chosen = None if tenants is None else list(tenants)
    return UNLINKED_TENANTS, {"tenants": chosen}


def _failing_connections(actor: Actor, _tenants: Collection[UUID] | None) -> Facts:
    trouble = connection_troubles(actor)
    return FAILING_CONNECTIONS, {
        "connections": list(trouble),
        "details": list(trouble.values()),
    }


def connection_troubles(actor: Actor) -> dict[UUID, str]:
    """Return what is wrong, or about to end, with each connection that has trouble (2 queries)."""
    consents: dict[UUID, Consent] = {
        row.connection_id: row for row in Consent.objects.visible_to(actor).defer("refresh_sealed")
    }
    now = timezone.now()
    found = {}
    for connection in connections(actor):
        consent = consents.get(connection.pk)
        said = []
        if consent is not None and consent.state == Consent.State.LOST:
            said.append("The sign-in is lost")
        if connection.state == Connection.State.FAILING:
            said.append(connection.last_failure or "It does not answer as it should")
        said += [one.sentence for one in credentials_of(connection, consent, now=now) if one.warns]
        if said:
            found[connection.pk] = ". ".join(text.rstrip(".") for text in said) + "."
    return found


KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind
    for kind in (
        Kind(UNLINKED, "Tenant not linked", "money", "tenant", "tenants", _unlinked_tenants),
        Kind(
            HEALTH,
            "Connection needs attention",
            "security",
            "connection",
            "connections",
            _failing_connections,
        ),
    )
}
