"""Reading connections. Lists never load the sealed secret."""

from django.db.models import Count, F, Func, TextField, Value

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


def sealed_per_key(actor: Actor) -> dict[str, int]:
    """Return how many of the reseller's secrets each key seals, by the key's id (1 query)."""
    rows = Connection.objects.visible_to(actor)
    parts = (F("secret_sealed"), Value("$"), Value(1))
    key = Func(*parts, function="split_part", output_field=TextField())
    counted = rows.order_by().values(key_id=key).annotate(count=Count("pk"))
    return {row["key_id"]: row["count"] for row in counted}
