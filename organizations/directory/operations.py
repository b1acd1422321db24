"""Changing organizations.

An organization never exists without its primary account, because a link points at an account. One
that looks like another is refused with the names of those it resembles until the caller says that
it is meant: a duplicate is far cheaper to prevent than to merge (UNL-04).
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, cast
from uuid import UUID

from django.db import IntegrityError, transaction

from organizations.directory.accounts import add_primary_account
from organizations.directory.details import (
    NOT_VALID,
    ORGANIZATION_FIELDS,
    REQUIRED_BY_PEOPLE,
    AccountDetails,
    OrganizationDetails,
    check_mpn_id,
    check_number,
    check_organization,
    check_partner_tenant,
)
from organizations.directory.holding import hold_organizations
from organizations.directory.likeness import Lookalikes, find_lookalikes
from organizations.directory.models import Organization
from organizations.directory.numbering import hold_counter, take_numbers
from organizations.directory.queries import (
    get_organization,
    organizations,
)
from organizations.suggestions.asking import ask_for_suggestions
from portal.core import audit
from portal.core.access import SUB_RESELLER_ROLES, Actor, for_everybody
from portal.core.errors import Conflict, InvalidInput
from portal.core.identity.models import Membership

ONE_PER_NUMBER = "organizations_organization_number"
ONE_PER_PARTNER = {
    "organizations_organization_mpn_id": (
        "mpn_id",
        "Another sub-reseller has this partner id.",
    ),
    "organizations_organization_partner_id": (
        "microsoft_partner_id",
        "Another sub-reseller has this partner tenant.",
    ),
}
THE_PROVIDERS = ("number", "kind", "parent", "mpn_id", "microsoft_partner_id")
"""What the provider alone says of an organization."""
NUMBERING = "numbers"
POSSIBLE_DUPLICATE = "possible_duplicate"
DEEPEST_TREE = 20


def create_organization(
    *,
    actor: Actor,
    name: str,
    primary_domain: str,
    notification_email: str,
    contact_phone: str,
    registration_number: str = "",
    country: str = "",
    number: str = "",
    kind: str = Organization.Kind.CUSTOMER,
    parent: Organization | None = None,
    mpn_id: str = "",
    microsoft_partner_id: str = "",
    account: AccountDetails | None = None,
    create_anyway: bool = False,
    from_tenant: bool = False,
) -> Organization:
    """Add an organization with its primary account.

    Without ``number`` it gets the reseller's next one. What ``account`` leaves empty is taken from
    the organization, the currency from the reseller. Locks the reseller's counter of numbers.
    ``mpn_id`` and ``microsoft_partner_id`` are a sub-reseller's, its ids at Microsoft. What a
    sub-reseller's people add is a customer below their own organization.

    Raises:
        InvalidInput: with every field that is wrong.
        Conflict: ``number_taken``; or ``possible_duplicate`` unless ``create_anyway``, with what it
            resembles in ``data["duplicates"]`` and, unless it is made ``from_tenant``, the tenants
            it looks like in ``data["tenants"]``; or ``busy`` while others hold the counter.
    """
    actor.require("organizations.create")
    details = check_organization(
        {
            "name": name,
            "primary_domain": primary_domain,
            "registration_number": registration_number,
            "country": country,
            "notification_email": notification_email,
            "contact_phone": contact_phone,
        }
    )
    mpn_id = check_mpn_id(mpn_id)
    partner_tenant = check_partner_tenant(microsoft_partner_id)
    with transaction.atomic():
        if actor.is_sub_reseller:
            refuse_foreign_words(
                {"number": number, "mpn_id": mpn_id, "microsoft_partner_id": microsoft_partner_id}
            )
            if kind != Organization.Kind.CUSTOMER:
                refuse_foreign_words({"kind": kind})
            parent = parent or get_organization(actor, cast(UUID, actor.organization_id))
        if parent is not None:
            hold_organizations([parent.pk], actor=actor)
        with for_everybody(actor, NUMBERING) as keeper:
            hold_counter(keeper)
        if not create_anyway:
            _refuse_duplicate(details, actor=actor, tenants=not from_tenant)
        number = check_number(number)
        if not number:
            with for_everybody(actor, NUMBERING) as keeper:
                (number,) = take_numbers(1, actor=keeper)
        organization = Organization(
            reseller_id=actor.reseller_id,
            number=number,
            kind=_clean_kind(kind),
            parent=_find_parent(parent, actor=actor),
            mpn_id=mpn_id,
            microsoft_partner_id=partner_tenant,
            **asdict(details),
        )
        _refuse_partner_ids(organization)
        _save_with_number(organization, force_insert=True)
        add_primary_account(organization, account or AccountDetails(), actor=actor)
        audit.record(
            actor,
            "organizations.organization_created",
            organization,
            after=organization_facts(organization),
            organization_id=organization.pk,
        )
        ask_for_suggestions(actor)
        return organization


def change_organization(
    organization: Organization, *, actor: Actor, changes: Mapping[str, Any]
) -> Organization:
    """Change the fields named in ``changes`` (those of `create_organization`); others stay.

    A required field cannot be emptied, but one that an import left empty may stay so while others
    are mended. Nothing is written when nothing differs. Locks the organization.

    Raises:
        InvalidInput: a field is wrong, or the parent lies below the organization.
        Conflict: ``number_taken``, or ``organization_merged``.
    """
    actor.require("organizations.change")
    with transaction.atomic():
        parent = changes.get("parent")
        hold_organizations({organization.pk, *([parent.pk] if parent else [])}, actor=actor)
        get_organization(actor, organization.pk)
        rows = Organization.objects.select_for_update(of=("self",), no_key=True)
        row: Organization = rows.get_visible(actor, pk=organization.pk)
        before = organization_facts(row)
        _apply(row, changes, actor=actor)
        after = organization_facts(row)
        changed = [name for name in after if after[name] != before[name]]
        if not changed:
            return row
        _save_with_number(row, update_fields=[*changed, "changed_at"])
        audit.record(
            actor,
            "organizations.organization_changed",
            row,
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
            organization_id=row.pk,
        )
        ask_for_suggestions(actor)
        return row


def organization_facts(organization: Organization) -> dict[str, Any]:
    """Return what the audit keeps of an organization."""
    facts = {
        name: getattr(organization, name) for name in ("number", *ORGANIZATION_FIELDS, "mpn_id")
    }
    parent, partner = organization.parent_id, organization.microsoft_partner_id
    return {
        **facts,
        "microsoft_partner_id": str(partner) if partner else None,
        "kind": str(organization.kind),
        "parent": str(parent) if parent else None,
    }


def possible_duplicate(found: Lookalikes) -> Conflict:
    """Return the refusal of an organization that resembles others, or tenants nobody has linked."""
    said = []
    if found.organizations:
        named = "; ".join(f"{row.label} ({row.reason})" for row in found.organizations)
        said.append(f"There is an organization like this already: {named}.")
    if found.tenants:
        named = "; ".join(f"{row.tenant.name} ({row.reason})" for row in found.tenants)
        said.append(f"It looks like a tenant that is not linked: {named}.")
    return Conflict(
        f"{' '.join(said)} Use what is there, or say that you want to create another one.",
        code=POSSIBLE_DUPLICATE,
        data=found.as_data(),
    )


def _refuse_duplicate(details: OrganizationDetails, *, actor: Actor, tenants: bool) -> None:
    found = find_lookalikes(
        actor,
        name=details.name,
        primary_domain=details.primary_domain,
        registration_number=details.registration_number,
        tenants=tenants,
    )
    if found:
        raise possible_duplicate(found)


def _apply(row: Organization, changes: Mapping[str, Any], *, actor: Actor) -> None:
    unknown = set(changes) - {*ORGANIZATION_FIELDS, *THE_PROVIDERS}
    if unknown:
        raise LookupError(f"An organization has no {', '.join(sorted(unknown))}.")
    if actor.is_sub_reseller:
        refuse_foreign_words(
            {
                name: True
                for name in THE_PROVIDERS
                if name in changes and (changes[name] or "") != (getattr(row, name) or "")
            }
        )
    texts = {name: getattr(row, name) for name in ORGANIZATION_FIELDS}
    texts |= {name: changes[name] for name in ORGANIZATION_FIELDS if name in changes}
    required = {name for name in REQUIRED_BY_PEOPLE if name in changes or getattr(row, name)}
    details = check_organization(texts, required=required)
    for name, value in asdict(details).items():
        setattr(row, name, value)
    if "number" in changes:
        row.number = check_number(changes["number"]) or row.number
    if "kind" in changes:
        row.kind = _clean_kind(changes["kind"])
        _refuse_orphans(row, actor=actor)
    if "mpn_id" in changes:
        row.mpn_id = check_mpn_id(changes["mpn_id"])
    if "microsoft_partner_id" in changes:
        row.microsoft_partner_id = check_partner_tenant(changes["microsoft_partner_id"])
    _refuse_partner_ids(row)
    if "parent" in changes:
        row.parent = _find_parent(changes["parent"], actor=actor)
        _refuse_loop(row, actor=actor)


def refuse_foreign_words(said: Mapping[str, Any]) -> None:
    """Refuse what of ``said`` is not empty: only the provider's own people may say it."""
    wrong = {name: ["Only your provider can set this."] for name, value in said.items() if value}
    if wrong:
        raise InvalidInput(NOT_VALID, fields=wrong)


