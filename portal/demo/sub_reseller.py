"""A sub-reseller of the demo's second reseller, with a customer that waits to become a tenant.

Microsoft names a provider's indirect resellers to somebody signed in only, so the provider's
administrator signs in at the simulated Microsoft first.
"""

from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.db import transaction

from organizations.directory.details import AccountDetails
from organizations.directory.models import Account, Organization
from organizations.directory.operations import create_organization
from organizations.synchronizing.operations import get_services_definitions
from organizations.synchronizing.options import SyncOptions, save_options
from portal.core.access import Actor, Role, acting, member_actor
from portal.core.identity.models import Membership
from portal.core.jobs import worker
from portal.core.jobs.models import Job
from portal.demo.errors import DemoError
from tenants.connections import clients
from tenants.connections.clouds import endpoints_of
from tenants.connections.consent_states import read_state
from tenants.connections.consenting import CameBack, begin_consent, finish_consent
from tenants.connections.models import Connection, ConsentRequest
from tenants.connections.panel import consent_of
from tenants.indirect.models import IndirectReseller
from tenants.indirect.operations import READ_RESELLERS
from tenants.indirect.queries import indirect_resellers

NAME, DOMAIN = "Thornbury Ceramics", "thornbury-ceramics.example.com"
ACCOUNT = AccountDetails(
    customer_number="T-3381",
    address_line1="18 Kiln Lane",
    city="Bristol",
    postal_code="BS1 4DJ",
    country="GB",
)
OWN_DOMAIN: Final = "it-services.example.com"
PREFIX: Final = "thornburyceramics"
HOST: Final = "localhost"


def add_sub_reseller(
    connection: Connection, *, actor: Actor, say: Callable[[str], None]
) -> Organization:
    """Make the first reseller Microsoft lists and verified a sub-reseller, and return it."""
    _sign_in(connection, actor=actor)
    get_services_definitions(connection, actor=actor)
    listed = _listed(connection, actor=actor)
    with transaction.atomic():
        rows = Organization.objects.visible_to(actor).filter(mpn_id=listed.mpn_id)
        found: Organization | None = rows.first()
    own = found or create_organization(
        actor=actor,
        name=listed.name,
        primary_domain=OWN_DOMAIN,
        country="GB",
        notification_email=f"office@{OWN_DOMAIN}",
        contact_phone="+44 117 496 0140",
        kind=Organization.Kind.SUB_RESELLER,
        mpn_id=listed.mpn_id,
        microsoft_partner_id=listed.partner_tenant,
    )
    _add_customer(own, connection, actor=actor)
    say(f"  {own.name} sells through it; its customer {NAME} waits to become a tenant")
    return own


def _sign_in(connection: Connection, *, actor: Actor) -> None:
    """Sign in for a connection as the reseller's first administrator, unless somebody has."""
    with transaction.atomic():
        if consent_of(connection, actor=actor) is not None:
            return
        rows = Membership.objects.visible_to(actor).select_related("reseller")
        person = member_actor(rows.filter(role=Role.ADMIN).earliest("created_at"))
    with acting(person):
        begun = begin_consent(connection, actor=person, host=HOST)
        came = _accepted(connection, begun.address)
        back = CameBack(came.get("code", ""), came.get("error", ""), "")
        ended = finish_consent(read_state(came["state"]), back, actor=person)
    if ended.outcome != ConsentRequest.Outcome.GRANTED:
        raise DemoError(f"Signing in for {connection.name} did not work: {ended.reason}")


def _accepted(connection: Connection, address: str) -> dict[str, str]:
    """Accept at Microsoft's page; returns what it leads back with."""
    parts = urlsplit(address)
    query = urlencode([(name, said) for name, said in parse_qsl(parts.query) if name != "prompt"])
    session = clients.session_factory()
    session.verify = endpoints_of(connection.cloud).ca_bundle or True
    answer = session.get(parts._replace(query=query).geturl(), allow_redirects=False, timeout=30)
    return dict(parse_qsl(urlsplit(answer.headers.get("Location", "")).query))


def _listed(connection: Connection, *, actor: Actor) -> IndirectReseller:
    """Have the list read now, and return the first that customers can be created under."""
    with transaction.atomic():
        jobs = Job.objects.visible_to(actor).filter(kind=READ_RESELLERS.name)
        job = jobs.latest("created_at")
    worker.run_job(job.pk)
    with transaction.atomic():
        for row in indirect_resellers(connection, actor=actor):
            if row.is_verified:
                return row
    raise DemoError(f"Partner Center lists no verified indirect reseller of {connection.name}.")


def _add_customer(own: Organization, connection: Connection, *, actor: Actor) -> None:
    with transaction.atomic():
        if Organization.objects.visible_to(actor).filter(name=NAME).exists():
            return
    customer = create_organization(
        actor=actor,
        name=NAME,
        parent=own,
        primary_domain=DOMAIN,
        country="GB",
        notification_email=f"office@{DOMAIN}",
        contact_phone="+44 117 496 0182",
        account=ACCOUNT,
    )
    with transaction.atomic():
        account = Account.objects.visible_to(actor).get(organization=customer, is_primary=True)
    options = SyncOptions("admin", PREFIX, own.mpn_id)
    save_options(account, actor=actor, connection=connection, options=options)
