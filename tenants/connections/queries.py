"""Reading connections. Lists never load the sealed secret."""

from portal.core.access import Actor
from portal.core.rows import ScopedQuerySet
from tenants.connections.models import Connection


def connections(actor: Actor) -> "ScopedQuerySet[Connection]":
    """Return the connections the actor may see, by name; nothing of their secrets is read."""
    rows: ScopedQuerySet[Connection] = Connection.objects.visible_to(actor)
    return rows.defer("secret_sealed").order_by("name", "id")


def connection_with_secret(connection: Connection, *, actor: Actor) -> Connection:
    """Return the row as it is now, sealed secret included, for making a client of it (1 query).

    Raises:
        NotFound: it is not the actor's to see.
    """
    row: Connection = Connection.objects.get_visible(actor, pk=connection.pk)
    return row
