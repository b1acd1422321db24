"""Changing the accounts of an organization.

Exactly one account is the primary one: links and invoices fall to it when nobody says otherwise.
Making another one primary takes that from the former in the same transaction.
"""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from django.db import transaction

from organizations.directory.details import ACCOUNT_FIELDS, AccountDetails, check_account
from organizations.directory.holding import hold_organizations
from organizations.directory.models import Account, Organization
from organizations.directory.queries import accounts_of, get_account, get_organization
from portal.core import audit
from portal.core.access import Actor
from portal.core.errors import InvalidInput
from portal.core.identity.models import Reseller


def create_account(
    organization: Organization, *, actor: Actor, details: AccountDetails, make_primary: bool = False
) -> Account:
    """Add an account; the first one of an organization is its primary. Locks the organization.

    Raises:
        InvalidInput: with every field that is wrong; name and currency are required.
    """
    actor.require("organizations.change")
    checked = check_account(details)
    with transaction.atomic():
        owner = _lock_organization(organization, actor=actor)
        primary = accounts_of(owner, actor).filter(is_primary=True)
        if make_primary:
            primary.update(is_primary=False)
        row = Account(
            reseller_id=actor.reseller_id,
            organization=owner,
            is_primary=make_primary or not primary.exists(),
            **asdict(checked),
        )
        row.save(force_insert=True)
        audit.record(
            actor,
            "organizations.account_created",
            row,
            after=account_facts(row),
            organization_id=owner.pk,
        )
        return row


def change_account(account: Account, *, actor: Actor, changes: Mapping[str, Any]) -> Account:
    """Change the fields named in ``changes``: those of `AccountDetails`, and ``is_primary``.

    Nothing is written when nothing differs. Locks the organization, then the account.

    Raises:
        InvalidInput: a field is wrong, or the primary account would stop being it; make another
            one primary instead.
    """
    actor.require("organizations.change")
    unknown = set(changes) - {*ACCOUNT_FIELDS, "is_primary"}
    if unknown:
        raise LookupError(f"An account has no {', '.join(sorted(unknown))}.")
    with transaction.atomic():
        owner = _lock_organization(account.organization, actor=actor)
        row = get_account(actor, account.pk)
        before = account_facts(row)
        texts = {name: changes.get(name, getattr(row, name)) for name in ACCOUNT_FIELDS}
        for name, value in asdict(check_account(texts)).items():
            setattr(row, name, value)
        _move_primary(row, owner, changes.get("is_primary", row.is_primary), actor=actor)
        after = account_facts(row)
        changed = [name for name in after if after[name] != before[name]]
        if changed:
            row.save(update_fields=changed)
            audit.record(
                actor,
                "organizations.account_changed",
                row,
                before={name: before[name] for name in changed},
                after={name: after[name] for name in changed},
                organization_id=owner.pk,
            )
        return row


def add_primary_account(
    organization: Organization, details: AccountDetails, *, actor: Actor
) -> Account:
    """Add the account a new organization begins with; its own audit event says enough."""
    known = {name: value for name, value in asdict(details).items() if value}
    row = Account(
        reseller_id=actor.reseller_id,
        organization=organization,
        is_primary=True,
        **asdict(check_account(replace(inherited_account(organization, actor=actor), **known))),
    )
    row.save(force_insert=True)
    return row


def inherited_account(organization: Organization, *, actor: Actor) -> AccountDetails:
    """Return what an account is when nobody says otherwise (1 query, for the currency)."""
    return AccountDetails(
        name=organization.name,
        email=organization.notification_email,
        phone=organization.contact_phone,
        country=organization.country,
        currency=Reseller.objects.values_list("currency", flat=True).get(pk=actor.reseller_id),
    )


def account_facts(account: Account) -> dict[str, Any]:
    """Return what the audit keeps of an account."""
    return {name: getattr(account, name) for name in (*ACCOUNT_FIELDS, "is_primary")}


def _lock_organization(organization: Organization, *, actor: Actor) -> Organization:
    """Lock the organization: two accounts that become primary at once meet here."""
    hold_organizations([organization.pk], actor=actor)
    visible = get_organization(actor, organization.pk)
    rows = Organization.objects.select_for_update(of=("self",), no_key=True)
    locked: Organization = rows.get_visible(actor, pk=visible.pk)
    return locked


def _move_primary(row: Account, owner: Organization, wanted: bool, *, actor: Actor) -> None:
    if row.is_primary and not wanted:
        raise InvalidInput(
            "Some fields are not valid.",
            fields={"is_primary": ["Make another account the primary one instead."]},
        )
    if wanted and not row.is_primary:
        accounts_of(owner, actor).filter(is_primary=True).update(is_primary=False)
        row.is_primary = True
