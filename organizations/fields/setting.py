"""Changing what the fields of an account, an organization or a user hold."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from organizations.directory.holding import hold_organizations
from organizations.directory.models import Account, Organization
from organizations.directory.queries import get_account, get_organization
from organizations.fields.checking import NOT_VALID, clean_value
from organizations.fields.models import FieldDefinition, FieldValue
from organizations.fields.queries import NEEDED, Owner, entity_of, may_edit, rows_of
from portal.core import audit
from portal.core.access import Actor
from portal.core.errors import InvalidInput, NotAllowed
from portal.core.identity.models import Membership

NO_SUCH = "There is no such custom field."
NOT_YOURS = "You may not change this field."
DISTINCT = "organizations_fieldvalue_distinct"
TAKEN = "Another account has this already; each needs its own."


def set_values(owner: Owner, *, actor: Actor, values: Mapping[str, str]) -> None:
    """Change the fields named in ``values``, by key; others stay.

    An empty text empties a field. Nothing is written when nothing differs. Locks the owner.

    Raises:
        InvalidInput: with every key that is unknown to the actor or whose text the field cannot
            hold, or that another owner holds where no two may.
        NotAllowed: with every field that is not the actor's to change.
        Conflict: ``organization_merged``.
    """
    if not values:
        return
    if not any(actor.may(right) for right in NEEDED.values()):
        _refuse_all(owner, values, actor=actor)
    with transaction.atomic():
        row, belongs_to = _lock(owner, actor=actor)
        known = rows_of([row], actor=actor)[row.pk]
        cleaned = check_values({field.key: field for field in known}, values, actor=actor)
        changed = {field: text for field, text in cleaned.items() if known[field] != text}
        if not changed:
            return
        try:
            with transaction.atomic():
                _write(row, changed, actor=actor, belongs_to=belongs_to)
        except IntegrityError as error:
            refuse_twice(error, {field.key: field for field in changed})
            raise
        audit.record(
            actor,
            "organizations.values_changed",
            row,
            before={field.key: known[field] for field in changed},
            after={field.key: text for field, text in changed.items()},
            organization_id=belongs_to,
        )


def check_values(
    fields: Mapping[str, FieldDefinition], values: Mapping[str, str], *, actor: Actor
) -> dict[FieldDefinition, str]:
    """Return what the named fields shall hold; ``fields`` are those the actor sees, by key.

    Raises:
        InvalidInput, NotAllowed: as `set_values`.
    """
    cleaned: dict[FieldDefinition, str] = {}
    wrong: dict[str, list[str]] = {}
    refused: dict[str, list[str]] = {}
    for key, text in values.items():
        field = fields.get(key)
        if field is None:
            wrong[key] = [NO_SUCH]
        elif not may_edit(field, actor):
            refused[key] = [NOT_YOURS]
        else:
            try:
                cleaned[field] = clean_value(text, kind=field.kind, choices=field.choices)
            except ValidationError as error:
                wrong[key] = error.messages
    if wrong:
        raise InvalidInput(NOT_VALID, fields=wrong)
    if refused:
        raise _refusal(refused, actor=actor)
    return cleaned


def refuse_twice(error: Exception, fields: Mapping[str, FieldDefinition]) -> None:
    """Say beside the field that somebody else holds the text, if that is what the database said.

    Raises:
        InvalidInput: that is what it said; ``fields`` are those that were written.
    """
    if DISTINCT in str(error):
        named = [key for key, field in fields.items() if field.is_distinct]
        raise InvalidInput(NOT_VALID, fields={key: [TAKEN] for key in named}) from error


def carry_values(source: Organization, *, actor: Actor, into: Organization) -> int:
    """Give what an organization's fields hold to another where that holds nothing; counts them.

    For a merger, which has locked both. What accounts and people hold follows them by itself.
    """
    actor.require("organizations.merge")
    rows = FieldValue.objects.visible_to(actor)
    held = rows.filter(organization=into).values("definition_id")
    going = rows.filter(organization=source).exclude(definition__in=held).exclude(text="")
    carried: int = going.update(organization=into, belongs_to=into)
    return carried


def _refuse_all(owner: Owner, values: Mapping[str, str], *, actor: Actor) -> None:
    """Refuse whoever may change no field, before anything is locked: the database lets nobody."""
    known = rows_of([type(owner).objects.get_visible(actor, pk=owner.pk)], actor=actor)[owner.pk]
    check_values({field.key: field for field in known}, values, actor=actor)


def _refusal(refused: dict[str, list[str]], *, actor: Actor) -> NotAllowed:
    if actor.read_only:
        return NotAllowed(actor.read_only, code="read_only")
    names = ", ".join(sorted(refused))
    return NotAllowed(f"{actor.role_label} may not change {names}.", fields=refused)


def _lock(owner: Owner, *, actor: Actor) -> tuple[Owner, UUID | None]:
    """Lock an owner as the actor may see it; returns it with the organization it belongs to."""
    if isinstance(owner, Account):
        hold_organizations([owner.organization_id], actor=actor)
        organization = get_organization(actor, get_account(actor, owner.pk).organization_id)
        account: Account = _for_update(Account).get_visible(actor, pk=owner.pk)
        return account, organization.pk
    if isinstance(owner, Organization):
        hold_organizations([owner.pk], actor=actor)
        get_organization(actor, owner.pk)
        row: Organization = _for_update(Organization).get_visible(actor, pk=owner.pk)
        return row, row.pk
    member: Membership = _for_update(Membership).get_visible(actor, pk=owner.pk)
    return member, member.organization_id


def _for_update(model: type[Account | Organization | Membership]) -> Any:
    return model.objects.select_for_update(of=("self",), no_key=True)


def _write(
    owner: Owner, changed: Mapping[FieldDefinition, str], *, actor: Actor, belongs_to: UUID | None
) -> None:
    column = entity_of(owner)[1]
    now = timezone.now()
    rows = [
        FieldValue(
            reseller_id=actor.reseller_id,
            definition=field,
            belongs_to_id=belongs_to,
            text=text,
            changed_at=now,
            **{column: owner},
        )
        for field, text in changed.items()
    ]
    FieldValue.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["reseller", column, "definition"],
        update_fields=["text", "changed_at"],
    )