def _refuse_partner_ids(row: Organization) -> None:
    """Only a sub-reseller is somebody at Microsoft."""
    if row.kind == Organization.Kind.SUB_RESELLER:
        return
    refusal = ["Only a sub-reseller has one."]
    named = {"mpn_id": row.mpn_id, "microsoft_partner_id": row.microsoft_partner_id}
    wrong = {name: refusal for name, value in named.items() if value}
    if wrong:
        raise InvalidInput(NOT_VALID, fields=wrong)


def _clean_kind(kind: str) -> str:
    if kind not in Organization.Kind.values:
        choices = ", ".join(Organization.Kind.values)
        raise InvalidInput(NOT_VALID, fields={"kind": [f"Use one of: {choices}."]})
    return kind


def _find_parent(parent: Organization | None, *, actor: Actor) -> Organization | None:
    """Return the parent as the actor may see it; only a sub-reseller has customers of its own."""
    if parent is None:
        return None
    row = get_organization(actor, parent.pk)
    if row.kind != Organization.Kind.SUB_RESELLER:
        raise InvalidInput(
            NOT_VALID,
            fields={"parent": [f"{row} is not a sub-reseller, so nothing can belong to it."]},
        )
    return row


def _refuse_orphans(row: Organization, *, actor: Actor) -> None:
    """A sub-reseller stays one while organizations or people of its own belong to it."""
    if row.kind == Organization.Kind.SUB_RESELLER:
        return
    people = Membership.objects.visible_to(actor).filter(organization_id=row.pk)
    if people.filter(role__in=SUB_RESELLER_ROLES).exists():
        raise InvalidInput(
            NOT_VALID,
            fields={"kind": [f"People work for {row} as a sub-reseller; remove them first."]},
        )
    if organizations(actor).filter(parent=row).exists():
        raise InvalidInput(
            NOT_VALID,
            fields={"kind": [f"Organizations belong to {row}; move them elsewhere first."]},
        )


def _refuse_loop(row: Organization, *, actor: Actor) -> None:
    above = row.parent
    for _ in range(DEEPEST_TREE):
        if above is None:
            return
        if above.pk == row.pk:
            break
        above = get_organization(actor, above.parent_id) if above.parent_id else None
    raise InvalidInput(
        NOT_VALID,
        fields={"parent": [f"{row.parent} belongs to {row} itself, or the tree is too deep."]},
    )


def _save_with_number(row: Organization, **options: Any) -> None:
    """Save, and name the number if another organization has it."""
    try:
        with transaction.atomic():
            row.save(**options)
    except IntegrityError as error:
        for name, words in ONE_PER_PARTNER.items():
            if name in str(error):
                field, said = words
                raise Conflict(said, code="partner_taken", fields={field: [said]}) from error
        if ONE_PER_NUMBER not in str(error):
            raise
        taken = f"Another organization has the number {row.number}."
        raise Conflict(taken, code="number_taken", fields={"number": [taken]}) from error
