"""A believable state of affairs for a named world: some linked, some not, months billed."""

import itertools
from collections.abc import Callable
from typing import Any

from django.db import transaction

from billing.invoices.operations import import_invoices
from organizations.directory.models import Organization
from organizations.directory.operations import create_organization
from organizations.linking.operations import create_organization_from_tenant, link_tenant
from portal.core.access import Actor
from portal.core.errors import Conflict, InvalidInput
from portal.core.jobs import worker
from portal.core.jobs.models import Job
from portal.demo.errors import DemoError
from portal.demo.worked import link_together
from tenants.connections.models import Connection
from tenants.discovery.models import Tenant
from tenants.discovery.operations import read_details

MOST = 60
LINK, KNOW, LEAVE = "link", "know", "leave"
PATTERN = (LINK, LINK, LEAVE, LINK, KNOW)
"""Of five tenants three are linked, one has an organization to be linked to, one has none."""
ONE_BY_ONE = 28
"""Tenants linked by hand; the others of the sample are linked by one bulk link."""
PHONE = "+31 20 794 0800"


def link_sample(*, own: Organization | None, actor: Actor, say: Callable[[str], None]) -> None:
    """Make organizations and links for the first tenants, unless that was done before."""
    with transaction.atomic():
        if Tenant.objects.visible_to(actor).filter(is_linked=True).exists():
            return
        # Not those known from an invoice alone: Partner Center has no details of them.
        known = Tenant.objects.visible_to(actor).exclude(relationship="")
        rows = list(known.order_by("name")[:MOST])
    made = {LINK: 0, KNOW: 0, LEAVE: 0}
    together: list[Tenant] = []
    for tenant, wanted in zip(rows, itertools.cycle(PATTERN), strict=False):
        what = wanted
        if what == LINK and own is not None and not made[LINK]:
            link_tenant(tenant, actor=actor, organization=own, how="manual")
        elif what != LEAVE:
            at_once = what == LINK and made[LINK] < ONE_BY_ONE
            if not _make_organization(tenant, linked=at_once, actor=actor):
                what = LEAVE
            elif what == LINK and not at_once:
                together.append(tenant)
        made[what] += 1
    linked = link_together(together, actor=actor)
    made[LINK] -= len(together) - linked
    made[KNOW] += len(together) - linked
    say(f"  {made[LINK]} tenants linked, {made[KNOW] + made[LEAVE]} left to link")


def _make_organization(tenant: Tenant, *, linked: bool, actor: Actor) -> bool:
    """Make a tenant's organization; one whose details do not suffice stays for a person to link."""
    detailed = read_details(tenant, actor=actor)
    values: dict[str, Any] = {
        "name": detailed.name[:200],
        "primary_domain": detailed.domain,
        "country": detailed.country,
        "registration_number": detailed.registration_number,
        "notification_email": detailed.email or f"office@{detailed.domain}",
        "contact_phone": detailed.phone or PHONE,
    }
    try:
        if linked:
            create_organization_from_tenant(detailed, actor=actor, values=values)
        else:
            # It looks like the tenant on purpose: a suggestion shall find it.
            create_organization(actor=actor, create_anyway=True, **values)
    except (InvalidInput, Conflict):
        return False
    return True


def import_sample(connection: Connection, *, actor: Actor, say: Callable[[str], None]) -> None:
    """Import every invoice the simulated Partner Center has: the last three months."""
    job = import_invoices(connection, actor=actor)
    worker.run_job(job.pk)
    with transaction.atomic():
        ended = Job.objects.get(pk=job.pk)
    if ended.state != Job.State.DONE:
        raise DemoError(f"The invoices were not imported: {ended.error or ended.state}")
    say("  Invoices imported")
