"""Linking one tenant, and taking it back.

The tenant's row is locked before anything is decided, so that two people who link the same tenant
meet here one after the other; the unique index over live links stays the judge should a writer ever
come without the lock. Whoever comes second is told who was quicker. What the tenants floor must
know, whether a tenant is linked at all, is written down to it in the same transaction.
"""

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from organizations.directory.details import ORGANIZATION_FIELDS, AccountDetails
from organizations.directory.models import Account, Organization
from organizations.directory.operations import create_organization
from organizations.linking.models import Link
from organizations.linking.queries import live_links
from organizations.linking.refusals import (
    already_ended,
    connection_incomplete,
    is_incomplete,
    linked_elsewhere,
    not_linked,
)
from portal.core import audit
from portal.core.access import Actor
from portal.core.errors import InvalidInput, NotReady
from tenants.discovery.models import Tenant
from tenants.discovery.operations import mark_linked

ONE_LIVE_LINK = "organizations_link_one_live"
REASON_LENGTH = 500


def link_tenant(
    tenant: Tenant,
    *,
    actor: Actor,
    organization: Organization | None = None,
    account: Account | None = None,
    how: str = Link.How.MANUAL,
    why: str = "",
) -> Link:
    """Link a tenant to an account, or to the primary account of an organization.

    The same link again changes nothing and returns the live one. Locks the tenant's row.

    Raises:
        Conflict: linked to another account already; says to whom, by whom and when.
        NotReady: its connection's set-up is not done, or the organization has no account.
        InvalidInput: neither organization nor account is given, or they do not belong together.
    """
    actor.require("tenants.link")
    with transaction.atomic():
        locked = lock_tenant(tenant, actor=actor)
        target = _account_of(organization, account, actor=actor)
        live = live_links(actor).filter(tenant=locked).first()
        if live and live.account_id == target.pk:
            return live
        _refuse_unless_free(locked, live)
        mark_linked([locked.pk], actor=actor, linked=True)
        return _begin(locked, target, actor=actor, how=how, why=why.strip())


def unlink_tenant(tenant: Tenant, *, actor: Actor, reason: str) -> Link:
    """End the live link of a tenant and return it; what was billed under it stays.

    Raises:
        InvalidInput: the reason is empty or longer than 500 characters.
        Conflict: the tenant has no live link.
    """
    actor.require("tenants.unlink")
    reason = reason.strip()
    if not reason:
        raise InvalidInput(
            "Say why the tenant is unlinked.", fields={"reason": ["Say why; the history keeps it."]}
        )
    if len(reason) > REASON_LENGTH:
        raise InvalidInput(
            "The reason is too long.",
            fields={"reason": [f"Use at most {REASON_LENGTH} characters."]},
        )
    with transaction.atomic():
        locked = lock_tenant(tenant, actor=actor)
        live = live_links(actor).filter(tenant=locked).first()
        if live is None:
            raise not_linked(locked)
        _end(live, actor=actor, reason=reason, undone=False)
        _record_end(locked, live, actor=actor, action="organizations.tenant_unlinked")
    return live


def undo_link(link: Link, *, actor: Actor) -> Link:
    """Take back a wrong link while it is live: it ends, marked as never meant.

    Undoing what is undone changes nothing, so a double press is harmless.

    Raises:
        Conflict: somebody ended the link before.
    """
    actor.require("tenants.unlink")
    with transaction.atomic():
        locked = lock_tenant(link.tenant, actor=actor)
        current = Link.objects.select_related("organization").get_visible(actor, pk=link.pk)
        if current.undone:
            return cast(Link, current)
        if not current.is_live:
            raise already_ended(locked, current)
        _end(current, actor=actor, reason="Undone", undone=True)
        _record_end(locked, current, actor=actor, action="organizations.link_undone")
    return cast(Link, current)


