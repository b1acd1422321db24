"""Linking one tenant, moving it, and taking it back.

The books are held and the tenant's row is locked before anything is decided, so that two people who
link the same tenant meet here one after the other, and nobody closes a month meanwhile. The rules
of the database stay the judge should a writer ever come without the locks. Whoever comes second is
told who was quicker. What the tenants floor must know, whether a tenant is linked at all, is
written down to it in the same transaction.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from organizations.directory.details import ORGANIZATION_FIELDS, AccountDetails
from organizations.directory.holding import hold_organizations
from organizations.directory.models import Account, Organization
from organizations.directory.operations import create_organization
from organizations.ignoring.operations import end_linked_ignores
from organizations.linking.models import Link
from organizations.linking.periods import (
    beginning,
    cut,
    day_of_change,
    nothing,
)
from organizations.linking.queries import first_free_day, live_links
from organizations.linking.refusals import (
    already_ended,
    closed_since,
    connection_incomplete,
    is_incomplete,
    linked_elsewhere,
    moved_meanwhile,
    not_linked,
)
from organizations.linking.targets import account_of
from organizations.linking.writing import (
    begin_link,
    end_link,
    lock_tenant,
    record_begin,
    record_end,
    tell_linked,
)
from organizations.suggestions.asking import ask_for_suggestions
from portal.core.access import Actor
from portal.core.books import hold_books
from portal.core.errors import InvalidInput
from tenants.discovery.models import Tenant

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

    The link owns every month since the tenant's last link ended, as far as they are not closed; a
    first one all of them. The same link again changes nothing and returns the live one. Holds the
    books and locks the tenant's row.

    Raises:
        Conflict: linked to another account already; says to whom, by whom and when. Or
            ``organization_merged``: it was merged into another.
        NotReady: its connection's set-up is not done, or the organization has no account.
        InvalidInput: neither organization nor account is given, or they do not belong together.
    """
    actor.require("tenants.link")
    with transaction.atomic():
        closed = hold_books(actor)
        locked = lock_tenant(tenant, actor=actor)
        target = account_of(organization, account, actor=actor)
        live = live_links(actor).filter(tenant=locked).first()
        if live and live.account_id == target.pk:
            return live
        _refuse_unless_free(locked, live)
        return _link_free(locked, target, actor=actor, how=how, why=why.strip(), closed=closed)


def move_tenant(
    tenant: Tenant,
    *,
    actor: Actor,
    organization: Organization | None = None,
    account: Account | None = None,
    starts_on: date | None = None,
    why: str = "",
    seen: UUID | None = None,
) -> Link:
    """Move a linked tenant to another account from a day on, and return the link that holds now.

    Months whose first day comes before ``starts_on`` stay with the link before; None is the first
    day of the first open month. A day that the link before never reached moves all it owns. Moving
    to where the tenant is changes nothing. ``seen`` is the live link the mover decided on, so that
    somebody who was quicker is not overruled unseen. Holds the books and locks the tenant's row.

    Raises:
        InvalidInput: no target, the reason is too long, or the day is in a closed month or later
            than the first of next month (``fields["from"]``).
        Conflict: the tenant is not linked, or not by the link that was ``seen`` any more.
        NotFound: ``seen`` is no link of the tenant.
        NotReady: the organization has no account.
    """
    actor.require("tenants.unlink")
    actor.require("tenants.link")
    why = _short_enough(why.strip())
    with transaction.atomic():
        closed = hold_books(actor)
        locked = lock_tenant(tenant, actor=actor)
        target = account_of(organization, account, actor=actor)
        live = live_links(actor).filter(tenant=locked).first()
        if live is None:
            raise not_linked(locked)
        if live.account_id == target.pk:
            return live
        if seen and live.pk != seen:
            Link.objects.get_visible(actor, pk=seen, tenant=locked)
            raise moved_meanwhile(locked, live)
        day = day_of_change(starts_on, closed=closed)
        return _replace(
            locked,
            live,
            target,
            actor=actor,
            day=day,
            how=Link.How.MOVED,
            why=why,
            action="organizations.tenant_moved",
        )


