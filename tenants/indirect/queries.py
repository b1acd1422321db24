"""Reading indirect resellers as they were last listed."""

from portal.core.access import Actor
from portal.core.rows import ScopedQuerySet
from tenants.connections.models import Connection
from tenants.indirect.models import IndirectReseller


def indirect_resellers(
    connection: Connection, *, actor: Actor
) -> "ScopedQuerySet[IndirectReseller]":
    """Return the indirect resellers of a connection, by name."""
    rows: ScopedQuerySet[IndirectReseller] = IndirectReseller.objects.visible_to(actor)
    return rows.filter(connection_id=connection.pk).order_by("name", "mpn_id", "id")
