"""Fills an empty portal with two resellers, each connected to a simulated Partner Center.

Everything goes through the operations a person would use, so what the demo shows is what the
product does. A first start that was interrupted is gone on with: what is there is found. A world of
the user's own is only connected and discovered; the small one gets organizations, links and
invoices besides, so that every page has something to show.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction

import billing.tasks  # noqa: F401  (registers what does the jobs)
import organizations.tasks  # noqa: F401
import tenants.tasks  # noqa: F401
from organizations.directory.models import Organization
from organizations.directory.operations import create_organization
from partnercenter.simulator.worlds import Partner
from portal.core.access import Actor, acting, system_actor
from portal.core.database.scope import IDENTITY, scope
from portal.core.identity.models import Reseller
from portal.core.identity.operations import create_reseller
from portal.core.jobs import worker
from portal.core.jobs.models import Job
from portal.demo.cast import (
    FIRST,
    SECOND,
    SUB_RESELLER,
    Login,
    Persona,
    add_persona,
    write_credentials,
)
from portal.demo.errors import DemoError
from portal.demo.new_customer import add_new_customer
from portal.demo.sample import import_sample, link_sample
from portal.demo.sub_reseller import add_sub_reseller
from portal.demo.worked import look_for_suggestions, share_out
from tenants.connections.models import Connection
from tenants.connections.operations import connect
from tenants.discovery.operations import request_discovery

CURRENCIES = {"GB": "GBP", "US": "USD", "NO": "NOK", "SE": "SEK", "DK": "DKK", "PL": "PLN"}
PROGRAMS = {"direct": "direct_bill", "indirectProvider": "indirect_provider"}
OWN_ORGANIZATION = "Meridian Bikes"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """One reseller of the demo: its Partner Center, its people, and whether it gets a sample.

    ``sells_through`` is who works for a sub-reseller of it.
    """

    partner: Partner
    cloud: str
    personas: tuple[Persona, ...]
    sample: bool
    sells_through: Persona | None = None


def seed(*, plans: list[Plan], state: Path, say: Say) -> None:
    """Seed once; a state folder that has its credentials is left as it is."""
    path = state / "credentials.json"
    if path.exists():
        say("Seeded before; the data is kept.")
        return
    logins = [login for plan in plans for login in _seed_reseller(plan, say=say)]
    write_credentials(path, base_url=settings.BASE_URL, logins=logins)


def plan_for(partner: Partner, *, cloud: str, first: bool, sample: bool) -> Plan:
    """Return the plan of the first or the second reseller."""
    if first:
        return Plan(partner, cloud, FIRST, sample)
    return Plan(partner, cloud, SECOND, sample, sells_through=SUB_RESELLER)


def _seed_reseller(plan: Plan, *, say: Say) -> list[Login]:
    partner = plan.partner
    slug = _slug(partner.company_name)
    with scope(IDENTITY), transaction.atomic():
        reseller = Reseller.objects.filter(slug=slug).first()
    reseller = reseller or create_reseller(
        name=partner.company_name,
        slug=slug,
        currency=CURRENCIES.get(partner.country, "EUR"),
        locale="en_GB",
        time_zone="Europe/Amsterdam",
    )
    system = system_actor(reseller.pk, "demo")
    with acting(system):
        organization = _own_organization(plan, actor=system)
        logins = [add_persona(persona, reseller, organization) for persona in plan.personas]
        connection = _connect(plan, actor=system)
        _discover(connection, reseller, actor=system, say=say)
        if plan.sample:
            import_sample(connection, actor=system, say=say)
            link_sample(own=organization, actor=system, say=say)
            look_for_suggestions(actor=system)
            share_out(actor=system, say=say)
            add_new_customer(connection, actor=system, say=say)
        if plan.sells_through is not None:
            own = add_sub_reseller(connection, actor=system, say=say)
            logins.append(add_persona(plan.sells_through, reseller, own))
    return logins


def _own_organization(plan: Plan, *, actor: Actor) -> Organization | None:
    """Return the organization of the customer personas, if the plan has any."""
    if not any(persona.role.startswith("customer_") for persona in plan.personas):
        return None
    with transaction.atomic():
        found: Organization | None = (
            Organization.objects.visible_to(actor).filter(name=OWN_ORGANIZATION).first()
        )
    return found or create_organization(
        actor=actor,
        name=OWN_ORGANIZATION,
        primary_domain="meridian-bikes.example.com",
        country="NL",
        notification_email="office@meridian-bikes.example.com",
        contact_phone="+31 20 794 0800",
    )


def _connect(plan: Plan, *, actor: Actor) -> Connection:
    with transaction.atomic():
        found: Connection | None = (
            Connection.objects.visible_to(actor)
            .filter(partner_tenant=plan.partner.tenant_id.lower())
            .first()
        )
    return found or connect(
        actor=actor,
        name=f"{plan.partner.company_name} ({plan.partner.country})",
        cloud=plan.cloud,
        partner_tenant=plan.partner.tenant_id,
        client_id=plan.partner.client_id,
        secret=plan.partner.client_secret,
        program=PROGRAMS[plan.partner.program],
    )


def _discover(connection: Connection, reseller: Reseller, *, actor: Actor, say: Say) -> None:
    run = request_discovery(connection, actor=actor)
    worker.run_job(run.job_id)
    with transaction.atomic():
        job = Job.objects.get(pk=run.job_id)
        run.refresh_from_db()
    if job.state != Job.State.DONE:
        raise DemoError(f"Discovery of {reseller.name} did not finish: {job.error or job.state}")
    say(f"{reseller.name}: {run.found} tenants discovered")


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:50] or "reseller"