def create_organization_from_tenant(
    tenant: Tenant,
    *,
    actor: Actor,
    values: Mapping[str, str],
    account: AccountDetails | None = None,
    create_anyway: bool = False,
) -> Link:
    """Create an organization out of ``values`` and link the tenant to it: both, or neither.

    ``values`` and ``account`` are what `create_organization` takes. The tenant is locked first, so
    one that somebody else has just linked costs no organization and no number.

    Raises:
        InvalidInput: with every field of the organization that is wrong.
        Conflict: the tenant is linked already, the number is taken, or the organization resembles
            another one (``possible_duplicate``) and ``create_anyway`` is not said.
        NotReady: the set-up of the tenant's connection is not done.
    """
    actor.require("tenants.link")
    actor.require("organizations.create")
    with transaction.atomic():
        locked = lock_tenant(tenant, actor=actor)
        _refuse_unless_free(locked, live_links(actor).filter(tenant=locked).first())
        # Before the organization is made: its audit locks the end of the chain, which comes last.
        mark_linked([locked.pk], actor=actor, linked=True)
        texts: dict[str, Any] = {
            name: values.get(name, "") for name in (*ORGANIZATION_FIELDS, "number")
        }
        organization = create_organization(
            actor=actor, account=account, create_anyway=create_anyway, **texts
        )
        target = _account_of(organization, None, actor=actor)
        return _begin(locked, target, actor=actor, how=Link.How.CREATED, why="")


def refuse_linked(tenant: Tenant, *, actor: Actor) -> None:
    """Raise what linking would raise, before work is done for nothing; it decides nothing."""
    current = Tenant.objects.select_related("connection").get_visible(actor, pk=tenant.pk)
    _refuse_unless_free(current, live_links(actor).filter(tenant=current).first())


def lock_tenant(tenant: Tenant, *, actor: Actor) -> Tenant:
    """Return the tenant as it stands, locked until the transaction ends (its connection is not)."""
    rows = Tenant.objects.select_related("connection").select_for_update(of=("self",), no_key=True)
    return cast(Tenant, rows.get_visible(actor, pk=tenant.pk))


def link_facts(organization: Organization, account_id: UUID, *, how: str) -> dict[str, Any]:
    """Return what the audit keeps of a link."""
    return {
        "organization": organization.name,
        "organization_number": organization.number,
        "account": str(account_id),
        "how": str(how),
    }


def _account_of(
    organization: Organization | None, account: Account | None, *, actor: Actor
) -> Account:
    if account is None and organization is None:
        raise InvalidInput(
            "Choose an organization.", fields={"organization": ["Choose an organization."]}
        )
    rows = Account.objects.visible_to(actor).select_related("organization")
    if account is None:
        found = rows.filter(organization=organization, is_primary=True).first()
        if found is None:
            raise NotReady(
                f"{organization} has no account yet; add one on its page, then link.",
                code="account_missing",
            )
        return cast(Account, found)
    if organization is not None and account.organization_id != organization.pk:
        raise InvalidInput(
            f"The account {account} does not belong to {organization}.",
            fields={"account": ["Choose an account of this organization."]},
        )
    return cast(Account, rows.get_visible(actor, pk=account.pk))


def _refuse_unless_free(tenant: Tenant, live: Link | None) -> None:
    if live:
        raise linked_elsewhere(tenant.name, live)
    if is_incomplete(tenant.connection):
        raise connection_incomplete(tenant.connection)


def _begin(tenant: Tenant, account: Account, *, actor: Actor, how: str, why: str) -> Link:
    link = Link(
        reseller_id=actor.reseller_id,
        tenant=tenant,
        account=account,
        organization=account.organization,
        how=how,
        why=why,
        begins_at=timezone.now(),
        linked_by=actor.label[:250],
    )
    try:
        with transaction.atomic():
            link.save(force_insert=True)
    except IntegrityError as error:
        winner = live_links(actor).filter(tenant=tenant).first()
        if winner is None or ONE_LIVE_LINK not in str(error):
            raise
        raise linked_elsewhere(tenant.name, winner) from error
    audit.record(
        actor,
        "organizations.tenant_linked",
        tenant,
        after=link_facts(link.organization, link.account_id, how=link.how),
        reason=link.why,
        organization_id=link.organization_id,
    )
    return link


def _end(link: Link, *, actor: Actor, reason: str, undone: bool) -> None:
    # Two hosts' clocks differ a little; a link may not end before it began.
    link.ends_at = max(timezone.now(), link.begins_at)
    link.ended_by = actor.label[:250]
    link.end_reason = reason
    link.undone = undone
    link.save(update_fields=["ends_at", "ended_by", "end_reason", "undone"])


def _record_end(tenant: Tenant, link: Link, *, actor: Actor, action: str) -> None:
    mark_linked([tenant.pk], actor=actor, linked=False)
    audit.record(
        actor,
        action,
        tenant,
        before=link_facts(link.organization, link.account_id, how=link.how),
        reason=link.end_reason,
        organization_id=link.organization_id,
    )
