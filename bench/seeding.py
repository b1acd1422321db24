"""Resellers to measure with: people, connection and organization come from the portal's operations.

Rows by the hundred thousand are then copies of the one row an operation made, multiplied inside the
database. So they have whatever columns there are, and nothing here has to know them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models.functions import Now
from django.test import Client
from psycopg2.extensions import connection as Connection

from bench.floor import columns_of
from bench.ground import Center, Ground
from organizations.directory.models import Account, Organization
from organizations.directory.operations import create_organization
from organizations.linking.models import Link
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
LINKED = "mod(n, 5) < 3"
TENANTS = Tenant._meta.db_table
LINKS = Link._meta.db_table
ORGANIZATIONS = Organization._meta.db_table
ACCOUNTS = Account._meta.db_table
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
        return Client(headers={"authorization": f"Bearer {self.token()}"})

    def token(self) -> str:
        """Return a new token for the API."""
        with acting(self.actor):
            _, token = create_token(self.membership, actor=self.actor, name="bench")
        return token


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
        # The tenants are copied in, so no discovery says that there was one.
        with transaction.atomic():
            rows = PartnerConnection.objects.filter(pk=connection.pk)
            rows.update(discovered_at=Now())
    return Reseller(row.pk, member_actor(membership), membership, connection)


def add_organizations(ground: Ground, reseller: Reseller, number: int) -> None:
    """Give a reseller one organization by the portal's operation and so many copies of it."""
    with acting(reseller.actor), transaction.atomic():
        model = create_organization(
            actor=reseller.actor,
            name="Model Company",
            primary_domain="model-company.example.com",
            notification_email="it@model-company.example.com",
            contact_phone="+31 20 794 0800",
            country="NL",
        )
        account = Account.objects.visible_to(reseller.actor).get(organization=model)
    organization_id = _key("organization", reseller, "n")
    with ground.admin() as admin:
        changes = {
            "id": organization_id,
            "number": "'B' || lpad(n::text, 8, '0')",
            "name": f"{_words('n * 7')} || ' ' || n",
            "primary_domain": "'company' || n || '.example'",
        }
        _multiply(admin, ORGANIZATIONS, model.pk, number, changes)
        changes = {"id": _key("account", reseller, "n"), "organization_id": organization_id}
        _multiply(admin, ACCOUNTS, account.pk, number, changes)


def add_tenants(ground: Ground, reseller: Reseller, number: int, *, organizations: int = 0) -> None:
    """Give a reseller one tenant by the portal's operation and so many copies of it.

    With ``organizations``, as many as were added, three of five tenants are linked to them. Whose a
    tenant is stands in its domain. `settle` when all have theirs.
    """
    model, link_id = _model_tenant(reseller, linked=organizations > 0)
    with ground.admin() as admin:
        changes = _tenant_changes(reseller, number, linked=link_id is not None)
        _multiply(admin, TENANTS, model.pk, number, changes)
        if link_id is not None:
            company = f"mod(n, {organizations}) + 1"
            changes = {
                "id": _key("link", reseller, "n"),
                "tenant_id": _key("tenant", reseller, "n"),
                "account_id": _key("account", reseller, company),
                "organization_id": _key("organization", reseller, company),
            }
            _multiply(admin, LINKS, link_id, number, changes, only=LINKED)


def settle(ground: Ground) -> None:
    """Bring the database to rest after rows were added: no dead rows, statistics up to date."""
    with ground.admin() as admin, admin.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {TENANTS}, {LINKS}, {ORGANIZATIONS}, {ACCOUNTS}")


def _model_tenant(reseller: Reseller, *, linked: bool) -> tuple[Tenant, UUID | None]:
    """Make a tenant as the portal makes it; with ``linked`` return the id of its link too."""
    actor = reseller.actor
    microsoft_id = uuid4()
    sighted = (microsoft_id, "Model Tenant", f"tenant0-of-{reseller.id}.onmicrosoft.com")
    with acting(actor), transaction.atomic():
        sight_tenants([sighted], connection=reseller.connection, actor=actor)
        tenant: Tenant = Tenant.objects.visible_to(actor).get(microsoft_id=microsoft_id)
        if not linked:
            return tenant, None
        organization = Organization.objects.visible_to(actor).get(name="Model Company")
        return tenant, link_tenant(tenant, actor=actor, organization=organization).pk


def _tenant_changes(reseller: Reseller, tenants: int, *, linked: bool) -> Mapping[str, str]:
    every = max(tenants // RARE_TENANTS, 1)
    return {
        "id": _key("tenant", reseller, "n"),
        "microsoft_id": _key("microsoft", reseller, "n"),
        "name": (
            f"{_words('n')} || CASE mod(n, {every}) WHEN 0 THEN ' {RARE.title()} ' ELSE ' ' END"
            " || n"
        ),
        "domain": f"'tenant' || n || '-of-{reseller.id}.onmicrosoft.com'",
        "is_linked": LINKED if linked else "false",
        "first_seen_at": "now() - make_interval(hours => mod(n, 5000))",
        "billed_amount": "CASE mod(n, 2) WHEN 0 THEN mod(n::bigint * 7919, 100000) / 100.0 END",
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
