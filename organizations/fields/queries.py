"""Reading custom fields: which there are, and what their owners have in them.

What a field holds is shown to those its definition names; a definition itself is no secret of
staff.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, TypeAlias
from uuid import UUID

from django.db.models import F, FilteredRelation, Q

from organizations.directory.models import Account, Organization
from organizations.fields.models import (
    EditedBy,
    Entity,
    FieldDefinition,
    FieldValue,
    SeenBy,
)
from portal.core.access import Actor, Role
from portal.core.identity.models import Membership
from portal.core.rows import ScopedQuerySet
from tenants.connections.models import Connection

Owner: TypeAlias = Account | Organization | Membership
ORDER = ("group", "position", "label", "id")
OWNERS: dict[type, tuple[Entity, str]] = {
    Account: (Entity.ACCOUNT, "account"),
    Organization: (Entity.ORGANIZATION, "organization"),
    Membership: (Entity.USER, "membership"),
}
"""The entity of each kind of owner, and the column of a value that names it."""
NEEDED = {
    EditedBy.STAFF: "fields.fill",
    EditedBy.PROVISIONERS: "tenants.provision",
    EditedBy.ADMINS: "fields.manage",
}
"""What it takes to change what a field holds."""
SEES_ALL = "fields.manage"


def entity_of(owner: Owner) -> tuple[Entity, str]:
    """Return the entity of an owner and the column that names it."""
    return next(found for model, found in OWNERS.items() if isinstance(owner, model))


def definitions(actor: Actor) -> "ScopedQuerySet[FieldDefinition]":
    """Return the definitions the actor may know of, in order."""
    rows: ScopedQuerySet[FieldDefinition] = FieldDefinition.objects.visible_to(actor)
    return rows.order_by("entity", *ORDER)


def get_definition(actor: Actor, definition_id: UUID) -> FieldDefinition:
    """Return one definition, or raise `NotFound` alike for foreign and unknown ones."""
    rows = FieldDefinition.objects.select_related("connection")
    row: FieldDefinition = rows.get_visible(actor, pk=definition_id)
    return row


def shown_to(
    rows: "ScopedQuerySet[FieldDefinition]", actor: Actor
) -> "ScopedQuerySet[FieldDefinition]":
    """Keep the definitions whose values the actor sees."""
    return rows if sees_all(actor) else rows.exclude(seen_by=SeenBy.ADMINS)


def sees_all(actor: Actor) -> bool:
    """Tell whether the actor is an administrator; also while nothing may be changed."""
    return actor.may(SEES_ALL) or actor.role == Role.ADMIN


def fields_for(*entities: str, actor: Actor) -> list[FieldDefinition]:
    """Return the fields of an entity whose values the actor sees, by group and place (1 query)."""
    return list(shown_to(definitions(actor).filter(entity__in=entities), actor))


def may_edit(definition: FieldDefinition, actor: Actor) -> bool:
    """Tell whether the actor may change what a field holds.

    What a vendor's fields hold people of a sub-reseller choose among what is theirs, as sync
    options, and never write as they like.
    """
    if definition.is_vendors and not actor.is_staff:
        return False
    return actor.may(NEEDED[EditedBy(definition.edited_by)])


def rows_of(owners: Sequence[Owner], *, actor: Actor) -> dict[UUID, dict[FieldDefinition, str]]:
    """Return for owners of one kind what each field holds, the default where nothing is set.

    Of the fields the actor sees, in order (1 query, 0 for no owners).
    """
    if not owners:
        return {}
    entity, column = entity_of(owners[0])
    ids = [owner.pk for owner in owners]
    held: dict[UUID, dict[FieldDefinition, str]] = {}
    found: list[FieldDefinition] = []
    known: dict[UUID, FieldDefinition] = {}
    for row in _joined(entity, column, ids, actor=actor):
        definition = known.setdefault(row.pk, row)
        if definition is row:
            found.append(row)
        if row.owner_id is not None:
            held.setdefault(row.owner_id, {})[definition] = row.held_text
    return {pk: {row: held.get(pk, {}).get(row, row.default) for row in found} for pk in ids}


def held_in(
    fields: Collection[FieldDefinition], *, organizations: Sequence[Organization], actor: Actor
) -> dict[tuple[UUID, UUID], str]:
    """Return what these organizations and their accounts have set, by owner and field (1 query).

    Without a field it is no query.
    """
    if not fields:
        return {}
    rows: ScopedQuerySet[FieldValue] = FieldValue.objects.visible_to(actor)
    found = rows.filter(
        belongs_to__in=[row.pk for row in organizations],
        definition__in=[field.pk for field in fields],
    ).values_list("account_id", "organization_id", "definition_id", "text")
    return {(account or owner, field): text for account, owner, field, text in found}


def values_of(
    owner: Owner, *, actor: Actor, connection: Connection | None = None
) -> dict[str, str]:
    """Return what an owner's fields hold, by key, defaults filled in (1 query).

    With ``connection`` only the set of that connection, by the vendor's own keys.
    """
    row = rows_of([owner], actor=actor)[owner.pk]
    if connection is None:
        return {definition.key: text for definition, text in row.items()}
    return {
        definition.vendor_key: text
        for definition, text in row.items()
        if definition.connection_id == connection.pk
    }


def keys_of_connection(entity: str, connection: Connection, *, actor: Actor) -> dict[str, str]:
    """Return the stored key of each of a connection's fields by the vendor's own (1 query).

    `set_values` takes the stored ones.
    """
    rows = definitions(actor).filter(entity=entity, connection=connection)
    return {row.vendor_key: row.key for row in rows}


def attach_custom_fields(owners: Iterable[Owner], *, actor: Actor) -> None:
    """Set ``custom_fields`` on every owner of a page: text by key (1 query, 0 for none)."""
    found = list(owners)
    values = rows_of(found, actor=actor)
    for owner in found:
        owner.custom_fields = {  # type: ignore[union-attr]
            definition.key: text for definition, text in values[owner.pk].items()
        }


def count_values(definition: FieldDefinition, *, actor: Actor) -> int:
    """Return how many owners have something in a field (1 query)."""
    rows: ScopedQuerySet[FieldValue] = FieldValue.objects.visible_to(actor)
    return rows.filter(definition=definition).count()


def _joined(entity: str, column: str, ids: Sequence[UUID], *, actor: Actor) -> Iterable[Any]:
    """Yield a definition for every value of the owners, and one for a field without any."""
    rows = shown_to(definitions(actor).filter(entity=entity), actor)
    wanted = Q(**{f"values__{column}__in": list(ids), "values__reseller": actor.reseller_id})
    return rows.annotate(held=FilteredRelation("values", condition=wanted)).annotate(
        owner_id=F(f"held__{column}"), held_text=F("held__text")
    )
