"""Adding, changing, ordering and removing custom fields.

A vendor's definitions are the vendor's in what they may hold and stay as long as their connection;
how they are called, explained, grouped, ordered and who sees them is the reseller's. What fields
hold is changed by `setting.set_values`, a vendor's set made by `ensuring.ensure_fields`.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.db import IntegrityError, transaction

from organizations.fields.checking import DETAILS, NOT_VALID, FieldDetails, check_details
from organizations.fields.ensuring import ensure_fields as ensure_fields
from organizations.fields.models import FieldDefinition, FieldValue
from organizations.fields.queries import count_values, definitions
from organizations.fields.setting import set_values as set_values
from portal.core import audit
from portal.core.access import Actor
from portal.core.errors import Conflict, InvalidInput, NotFound
from portal.web.wording import write_count

ONE_PER_KEY = "organizations_field_key"
MOST_FIELDS = 100
"""Of one entity; every page, export and answer of the API carries all of them."""
VENDORS_OWN = frozenset({"kind", "choices"})
FIXED = frozenset({"entity", "key"})
CHANGEABLE = frozenset(DETAILS) - FIXED | {"position"}


def create_field(*, actor: Actor, **values: Any) -> FieldDefinition:
    """Add a field of the reseller's own, the last of its group.

    ``values`` are those of `FieldDetails` as text, ``choices`` a list or one a line. Without a key
    the label gives one.

    Raises:
        InvalidInput: with every field that is wrong, or there are a hundred already.
        Conflict: ``key_taken``.
    """
    actor.require("fields.manage")
    details = check_details(values)
    with transaction.atomic():
        there = _locked(details.entity, actor=actor)
        if len(there) >= MOST_FIELDS:
            raise InvalidInput(f"There can be at most {MOST_FIELDS} fields of one kind of owner.")
        row = FieldDefinition(
            reseller_id=actor.reseller_id,
            position=1 + sum(other.group == details.group for other in there),
            **_columns(details),
        )
        _save(row, force_insert=True)
        audit.record(actor, "organizations.field_created", row, after=facts_of(row))
        return row


def change_field(
    definition: FieldDefinition, *, actor: Actor, changes: Mapping[str, Any]
) -> FieldDefinition:
    """Change what is named in ``changes``: those of `create_field`, and ``position`` in its group.

    Entity and key stay as they are. Nothing is written when nothing differs. Locks the fields of
    the entity.

    Raises:
        InvalidInput: a field is wrong, or is the vendor's to say.
        Conflict: ``field_in_use``; owners have values that the field could not hold any more.
    """
    actor.require("fields.manage")
    unknown = set(changes) - CHANGEABLE
    if unknown:
        raise LookupError(f"Nobody can change {', '.join(sorted(unknown))} of a field.")
    with transaction.atomic():
        row = _of(definition, _locked(definition.entity, actor=actor))
        before = facts_of(row)
        details = check_details({name: changes.get(name, before[name]) for name in DETAILS})
        _refuse_vendors(row, details)
        _refuse_in_use(row, details, actor=actor)
        moved = details.group != row.group
        for name, value in _columns(details).items():
            setattr(row, name, value)
        changed = [name for name, value in facts_of(row).items() if value != before[name]]
        if changed:
            row.save(update_fields=[*changed, "changed_at"])
        if moved or "position" in changes:
            _place(row, changes.get("position"), actor=actor)
        if moved:
            _close_gap(row.entity, before["group"], actor=actor)
        after = facts_of(row)
        changed = [name for name in after if after[name] != before[name]]
        if changed:
            audit.record(
                actor,
                "organizations.field_changed",
                row,
                before={name: before[name] for name in changed},
                after={name: after[name] for name in changed},
            )
        return row


def remove_field(definition: FieldDefinition, *, actor: Actor, with_values: bool = False) -> int:
    """Remove a field of the reseller's own with everything it holds; returns how many values went.

    Raises:
        Conflict: ``vendor_field``; the vendor's program needs it. ``field_in_use`` unless
            ``with_values``; owners have something in it: ``data["values"]`` says how many.
    """
    actor.require("fields.manage")
    with transaction.atomic():
        row = _of(definition, _locked(definition.entity, actor=actor))
        if row.is_vendors:
            raise Conflict(
                f"{row.label} belongs to the vendor's services and cannot be removed."
                " Give it another group, or show it to administrators only.",
                code="vendor_field",
            )
        held = count_values(row, actor=actor)
        if held and not with_values:
            raise Conflict(
                f"{write_count(held, 'value')} of {row.label} would go."
                " Say that they shall go with it.",
                code="field_in_use",
                data={"values": held},
            )
        FieldValue.objects.visible_to(actor).filter(definition=row)._raw_delete(row._state.db)
        before = {**facts_of(row), "values": held}
        audit.record(actor, "organizations.field_removed", row, before=before)
        row.delete()
        _close_gap(row.entity, row.group, actor=actor)
        return held


def facts_of(row: FieldDefinition) -> dict[str, Any]:
    """Return what the audit keeps of a definition."""
    return {name: getattr(row, name) for name in (*DETAILS, "position")}


def _columns(details: FieldDetails) -> dict[str, Any]:
    return {**asdict(details), "choices": list(details.choices)}


def _locked(entity: str, *, actor: Actor) -> list[FieldDefinition]:
    """Lock the fields of an entity: who orders and who adds meet there."""
    rows = definitions(actor).filter(entity=entity).select_for_update(of=("self",))
    return list(rows)


def _of(definition: FieldDefinition, rows: list[FieldDefinition]) -> FieldDefinition:
    for row in rows:
        if row.pk == definition.pk:
            return row
    raise NotFound


def _refuse_vendors(row: FieldDefinition, details: FieldDetails) -> None:
    if not row.is_vendors:
        return
    told = [name for name in VENDORS_OWN if _columns(details)[name] != getattr(row, name)]
    if told:
        text = "The vendor says what this field holds."
        raise InvalidInput(NOT_VALID, fields={name: [text] for name in sorted(told)})


def _refuse_in_use(row: FieldDefinition, details: FieldDetails, *, actor: Actor) -> None:
    """Keep a change from leaving values that the field could not hold any more."""
    values = FieldValue.objects.visible_to(actor).filter(definition=row).exclude(text="")
    if details.kind != row.kind:
        held = values.count()
        name, why = "kind", "with the kind it has"
    else:
        gone = set(row.choices) - set(details.choices)
        held = values.filter(text__in=gone).count() if gone else 0
        name, why = "choices", "with a choice that would be gone"
    if held:
        text = f"There {'is' if held == 1 else 'are'} {write_count(held, 'value')} {why}."
        raise Conflict(text, code="field_in_use", fields={name: [text]}, data={"values": held})


def _place(row: FieldDefinition, wanted: Any, *, actor: Actor) -> None:
    """Put a field in its place of the group, the others behind one another; None: at the end."""
    others = [
        other
        for other in definitions(actor).filter(entity=row.entity, group=row.group)
        if other.pk != row.pk
    ]
    at = len(others) if wanted is None else min(max(int(wanted), 1), len(others) + 1) - 1
    _number([*others[:at], row, *others[at:]])


def _close_gap(entity: str, group: str, *, actor: Actor) -> None:
    _number(list(definitions(actor).filter(entity=entity, group=group)))


def _number(rows: list[FieldDefinition]) -> None:
    """Number the fields of a group from 1 in this order."""
    shifted = []
    for place, row in enumerate(rows, start=1):
        if row.position != place:
            row.position = place
            shifted.append(row)
    FieldDefinition.objects.bulk_update(shifted, ["position"])


def _save(row: FieldDefinition, **options: Any) -> None:
    try:
        with transaction.atomic():
            row.save(**options)
    except IntegrityError as error:
        if ONE_PER_KEY not in str(error):
            raise
        taken = f"Another field has the key {row.key}."
        raise Conflict(taken, code="key_taken", fields={"key": [taken]}) from error
