"""Saving, replacing and removing views, and choosing columns. Everybody settles their own.

Which columns a person looks at is not written to the audit trail: it changes nothing for anybody.
A named view is, because others may be sent to it.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.http import QueryDict

from portal.core import audit
from portal.core.access import Actor
from portal.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from portal.core.rows import ScopedQuerySet
from portal.core.tables.models import NAME_LENGTH, QUERY_LENGTH, TableView

MOST_VIEWS = 50
COLUMNS = "columns"
FLEETING = ("page", "view")
"""Parameters that say where somebody stands, not what the list is."""


def save_view(
    table: str, *, actor: Actor, name: str, query: str, is_default: bool = False
) -> TableView:
    """Keep a list's query string under a name; the same name again replaces it.

    Raises:
        InvalidInput: no name, or a name or query that is too long.
        Conflict: the person has too many views of this table.
    """
    actor.require("views.manage")
    name, query = _clean_name(name), clean_query(query)
    with transaction.atomic():
        rows = _lock_own(actor, table)
        named = {row.name: row for row in rows if row.name}
        row = named.get(name)
        if row is None and len(named) >= MOST_VIEWS:
            raise Conflict(
                f"You have {MOST_VIEWS} saved views of this list, which is the most. Remove one"
                " first."
            )
        if is_default:
            _own(actor, table).filter(is_default=True).exclude(name=name).update(is_default=False)
        before = {"query": row.query} if row else None
        row = row or TableView(
            reseller_id=actor.reseller_id,
            membership_id=_membership_of(actor),
            table=table,
            name=name,
        )
        row.query, row.is_default = query, is_default
        row.save()
        audit.record(
            actor,
            "core.view_saved",
            row,
            before=before,
            after={"table": table, "query": query, "is_default": is_default},
            organization_id=actor.organization_id,
        )
        return row


def remove_view(view: TableView, *, actor: Actor) -> TableView:
    """Remove one of the actor's own views; somebody else's is not there to be removed."""
    actor.require("views.manage")
    with transaction.atomic():
        row = next((row for row in _lock_own(actor, view.table) if row.pk == view.pk), None)
        if row is None or not row.name:
            raise NotFound
        audit.record(
            actor,
            "core.view_removed",
            row,
            before={"table": row.table, "query": row.query},
            organization_id=actor.organization_id,
        )
        TableView.objects.visible_to(actor).filter(pk=row.pk).delete()
        return row


def choose_columns(table: str, *, actor: Actor, columns: Sequence[str]) -> tuple[str, ...]:
    """Remember which columns of a table the actor wants to see; none forgets the choice."""
    actor.require("views.manage")
    chosen = tuple(dict.fromkeys(columns))
    query = write_columns(chosen)
    with transaction.atomic():
        rows = _own(actor, table).filter(name="")
        if not chosen:
            rows.delete()
        elif not rows.update(query=query):
            TableView.objects.create(
                reseller_id=actor.reseller_id,
                membership_id=_membership_of(actor),
                table=table,
                query=query,
            )
    return chosen


def write_columns(columns: Sequence[str]) -> str:
    """Write a choice of columns as the part of an address that asks for it."""
    written = QueryDict(mutable=True)
    written[COLUMNS] = ",".join(columns)
    return written.urlencode()


def clean_query(query: str) -> str:
    """Return a list's query string without the place in the list, or refuse it."""
    if "\x00" in query or len(query) > QUERY_LENGTH * 2:
        raise InvalidInput(
            "This address cannot be kept: it is too long or not one of this list.",
            fields={"query": ["Take the address of the list as it is shown."]},
        )
    asked = QueryDict(query.removeprefix("?"), mutable=True)
    for name in FLEETING:
        asked.pop(name, None)
    kept = QueryDict(mutable=True)
    for name, values in asked.lists():
        if wanted := [value for value in values if value and "\x00" not in value]:
            kept.setlist(name, wanted)
    written = kept.urlencode()
    if len(written) > QUERY_LENGTH:
        raise InvalidInput(
            f"What is asked for takes more than {QUERY_LENGTH:,} characters; use fewer filters.",
            fields={"query": ["Use fewer filters."]},
        )
    return written


def _clean_name(name: str) -> str:
    tidy = " ".join(name.replace("\x00", "").split())
    if not tidy or len(tidy) > NAME_LENGTH:
        wrong = f"Give the view a name of at most {NAME_LENGTH} characters."
        raise InvalidInput(wrong, fields={"name": [wrong]})
    return tidy


def _membership_of(actor: Actor) -> UUID:
    if actor.membership_id is None:
        raise NotAllowed("Only people have views of their own.")
    return actor.membership_id


def _own(actor: Actor, table: str) -> "ScopedQuerySet[TableView]":
    rows: ScopedQuerySet[TableView] = TableView.objects.visible_to(actor)
    return rows.filter(membership_id=_membership_of(actor), table=table)


def _lock_own(actor: Actor, table: str) -> "ScopedQuerySet[TableView]":
    """Return what the person has settled about a table, locked against their other windows.

    A first row cannot be locked; that two are made at once the table's own rules refuse.
    """
    return _own(actor, table).order_by("pk").select_for_update(of=("self",), no_key=True)
