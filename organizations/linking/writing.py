"""How links are written: locked, begun, ended, and told to the tenants floor and the audit.

For the operations of this capability alone; each has decided before it comes here.
"""

from collections.abc import Collection
from typing import Any, Protocol, cast
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from organizations.alert.operations import reopen_tenants, resolve_tenants
from organizations.directory.models import Account
from organizations.linking.models import Link
from organizations.linking.queries import live_links
from organizations.linking.refusals import linked_elsewhere
from portal.core import audit
from portal.core.access import Actor
from tenants.discovery.models import Tenant
from tenants.discovery.operations import mark_linked

ONE_OWNER = ("organizations_link_one_live", "organizations_link_no_overlap")


def lock_tenant(tenant: Tenant, *, actor: Actor) -> Tenant:
    """Return the tenant as it stands, locked until the transaction ends (its connection is not).

    Whoever is going to change its links holds the books before.
    """
    rows = Tenant.objects.select_related("connection").select_for_update(of=("self",), no_key=True)
    return cast(Tenant, rows.get_visible(actor, pk=tenant.pk))


class Owner(Protocol):
    """What the audit says of an organization."""

    @property
    def name(self) -> str: ...

    @property
    def number(self) -> str: ...


def link_facts(
    organization: Owner, account_id: UUID, *, how: str, period: DateRange
) -> dict[str, Any]:
    """Return what the audit keeps of a link."""
    return {
        "organization": organization.name,
        "organization_number": organization.number,
        "account": str(account_id),
        "how": str(how),
        "from": period.lower,
        "until": period.upper,
    }


def facts_of(link: Link) -> dict[str, Any]:
    """Return what the audit keeps of a link that is here as a row."""
    return link_facts(link.organization, link.account_id, how=link.how, period=link.period)


def begin_link(
    tenant: Tenant,
    account: Account,
    *,
    actor: Actor,
    how: str,
    why: str,
    period: DateRange,
    replaces: Link | None = None,
) -> Link:
    """Write a link that holds from now on and return it."""
    link = Link(
        reseller_id=actor.reseller_id,
        tenant=tenant,
        account=account,
        organization=account.organization,
        how=how,
        why=why,
        begins_at=timezone.now(),
        linked_by=actor.label[:250],
        period=period,
        replaces=replaces,
    )
    try:
        with transaction.atomic():
            link.save(force_insert=True)
    except IntegrityError as error:
        winner = live_links(actor).filter(tenant=tenant).first()
        if winner is None or not any(name in str(error) for name in ONE_OWNER):
            raise
        raise linked_elsewhere(tenant.name, winner) from error
    return link


def end_link(
    link: Link, *, actor: Actor, reason: str, period: DateRange, undone: bool = False
) -> None:
    """End a live link; ``period`` is what it still owns."""
    # Two hosts' clocks differ a little; a link may not end before it began.
    link.ends_at = max(timezone.now(), link.begins_at)
    link.ended_by = actor.label[:250]
    link.end_reason = reason
    link.undone = undone
    link.period = period
    link.save(update_fields=["ends_at", "ended_by", "end_reason", "undone", "period"])


def tell_linked(tenant_ids: Collection[UUID], *, actor: Actor) -> None:
    """Write down to the tenants that they are linked, and settle the alerts about them."""
    mark_linked(tenant_ids, actor=actor, linked=True)
    resolve_tenants(tenant_ids, actor=actor, why="Linked")


def tell_unlinked(tenant_ids: Collection[UUID], *, actor: Actor, why: str) -> None:
    """Write down to the tenants that they belong to nobody any more, and bring the alerts back."""
    mark_linked(tenant_ids, actor=actor, linked=False)
    reopen_tenants(tenant_ids, actor=actor, why=why)


def record_begin(tenant: Tenant, link: Link, *, actor: Actor) -> None:
    """Write the audit of a link that began."""
    audit.record(
        actor,
        "organizations.tenant_linked",
        tenant,
        after=facts_of(link),
        reason=link.why,
        organization_id=link.organization_id,
    )


def record_end(
    tenant: Tenant, link: Link, *, actor: Actor, action: str, after: Link | None = None
) -> None:
    """Tell the tenants floor and the audit of a link that ended, or gave way to ``after``."""
    if after is None:
        tell_unlinked([tenant.pk], actor=actor, why=link.end_reason)
    audit.record(
        actor,
        action,
        tenant,
        before=facts_of(link),
        after=facts_of(after) if after else {},
        reason=(after.why if after else "") or link.end_reason,
        organization_id=(after or link).organization_id,
    )
