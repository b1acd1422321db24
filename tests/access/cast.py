"""The cast of the isolation tests: two resellers that have the same of everything.

Every text of a row carries the canary of whoever may read it, so a leak shows as somebody else's
name wherever it appears. Canaries nest: what begins with ``canary-north`` is that reseller's,
``canary-north-one`` and ``canary-north-two`` are its two customers', ``canary-north-staff`` is what
neither customers nor sub-resellers may read, and ``canary-north-trade`` what customers may not.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

from django.db import transaction

from organizations.directory.models import Account, Organization
from organizations.linking.models import Link
from organizations.linking.operations import link_tenant
from portal.core.access import Role, acting
from portal.core.identity.models import ApiToken, Reseller
from portal.core.identity.operations import create_token
from portal.core.tables.models import TableView
from portal.core.tables.operations import choose_columns, save_view
from tenants.connections.models import Connection
from tenants.discovery.models import Tenant
from tests.access import extras
from tests.access.passwords import KIND
from tests.factories.core import Person, make_person, make_reseller
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_connection, make_tenant

STAFF = (Role.ADMIN, Role.OPERATOR, Role.FINANCE, Role.AUDITOR)
CUSTOMERS = (Role.CUSTOMER_ADMIN, Role.CUSTOMER_VIEWER)
SUB_RESELLERS = (Role.SUB_RESELLER_ADMIN, Role.SUB_RESELLER)
OUTSIDERS = (*SUB_RESELLERS, *CUSTOMERS)
EVERY_COLUMN = ("status", "organization", "domain", "country", "billed", "seen")
NAMED_ALIKE = {
    "month": extras.MONTH.isoformat()[:7],
    "closed month": extras.CLOSED.isoformat()[:7],
    "number": "1",
    "table": "tenants",
    "kind": KIND,
}
"""What stands in addresses and is the same for everybody: months, the first line's number, a kind
of letter."""


@dataclass(frozen=True, slots=True)
class Customer:
    """An organization with everything a customer can have, and its two people.

    It is the customer of a sub-reseller, who has no other and two people too.
    """

    canary: str
    organization: Organization
    account: Account
    tenant: Tenant
    link: Link
    seller: Organization
    people: dict[Role, Person]


@dataclass(frozen=True, slots=True)
class Side:
    """One reseller: its staff, two customers, and rows that only staff may see."""

    canary: str
    reseller: Reseller
    staff: dict[Role, Person]
    one: Customer
    two: Customer
    connection: Connection
    spare: Tenant
    parent: Organization
    tokens: dict[str, ApiToken]
    views: dict[str, TableView]
    rows: extras.Extras

    def person(self, role: Role) -> Person:
        """Return who plays ``role``; customers are those of the first organization."""
        return self.staff.get(role) or self.one.people[role]

    @property
    def people(self) -> dict[Role, Person]:
        return {**self.staff, **self.one.people}

    def objects(self, person: Person, *, customer: Customer | None = None) -> dict[str, str]:
        """Return the ids of this side's rows under the names the matrix uses for them.

        ``person`` decides what is its own (membership, token); ``customer`` whose organization,
        account, tenant and link are meant, the first one's if not said.
        """
        owner = customer or self.one
        return {
            "organization": str(owner.organization.pk),
            "account": str(owner.account.pk),
            "tenant": str(owner.tenant.pk),
            "link": str(owner.link.pk),
            "microsoft": str(owner.tenant.microsoft_id),
            "unlinked tenant": str(self.spare.pk),
            "connection": str(self.connection.pk),
            "membership": str(person.membership.pk),
            "colleague": str(owner.people[_colleague_of(person)].membership.pk),
            "token": str(self.tokens[str(person.membership.pk)].pk),
            "view": str(self.views[str(person.membership.pk)].pk),
            "parent": str(owner.seller.pk if person.actor.is_sub_reseller else self.parent.pk),
            "organization number": owner.organization.number,
            "organization name": owner.organization.name,
            **NAMED_ALIKE,
            **self.rows.ids(),
            **(self.rows.ids_of_second() if owner is self.two else {}),
        }

    def ids(self) -> set[str]:
        """Return every id of this side that must never be shown elsewhere."""
        found = {"ended link": str(self.rows.ended_link.pk)}
        for person in (*self.people.values(), *self.two.people.values()):
            for customer in (self.one, self.two):
                found |= {
                    f"{customer.canary} {person.membership.pk} {name}": value
                    for name, value in self.objects(person, customer=customer).items()
                    if name not in NAMED_ALIKE
                }
        return set(found.values())


def make_side(name: str) -> Side:
    """Make one reseller with everything; ``name`` is ``north`` or ``south``."""
    canary = f"canary-{name}"
    reseller = make_reseller(name=canary)
    staff = {role: _person(reseller, role, f"{canary}-staff") for role in STAFF}
    connection = make_connection(
        reseller, name=f"{canary}-trade connection", client_id=f"{canary}-staff"
    )
    operator = staff[Role.OPERATOR]
    extras.mark_working(connection)
    # Before anything is linked, so that no link reaches into it.
    extras.close_month(connection, staff[Role.FINANCE], canary=f"{canary}-staff")
    one = _customer(reseller, connection, f"{canary}-one", operator)
    two = _customer(reseller, connection, f"{canary}-two", operator)
    spare = _tenant(connection, f"{canary}-staff", "spare")
    parent = make_organization(
        reseller,
        name=f"{canary}-staff sub-reseller",
        primary_domain=f"{canary}-staff.example.com",
        kind=Organization.Kind.SUB_RESELLER,
    )
    rows = extras.make_extras(
        reseller,
        connection,
        canary=f"{canary}-staff",
        staff=staff,
        spare=spare,
        customers=(one, two),
    )
    people = (*staff.values(), *one.people.values(), *two.people.values())
    tokens = {str(person.membership.pk): _token(person) for person in people}
    views = {str(person.membership.pk): _view(person) for person in people}
    return Side(canary, reseller, staff, one, two, connection, spare, parent, tokens, views, rows)


def both_sides() -> tuple[Side, Side]:
    """Make North and South."""
    return make_side("north"), make_side("south")


def canaries_forbidden_to(side: Side, other: Side, role: Role) -> tuple[str, ...]:
    """Return the texts that no answer to somebody of ``side`` may hold."""
    if role in CUSTOMERS:
        return (other.canary, side.two.canary, f"{side.canary}-staff", f"{side.canary}-trade")
    if role in SUB_RESELLERS:
        return (other.canary, side.two.canary, f"{side.canary}-staff")
    return (other.canary,)


def roles_of(side: Side) -> Iterator[tuple[Role, Person]]:
    """Yield the eight roles with who plays each."""
    yield from side.people.items()


def _person(
    reseller: Reseller, role: Role, canary: str, organization: Organization | None = None
) -> Person:
    return make_person(
        reseller,
        role,
        organization_id=organization.pk if organization else None,
        email=f"{role.value}.{canary}@example.com",
        name=f"{canary} {role.label}",
    )


def _tenant(connection: Connection, canary: str, name: str) -> Tenant:
    return make_tenant(
        connection,
        name=f"{canary} {name}",
        domain=f"{name}.{canary}.example.com",
        microsoft_id=uuid4(),
        country="NL",
        billed_amount=extras.BILLED,
        billed_currency="EUR",
        billed_month=extras.MONTH,
    )


def _customer(reseller: Reseller, connection: Connection, canary: str, linker: Person) -> Customer:
    seller = make_organization(
        reseller,
        name=f"{canary} seller",
        number=f"{canary}-seller",
        primary_domain=f"seller.{canary}.example.com",
        notification_email=f"it@seller.{canary}.example.com",
        kind=Organization.Kind.SUB_RESELLER,
    )
    organization = make_organization(
        reseller,
        parent=seller,
        name=f"{canary} organization",
        number=f"{canary}-number",
        primary_domain=f"{canary}.example.com",
        registration_number=f"{canary}-registration",
        notification_email=f"it@{canary}.example.com",
    )
    people = {role: _person(reseller, role, canary, organization) for role in CUSTOMERS}
    people |= {role: _person(reseller, role, canary, seller) for role in SUB_RESELLERS}
    tenant = _tenant(connection, canary, "tenant")
    with acting(linker.actor):
        link = link_tenant(
            tenant,
            actor=linker.actor,
            organization=organization,
            why=f"{canary.rsplit('-', 1)[0]}-staff reason",
        )
    return Customer(canary, organization, link.account, tenant, link, seller, people)


def _colleague_of(person: Person) -> Role:
    return Role.SUB_RESELLER if person.actor.is_sub_reseller else Role.CUSTOMER_VIEWER


def _view(person: Person) -> TableView:
    """Return a view that names whose it is, kept by somebody who has also chosen columns."""
    name = f"{person.membership.full_name} view"
    with acting(person.actor), transaction.atomic():
        choose_columns("tenants", actor=person.actor, columns=EVERY_COLUMN)
        return save_view("tenants", actor=person.actor, name=name, query="sort=-name")


def _token(person: Person) -> ApiToken:
    system = extras.system(person.actor.reseller_id)
    with acting(system):
        name = f"{person.membership.full_name} token"
        return create_token(person.membership, actor=system, name=name)[0]
