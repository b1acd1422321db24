"""Making the fields that a vendor's services need: what is there stays as the reseller left it."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from organizations.fields.checking import check_details
from organizations.fields.models import FieldDefinition, Source
from organizations.fields.queries import definitions
from organizations.fields.specs import FieldSpec
from portal.core import audit
from portal.core.access import Actor
from portal.core.errors import NotFound
from tenants.connections.models import Connection
from tenants.connections.queries import connections

SHORT = 8
"""Hexadecimal signs of a connection's id that keep its fields apart from those of the others."""


def key_for(connection_id: UUID, vendor_key: str) -> str:
    """Return the stored key of a vendor's field: unique for every connection."""
    return f"c{connection_id.hex[:SHORT]}_{vendor_key}"


def ensure_fields(
    *, actor: Actor, connection: Connection, group: str, specs: Sequence[FieldSpec]
) -> list[FieldDefinition]:
    """Create the fields of a connection's set that are missing; returns the whole set, in order.

    What is there is not touched, whatever the reseller made of it, so running it again changes
    nothing. Audited once when something was created. Locks the connection.

    Raises:
        NotFound: the connection is not the actor's.
        InvalidInput: the vendor's program describes a field that cannot be.
    """
    actor.require("fields.manage")
    with transaction.atomic():
        _lock(connection, actor=actor)
        rows = definitions(actor).filter(connection=connection).exclude(vendor_key="")
        there = {(row.entity, row.vendor_key): row for row in rows}
        made = []
        for spec in specs:
            if (spec.entity, spec.key) not in there:
                row = _new(spec, connection, group, actor=actor)
                there[spec.entity, spec.key] = row
                made.append(row)
        if made:
            audit.record(
                actor,
                "organizations.fields_fetched",
                connection,
                after={"group": group, "fields": [f"{row.entity}: {row.key}" for row in made]},
            )
        return [there[spec.entity, spec.key] for spec in specs]


def _new(spec: FieldSpec, connection: Connection, group: str, *, actor: Actor) -> FieldDefinition:
    details = check_details(
        {
            "entity": spec.entity,
            "key": key_for(connection.pk, spec.key),
            "label": spec.label,
            "help": spec.help,
            "kind": spec.kind,
            "choices": spec.choices,
            "default": spec.default,
            "group": group,
            "seen_by": spec.seen_by,
            "edited_by": spec.edited_by,
        }
    )
    others = definitions(actor).filter(entity=spec.entity, group=details.group)
    row = FieldDefinition(
        reseller_id=actor.reseller_id,
        entity=details.entity,
        key=details.key,
        label=details.label,
        help=details.help,
        kind=details.kind,
        choices=list(details.choices),
        default=details.default,
        group=details.group,
        position=1 + others.count(),
        seen_by=details.seen_by,
        edited_by=details.edited_by,
        source=Source.VENDOR,
        connection=connection,
        vendor_key=spec.key,
        is_distinct=spec.is_distinct,
    )
    row.save(force_insert=True)
    return row


def _lock(connection: Connection, *, actor: Actor) -> None:
    """Two people who get the same definitions at once meet at the connection."""
    rows = connections(actor).select_for_update(of=("self",), no_key=True)
    if not rows.filter(pk=connection.pk).values_list("pk", flat=True):
        raise NotFound