def unlink_tenant(
    tenant: Tenant, *, actor: Actor, reason: str, ends_on: date | None = None
) -> Link:
    """End the live link of a tenant and return it.

    Months whose first day comes before ``ends_on`` stay with it and the rest belong to nobody; None
    is the first day of the first open month, so that what is closed stays and what is open goes.

    Raises:
        InvalidInput: the reason is empty or longer than 500 characters, or the day is in a closed
            month or later than the first of next month (``fields["from"]``).
        Conflict: the tenant has no live link.
    """
    actor.require("tenants.unlink")
    reason = reason.strip()
    if not reason:
        raise InvalidInput(
            "Say why the tenant is unlinked.", fields={"reason": ["Say why; the history keeps it."]}
        )
    _short_enough(reason)
    with transaction.atomic():
        closed = hold_books(actor)
        locked = lock_tenant(tenant, actor=actor)
        live = live_links(actor).filter(tenant=locked).first()
        if live is None:
            raise not_linked(locked)
        kept, _ = cut(live.period, day_of_change(ends_on, closed=closed))
        end_link(live, actor=actor, reason=reason, period=kept)
        record_end(locked, live, actor=actor, action="organizations.tenant_unlinked")
        ask_for_suggestions(actor)
    return live


def undo_link(link: Link, *, actor: Actor) -> Link:
    """Take back a wrong link while it is live: it ends, marked as never meant, and owns nothing.

    The link it took the tenant from gets it back, as a new link with the same period; without one
    the tenant is free again. Undoing what is undone changes nothing, so a double press is harmless.

    Raises:
        Conflict: somebody ended the link before, or a month it owns was closed since.
    """
    actor.require("tenants.unlink")
    with transaction.atomic():
        closed = hold_books(actor)
        locked = lock_tenant(link.tenant, actor=actor)
        rows = Link.objects.select_related("organization", "replaces__account__organization")
        current: Link = rows.get_visible(actor, pk=link.pk)
        if current.undone:
            return current
        if not current.is_live:
            raise already_ended(locked, current)
        owned = current.period
        if closed and (owned.lower is None or owned.lower < closed):
            raise closed_since(locked, current, closed)
        former, given_back = current.replaces, None
        end_link(current, actor=actor, reason="Undone", period=nothing(), undone=True)
        if former:
            # With its account: organizations may have been merged since, and it went over.
            account = former.account
            hold_organizations([account.organization_id], actor=actor)
            given_back = begin_link(
                locked,
                account,
                actor=actor,
                how=Link.How.UNDO,
                why="",
                period=owned,
                replaces=current,
            )
        record_end(
            locked, current, actor=actor, action="organizations.link_undone", after=given_back
        )
        ask_for_suggestions(actor)
    return current


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
        closed = hold_books(actor)
        locked = lock_tenant(tenant, actor=actor)
        _refuse_unless_free(locked, live_links(actor).filter(tenant=locked).first())
        # Before the organization is made: its audit locks the end of the chain, which comes last.
        tell_linked([locked.pk], actor=actor)
        texts: dict[str, Any] = {
            name: values.get(name, "") for name in (*ORGANIZATION_FIELDS, "number")
        }
        organization = create_organization(
            actor=actor,
            account=account,
            create_anyway=create_anyway,
            from_tenant=True,
            **texts,
        )
        target = account_of(organization, None, actor=actor)
        return _link_free(locked, target, actor=actor, how=Link.How.CREATED, why="", closed=closed)


def refuse_linked(tenant: Tenant, *, actor: Actor) -> None:
    """Raise what linking would raise, before work is done for nothing; it decides nothing."""
    current = Tenant.objects.select_related("connection").get_visible(actor, pk=tenant.pk)
    _refuse_unless_free(current, live_links(actor).filter(tenant=current).first())


def _refuse_unless_free(tenant: Tenant, live: Link | None) -> None:
    if live:
        raise linked_elsewhere(tenant.name, live)
    if is_incomplete(tenant.connection):
        raise connection_incomplete(tenant.connection)


def _link_free(
    tenant: Tenant, account: Account, *, actor: Actor, how: str, why: str, closed: date | None
) -> Link:
    tell_linked([tenant.pk], actor=actor)
    period = beginning(first_free_day(tenant, actor=actor, closed=closed))
    link = begin_link(tenant, account, actor=actor, how=how, why=why, period=period)
    record_begin(tenant, link, actor=actor)
    if tenant.is_ignored:
        end_linked_ignores([tenant.pk], actor=actor)
    return link


def _replace(
    tenant: Tenant,
    live: Link,
    account: Account,
    *,
    actor: Actor,
    day: date | None,
    how: str,
    why: str,
    action: str,
) -> Link:
    kept, taken = cut(live.period, day)
    reason = f"Moved to {account.organization.name}"
    end_link(live, actor=actor, reason=reason, period=kept)
    link = begin_link(tenant, account, actor=actor, how=how, why=why, period=taken, replaces=live)
    record_end(tenant, live, actor=actor, action=action, after=link)
    return link


def _short_enough(reason: str) -> str:
    if len(reason) > REASON_LENGTH:
        raise InvalidInput(
            "The reason is too long.",
            fields={"reason": [f"Use at most {REASON_LENGTH} characters."]},
        )
    return reason
