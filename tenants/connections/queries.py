"""Reading connections. Lists never load the sealed secret."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Func, TextField, Value

from portal.core.access import Actor
from portal.core.encryption import Seal
from portal.core.rows import ScopedQuerySet
from portal.notify.models import WebhookSecret
from tenants.connections.models import Connection, Consent


@dataclass(frozen=True, slots=True)
class Sealed:
    """A kind of secret that is stored for long: where, and what a person calls one of them."""

    model: Any
    column: str
    seal_of: Callable[[Any], Seal]
    name_of: Callable[[Any], str]
    joined: tuple[str, ...] = ()

    def rows(self, actor: Actor) -> ScopedQuerySet[Any]:
        """Return the reseller's rows of the kind that hold one, with what `name_of` needs."""
        found: ScopedQuerySet[Any] = self.model.objects.visible_to(actor).exclude(
            **{self.column: ""}
        )
        return found.select_related(*self.joined) if self.joined else found


SEALED: list[Sealed] = [
    Sealed(Connection, "secret_sealed", Connection.secret_seal, lambda row: str(row.name)),
    Sealed(
        Consent,
        "refresh_sealed",
        Consent.refresh_seal,
        lambda row: f"{row.connection.name}, sign-in of {row.user_name}",
        joined=("connection",),
    ),
    Sealed(
        WebhookSecret,
        "secret_sealed",
        WebhookSecret.seal,
        lambda row: f"webhook to {row.webhook.url}",
        joined=("webhook",),
    ),
]
"""Every kind there is; changing keys goes through all of them."""


def register_sealed(kind: Sealed) -> None:
    """Let changing keys go through a kind of secret of a higher floor too."""
    SEALED.append(kind)


SEEN_BY_SUB_RESELLERS = frozenset(
    {
        "id",
        "reseller",
        "name",
        "program",
        "cloud",
        "partner_tenant",
        "state",
        "last_success_at",
        "discovered_at",
        "created_at",
        "uses_reseller_address",
    }
)
"""What their database role may read of a connection (`organizations/0026`)."""


def unread_columns(actor: Actor, *, of: str = "") -> list[str]:
    """Return what is not read of a connection to show it: its secret, and what is the staff's.

    ``of`` is the look-up that leads to the connection.
    """
    path = f"{of}__" if of else ""
    if actor.is_staff:
        return [f"{path}secret_sealed"]
    columns = (column.name for column in Connection._meta.concrete_fields)
    return [f"{path}{name}" for name in columns if name not in SEEN_BY_SUB_RESELLERS]


def connections(actor: Actor) -> "ScopedQuerySet[Connection]":
    """Return the connections the actor may see, by name; nothing of their secrets is read."""
    rows: ScopedQuerySet[Connection] = Connection.objects.visible_to(actor)
    return rows.defer(*unread_columns(actor)).order_by("name", "id")


def connection_with_secret(connection: Connection, *, actor: Actor) -> Connection:
    """Return the row as it is now, sealed secret included, for making a client of it (1 query).

    Raises:
        NotFound: it is not the actor's to see.
    """
    row: Connection = Connection.objects.get_visible(actor, pk=connection.pk)
    return row


def sealed_per_key(actor: Actor) -> dict[str, int]:
    """Return how many of the reseller's secrets each key seals, by its id (1 query per kind)."""
    counts: Counter[str] = Counter()
    for kind in SEALED:
        parts = (F(kind.column), Value("$"), Value(1))
        key = Func(*parts, function="split_part", output_field=TextField())
        rows = kind.rows(actor).select_related(None).order_by()
        counted = rows.values(key_id=key).annotate(count=Count("pk"))
        counts.update({row["key_id"]: row["count"] for row in counted})
    return dict(counts)
