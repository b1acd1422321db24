"""Resellers to measure with: people, connection and organization come from the portal's operations.

Rows by the hundred thousand are then copies of the one row an operation made, multiplied inside the
database. So they have whatever columns there are, and nothing here has to know them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from uuid import UUID, uuid4

from django.db import transaction
from django.test import Client
from psycopg2.extensions import connection as Connection

from bench.floor import columns_of
from bench.ground import Center, Ground
from organizations.directory.models import Account, Organization
from organizations.directory.operations import create_organization
from organizations.linking.operations import link_tenant
from portal.core.access import Actor, Role, acting, member_actor, system_actor
from portal.core.database.scope import scope
from portal.core.identity.models import Membership, User
from portal.core.identity.operations import add_member, create_reseller, create_token
from portal.web.actors import SESSION_KEY
from tenants.connections.models import Connection as PartnerConnection
from tenants.connections.operations import connect, note_success
from tenants.discovery.models import Tenant
from tenants.discovery.operations import sight_tenants

ADJECTIVES = "Amber Blue Copper Delta Eastern Fair Golden Harbour Iron Jade Keen Lunar Marble North"
NOUNS = "Bakery Clinic Dental Energy Foods Garage Hotels Import Joinery Kitchens Logistics Media"
RARE = "lighthouse"
"""In the names of as many tenants at any size; about one in twelve has a common word."""
RARE_TENANTS = 20
LINKED_OF_FIVE = 3
TENANTS_PER_ORGANIZATION = 5
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Reseller:
    """A reseller with an administrator and a connection that has proved itself."""

    id: int
    actor: Actor
    membership: Membership
    connection: PartnerConnection

    def browser(self) -> Client:
        """Return a client that is signed in as the administrator."""
        with scope(None), transaction.atomic():
            user = User.objects.get(email=self.membership.email)
        client = Client()
        client.force_login(user)
        session = client.session
        session[SESSION_KEY] = str(self.membership.pk)
        session.save()
        return client

    def program(self) -> Client:
        """Return a client that calls the API with a token."""
        with acting(self.actor):
            _, token = create_token(self.membership, actor=self.actor, name="bench")
        return Client(headers={"authorization": f"Bearer {token}"})


def make_reseller(center: Center | None = None) -> Reseller:
    """Add a reseller, connected to a simulated Partner Center or to one that is never called."""
    number = next(_numbers)
    row = create_reseller(
        name=f"Reseller {number}",
        slug=f"reseller-{number}",
        currency="EUR",
        locale="en_GB",
        time_zone="Europe/Amsterdam",
    )
    system = system_actor(row.pk, "bench")
    with acting(system):
        membership = add_member(
            row,
            actor=system,
            email=f"admin-{number}@bench.example",
            full_name="Administrator",
            role=Role.ADMIN,
        )
        connection = connect(
            actor=system,
            name="Partner Center",
            cloud=center.cloud if center else "small",
            partner_tenant=center.partner_tenant if center else str(uuid4()),
            client_id=center.client_id if center else "bench",
            secret=center.secret if center else "never sent",
        )
        note_success(connection)
    return Reseller(row.pk, member_actor(membership), membership, connection)


def fill(ground: Ground, reseller: Reseller, *, tenants: int, linked: bool) -> None:
    """Give a reseller so many tenants, and an organization for every five of them.

    With ``linked`` three of five belong to one of the organizations.
    """
    organization, account, tenant, link = _first_of_each(reseller, linked=linked)
    companies = max(tenants // TENANTS_PER_ORGANIZATION, 1)
    with ground.admin() as admin:
        company = f"mod(n, {companies}) + 1"
        _multiply(
            admin,
            Organization._meta.db_table,
            organization.pk,
            companies,
            {
                "id": _key("organization", reseller, "n"),
                "number": "'B' || lpad(n::text, 8, '0')",
                "name": f"{_words('n * 7')} || ' ' || n",
                "primary_domain": "'company' || n || '.example'",
            },
        )
        _multiply(
            admin,
            Account._meta.db_table,
            account.pk,
            companies,
            {
                "id": _key("account", reseller, "n"),
                "organization_id": _key("organization", reseller, "n"),
            },
        )
        _multiply(
            admin,
            Tenant._meta.db_table,
            tenant.pk,
            tenants,
            _tenant_changes(reseller, tenants, linked=linked),
        )
        if link is not None:
            _multiply(
                admin,
                "organizations_link",
                link,
                tenants,
                {
                    "id": _key("link", reseller, "n"),
                    "tenant_id": _key("tenant", reseller, "n"),
                    "account_id": _key("account", reseller, company),
                    "organization_id": _key("organization", reseller, company),
                },
                only=f"mod(n, 5) < {LINKED_OF_FIVE}",
            )
        with admin.cursor() as cursor:
            for table in (Tenant._meta.db_table, "organizations_link", "organizations_account"):
                cursor.execute(f"VACUUM ANALYZE {table}")


def _first_of_each(
    reseller: Reseller, *, linked: bool
) -> tuple[Organization, Account, Tenant, UUID | None]:
    """Make one organization with its account and one tenant as the portal makes them."""
    actor = reseller.actor
    with acting(actor), transaction.atomic():
        organization = create_organization(
            actor=actor,
            name="Model Company",
            primary_domain="model-company.example",
            notification_email="it@model-company.example",
            contact_phone="+31 20 794 0800",
            country="NL",
        )
        account = Account.objects.visible_to(actor).get(organization=organization)
        sighted = (uuid4(), "Model Tenant", "modeltenant.onmicrosoft.com")
        sight_tenants([sighted], connection=reseller.connection, actor=actor)
        tenant = Tenant.objects.visible_to(actor).get(microsoft_id=sighted[0])
        link = link_tenant(tenant, actor=actor, organization=organization) if linked else None
    return organization, account, tenant, link.pk if link else None


def _tenant_changes(reseller: Reseller, tenants: int, *, linked: bool) -> Mapping[str, str]:
    every = max(tenants // RARE_TENANTS, 1)
    return {
        "id": _key("tenant", reseller, "n"),
        "microsoft_id": _key("microsoft", reseller, "n"),
        "name": (
            f"{_words('n')} || CASE mod(n, {every}) WHEN 0 THEN ' {RARE.title()} ' ELSE ' ' END"
            " || n"
        ),
        "domain": "'tenant' || n || '.onmicrosoft.com'",
        "is_linked": f"mod(n, 5) < {LINKED_OF_FIVE}" if linked else "false",
        "first_seen_at": "now() - make_interval(hours => mod(n, 5000))",
        "billed_amount": "CASE mod(n, 2) WHEN 0 THEN mod(n * 7919, 100000) / 100.0 END",
        "billed_currency": "CASE mod(n, 2) WHEN 0 THEN 'EUR' ELSE '' END",
        "billed_month": "CASE mod(n, 2) WHEN 0 THEN date '2026-08-01' END",
    }


def _multiply(
    admin: Connection,
    table: str,
    model: object,
    rows: int,
    changes: Mapping[str, str],
    *,
    only: str = "true",
) -> None:
    """Copy one row ``rows`` times, with the given columns made from ``n``, which counts from 1."""
    names = [column.split(" ", 1)[0] for column in columns_of(admin, table).split(", ")]
    values = ", ".join(changes.get(name, f"model.{name}") for name in names)
    with admin.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(names)}) SELECT {values}"
            f" FROM {table} AS model, generate_series(1, {rows}) AS n"
            f" WHERE model.id = '{model}' AND {only}"
        )


def _key(kind: str, reseller: Reseller, number: str) -> str:
    return f"md5('{kind} {reseller.id} ' || ({number}))::uuid"


def _words(number: str) -> str:
    """Return the SQL of two words that are the same for the same number, and in no order."""
    adjectives, nouns = ADJECTIVES.split(), NOUNS.split()
    first = f"(ARRAY{adjectives})[1 + mod(hashint4({number}) & 65535, {len(adjectives)})]"
    second = f"(ARRAY{nouns})[1 + mod(hashint4({number} + 1) & 65535, {len(nouns)})]"
    return f"{first} || ' ' || {second}"
