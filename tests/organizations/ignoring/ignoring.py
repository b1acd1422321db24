"""Short ways to ignore, to be billed, and to look at what came of it."""

from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from organizations.ignoring.models import IgnoredTenant
from organizations.ignoring.operations import ignore_tenant
from portal.core.access import acting, system_actor
from tenants.discovery.models import Tenant
from tenants.discovery.operations import note_billing
from tenants.discovery.queries import Tally, tally_of
from tests.organizations.linking.scene import Scene, at_work

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)


def days(count: int) -> date:
    """Return the day so many days from today."""
    return timezone.localdate() + timedelta(days=count)


def ignore(
    scene: Scene,
    tenant: Tenant | None = None,
    *,
    kind: str = "test",
    reason: str = "For trying things out",
    until: date | None = None,
) -> IgnoredTenant:
    """Ignore a tenant as the operator does."""
    with acting(scene.operator.actor) as actor:
        return ignore_tenant(
            tenant or scene.tenant, actor=actor, kind=kind, reason=reason, until=until
        )


def bill(tenant: Tenant, amount: str, month: date) -> None:
    """Note what a tenant was billed, as an import does before it looks for the ignored."""
    actor = system_actor(tenant.reseller_id, "tests")
    with at_work(actor):
        note_billing([(tenant.microsoft_id, Decimal(amount), "EUR", month)], actor=actor)


def decisions(tenant: Tenant) -> list[IgnoredTenant]:
    """Return every decision about a tenant, oldest first."""
    with at_work(system_actor(tenant.reseller_id, "tests")):
        return list(IgnoredTenant.objects.filter(tenant=tenant).order_by("begins_at", "id"))


def tally(scene: Scene) -> Tally:
    system = system_actor(scene.reseller.pk, "tests")
    with at_work(system):
        return tally_of(system)
