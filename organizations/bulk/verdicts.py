"""What would become of a tenant now, in the words in which linking would say it.

The rules are those of `organizations.linking`; here they are asked of 2,000 tenants at a time, with
nothing locked, so that a preview costs a few statements and keeps nobody waiting.

An ignored tenant can be linked, which ends that; but only if the person who links many saw it. So
``ignored`` is a verdict of its own that whoever plans may pass over, and it is the last that is
asked for: nothing else speaks against that tenant.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from organizations.directory.models import Account
from organizations.directory.queries import mergers_of
from organizations.ignoring.models import IgnoredTenant
from organizations.ignoring.queries import ignores_by_tenant
from organizations.linking.models import Link
from organizations.linking.queries import live_links
from organizations.linking.refusals import (
    connection_incomplete,
    is_incomplete,
    left_out,
    linked_elsewhere,
)
from portal.core.access import Actor
from portal.core.errors import Conflict, PortalError
from tenants.connections.models import Connection
from tenants.connections.queries import connections
from tenants.discovery.models import Tenant


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a tenant is not linked, in a word and a sentence; both empty when it can be."""

    code: str = ""
    detail: str = ""

    def __bool__(self) -> bool:
        return bool(self.code)

    @classmethod
    def of(cls, refusal: PortalError) -> "Verdict":
        """Return what linking itself says."""
        return cls(refusal.code, refusal.detail)


ASKED = ("reseller_id", "name", "connection_id", "is_linked", "is_ignored")
IGNORED = "ignored"
LINKABLE = Verdict()
NO_TENANT = Verdict("unknown_tenant", "There is no such tenant.")
NO_ORGANIZATION = Verdict(
    "unknown_organization", "There is no such organization, or it has no account."
)


@dataclass(frozen=True, slots=True)
class Situation:
    """Some tenants and organizations as they stand: what holds of the tenants, primary accounts."""

    tenants: Mapping[UUID, Tenant]
    live: Mapping[UUID, Link]
    accounts: Mapping[UUID, UUID]
    merged: Mapping[UUID, Conflict]
    ignored: Mapping[UUID, IgnoredTenant]
    incomplete: Mapping[UUID, Connection]

    def judge(self, tenant_id: UUID | None, organization_id: UUID | None) -> Verdict:
        """Say what would keep a tenant from being linked to an organization."""
        tenant = self.tenants.get(tenant_id) if tenant_id else None
        if tenant is None:
            return NO_TENANT
        if organization_id and organization_id in self.merged:
            return Verdict.of(self.merged[organization_id])
        account_id = self.accounts.get(organization_id) if organization_id else None
        if account_id is None:
            return NO_ORGANIZATION
        live = self.live.get(tenant.pk)
        if live is not None and live.account_id == account_id:
            return Verdict(
                "linked_already",
                f"{tenant.name} is linked to {live.organization.name} already.",
            )
        return self.judge_free(tenant)

    def judge_free(self, tenant: Tenant) -> Verdict:
        """Say what keeps a tenant from being linked to anything."""
        live = self.live.get(tenant.pk)
        if live is not None:
            return Verdict.of(linked_elsewhere(tenant.name, live))
        connection = self.incomplete.get(tenant.connection_id)
        if connection is not None:
            return Verdict.of(connection_incomplete(connection))
        if tenant.pk in self.ignored:
            return Verdict.of(left_out(tenant.name, self.ignored[tenant.pk]))
        return LINKABLE


def situation_of(
    tenant_ids: Collection[UUID],
    organization_ids: Collection[UUID],
    *,
    actor: Actor,
    whole: bool = False,
) -> Situation:
    """Read how some tenants and organizations stand (3 queries, and at most 4 more).

    More where tenants are linked or ignored, or organizations have no account or were merged.
    ``whole``: with all that is known of the tenants, and not only what linking asks.
    """
    rows = Tenant.objects.visible_to(actor)
    rows = rows if whole else rows.only(*ASKED)
    tenants = rows.in_bulk(list(tenant_ids))
    return situation_with(tenants, organization_ids, actor=actor)


def situation_with(
    tenants: Mapping[UUID, Tenant], organization_ids: Collection[UUID], *, actor: Actor
) -> Situation:
    """Read what surrounds tenants that are read already, perhaps locked."""
    linked = [tenant.pk for tenant in tenants.values() if tenant.is_linked]
    ignored = [tenant.pk for tenant in tenants.values() if tenant.is_ignored]
    rows = live_links(actor).filter(tenant__in=linked) if linked else ()
    primary = Account.objects.visible_to(actor).filter(
        organization__in=list(organization_ids), is_primary=True
    )
    accounts: dict[UUID, UUID] = dict(primary.values_list("organization_id", "pk"))
    return Situation(
        tenants=tenants,
        live={link.tenant_id: link for link in rows},
        accounts=accounts,
        merged=mergers_of(set(organization_ids) - set(accounts), actor=actor),
        ignored=ignores_by_tenant(ignored, actor=actor),
        incomplete={row.pk: row for row in connections(actor) if is_incomplete(row)},
    )
