"""What the start page shows whom: the figures that call for something to be done, and no others."""

from dataclasses import dataclass, field

from billing.invoices.queries import invoices
from billing.reports.lines import MonthTotal
from billing.reports.queries import months
from organizations.alert.queries import UnlinkedAlert, unlinked_alert
from organizations.directory.models import Organization
from organizations.directory.queries import organizations
from organizations.linking.queries import visible_tenants
from portal.core.access import Actor
from portal.core.jobs.models import Job
from portal.core.jobs.queries import jobs
from tenants.connections.models import Connection
from tenants.connections.queries import connections
from tenants.discovery.models import Tenant

NEWEST = 5
CHART_MONTHS = 12
TROUBLED = (Job.State.FAILED, Job.State.NEEDS_PERSON)


@dataclass(frozen=True, slots=True)
class StaffOverview:
    """The start page of a reseller's people; what a role may not see stays empty."""

    connections: list[Connection]
    alert: UnlinkedAlert
    organizations: list[Organization]
    running: list[Job]
    troubled: list[Job]
    months: list[MonthTotal] = field(default_factory=list)
    has_invoices: bool = False

    @property
    def is_new(self) -> bool:
        """Whether the path from connecting to billing has not been walked to its end yet."""
        return not self.connections or not self.alert.known or not self.has_invoices


@dataclass(frozen=True, slots=True)
class CustomerOverview:
    """The start page of a customer's people: their organization, and no cost."""

    organization: Organization
    tenants: list[Tenant]


@dataclass(frozen=True, slots=True)
class SubResellerOverview:
    """The start page of a sub-reseller's people: their customers and tenants, and no cost."""

    organization: Organization
    organizations: list[Organization]
    customers: int
    tenants: int
    waiting: list[Tenant]


def sub_reseller_overview(actor: Actor) -> SubResellerOverview:
    """Return the figures of a sub-reseller's tree (5 queries)."""
    actor.require("start.view")
    own: Organization = organizations(actor).get_visible(actor, pk=actor.organization_id)
    below = organizations(actor).exclude(pk=own.pk)
    seen = visible_tenants(actor)
    return SubResellerOverview(
        organization=own,
        organizations=list(below.order_by("-created_at", "id")[:NEWEST]),
        customers=below.count(),
        tenants=seen.count(),
        waiting=list(seen.filter(is_linked=False).order_by("name", "id")[:NEWEST]),
    )


def staff_overview(actor: Actor) -> StaffOverview:
    """Return the figures for staff (at most 9 queries, whatever there is)."""
    actor.require("start.view")
    open_jobs = jobs(actor).filter(state__in=Job.OPEN)
    troubled = jobs(actor).filter(state__in=TROUBLED)
    may_see_money = actor.may("reports.view")
    return StaffOverview(
        connections=list(connections(actor)),
        alert=unlinked_alert(actor),
        organizations=list(organizations(actor).order_by("-created_at", "id")[:NEWEST]),
        running=list(open_jobs[:NEWEST]),
        troubled=list(troubled[:NEWEST]),
        months=months(actor, limit=CHART_MONTHS) if may_see_money else [],
        has_invoices=not may_see_money or invoices(actor).exists(),
    )


def customer_overview(actor: Actor) -> CustomerOverview:
    """Return a customer's own organization and its tenants (2 queries)."""
    actor.require("start.view")
    organization: Organization = organizations(actor).get_visible(actor, pk=actor.organization_id)
    return CustomerOverview(organization, list(visible_tenants(actor).order_by("name", "id")))
