"""The scene of the linking tests: two resellers with the same people, one tenant and customer each.

Whatever North has, South has too, so that a leak shows as somebody else's name.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction

from organizations.directory.models import Organization
from organizations.linking.models import Link
from organizations.linking.operations import link_tenant
from portal.core.access import Actor, Role, acting, system_actor
from portal.core.identity.models import Reseller
from tenants.connections.models import Connection
from tenants.discovery.models import Tenant
from tests.factories.core import Person, make_person, make_reseller
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_connection, make_tenant


@dataclass(frozen=True, slots=True)
class Scene:
    """One reseller with an operator, a connection that works, a tenant and an organization."""

    reseller: Reseller
    operator: Person
    connection: Connection
    tenant: Tenant
    organization: Organization

    def person(self, role: Role, *, organization: Organization | None = None) -> Person:
        """Add somebody with another role."""
        return make_person(
            self.reseller, role, organization_id=organization.pk if organization else None
        )

    def link(self, tenant: Tenant | None = None, organization: Organization | None = None) -> Link:
        """Link a tenant as the operator does."""
        with at_work(self.operator.actor) as actor:
            return link_tenant(
                tenant or self.tenant, actor=actor, organization=organization or self.organization
            )

    def live_links(self) -> list[Link]:
        """Return what holds now, as the system sees it."""
        with at_work(system_actor(self.reseller.pk, "tests")):
            rows = Link.objects.filter(reseller=self.reseller, ends_at=None)
            return list(rows.select_related("organization", "tenant").order_by("begins_at"))

    def fresh_tenant(self, tenant: Tenant | None = None) -> Tenant:
        """Return a tenant as it is stored now."""
        with at_work(system_actor(self.reseller.pk, "tests")):
            row: Tenant = Tenant.objects.get(pk=(tenant or self.tenant).pk)
            return row


def make_scene(name: str = "North") -> Scene:
    """Set the scene of one reseller."""
    reseller = make_reseller(name=name)
    connection = working_connection(reseller, name=f"{name} Partner Center")
    return Scene(
        reseller=reseller,
        operator=make_person(reseller, Role.OPERATOR, name=f"Olga of {name}"),
        connection=connection,
        tenant=make_tenant(connection, name=f"{name} Bakery", domain=f"{name.lower()}bakery.com"),
        organization=make_organization(reseller, name=f"{name} Bakery BV"),
    )


def working_connection(reseller: Reseller, *, name: str = "") -> Connection:
    """Add a connection that has proved itself."""
    connection = make_connection(reseller, name=name)
    with at_work(system_actor(reseller.pk, "tests")):
        Connection.objects.filter(pk=connection.pk).update(state=Connection.State.WORKING)
    connection.state = Connection.State.WORKING
    return connection


@contextmanager
def at_work(actor: Actor) -> Iterator[Actor]:
    """Open the actor's scope and a transaction."""
    with acting(actor), transaction.atomic():
        yield actor
