"""Reading saved views: one's own, and one that a colleague has shared."""

from uuid import UUID

from portal.core.access import Actor
from portal.core.rows import ScopedQuerySet
from portal.core.tables.models import TableView


def own_views(actor: Actor, *, table: str = "") -> "ScopedQuerySet[TableView]":
    """Return the actor's named views, of one table or of all, by name. The system has none."""
    rows = settled(actor, table=table) if table else _own(actor)
    return rows.exclude(name="").order_by("table", "name", "id")


def settled(actor: Actor, *, table: str) -> "ScopedQuerySet[TableView]":
    """Return everything the actor has settled about a table, chosen columns included."""
    return _own(actor).filter(table=table).order_by("name", "id")


def shared_view(actor: Actor, view_id: str, *, table: str) -> TableView | None:
    """Return a named view of the table, the actor's own or a colleague's; None if there is none.

    Whoever works for the reseller may open what is shared with them; customers see what their own
    organization's people have saved (1 query).
    """
    try:
        wanted = UUID(view_id)
    except ValueError:
        return None
    rows: ScopedQuerySet[TableView] = TableView.objects.visible_to(actor)
    return rows.filter(pk=wanted, table=table).exclude(name="").first()


def _own(actor: Actor) -> "ScopedQuerySet[TableView]":
    rows: ScopedQuerySet[TableView] = TableView.objects.visible_to(actor)
    if actor.membership_id is None:
        return rows.none()
    return rows.filter(membership_id=actor.membership_id)
