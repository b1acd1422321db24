"""Custom fields as pages show them: by group, each with its label."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from django.urls import reverse

from organizations.fields.models import Entity, FieldDefinition
from organizations.fields.queries import Owner, entity_of, may_edit, rows_of
from portal.core.access import Actor

PLACES = {
    Entity.ACCOUNT: "fields:account_values",
    Entity.ORGANIZATION: "fields:organization_values",
    Entity.USER: "fields:membership_values",
}


@dataclass(frozen=True, slots=True)
class Group:
    """One folder: its name, "" for none, and label, text and help of its fields."""

    name: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ShownFields:
    """What a page shows of an owner's fields; ``edit_url`` is empty for who may change none."""

    groups: tuple[Group, ...]
    edit_url: str


def shown_fields(owner: Owner, *, actor: Actor) -> ShownFields:
    """Return what the actor sees of an owner's fields (1 query)."""
    values = rows_of([owner], actor=actor)[owner.pk]
    editable = any(may_edit(field, actor) for field in values)
    return ShownFields(
        tuple(grouped(values)),
        reverse(PLACES[entity_of(owner)[0]], args=[owner.pk]) if editable else "",
    )


def grouped(values: Mapping[FieldDefinition, str]) -> Iterable[Group]:
    """Yield the groups in order with what their fields hold."""
    for name, rows in groupby(values.items(), key=lambda item: item[0].group):
        yield Group(name, tuple((field.label, text) for field, text in rows))
