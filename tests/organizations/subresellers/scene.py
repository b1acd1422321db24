"""A provider with two sub-resellers, one of which has a sub-reseller of its own, and customers."""

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

NORTH_MPN, BELOW_MPN, OTHER_MPN = "1111111", "2222222", "3333333"


@dataclass(frozen=True, slots=True)
class Scene:
    """``sub`` has ``inside`` and ``below``; ``below`` has ``deep``; ``other`` has ``outside``."""

    reseller: Reseller
    connection: Connection
    provider: Person
    sub: Organization
    below: Organization
    other: Organization
    inside: Organization
    deep: Organization
    outside: Organization
    direct: Organization
    admin: Person
    worker: Person
    stranger: Person

    @property
    def system(self) -> Actor:
        return system_actor(self.reseller.pk, "tests")

    def tenant(self, name: str, partner: str = "") -> Tenant:
        """Add a tenant that Partner Center says was sold through a partner."""
        row = make_tenant(self.connection, name=name)
        with acting(self.system), transaction.atomic():
            Tenant.objects.filter(pk=row.pk).update(associated_partner=partner)
        row.associated_partner = partner
        return row

    def link(self, tenant: Tenant, organization: Organization) -> Link:
        with acting(self.provider.actor):
            return link_tenant(tenant, actor=self.provider.actor, organization=organization)


def make_scene() -> Scene:
    """Make the provider and everybody below it."""
    reseller = make_reseller(name="Provider")
    connection = make_connection(reseller, program=Connection.Program.INDIRECT_PROVIDER)
    sub = _sub_reseller(reseller, "North IT", NORTH_MPN)
    below = _sub_reseller(reseller, "North Branch", BELOW_MPN, parent=sub)
    other = _sub_reseller(reseller, "South IT", OTHER_MPN)
    return Scene(
        reseller=reseller,
        connection=connection,
        provider=make_person(reseller, Role.ADMIN),
        sub=sub,
        below=below,
        other=other,
        inside=make_organization(reseller, name="Inside Bakery", parent=sub),
        deep=make_organization(reseller, name="Deep Bakery", parent=below),
        outside=make_organization(reseller, name="Outside Bakery", parent=other),
        direct=make_organization(reseller, name="Direct Bakery"),
        admin=make_person(reseller, Role.SUB_RESELLER_ADMIN, organization_id=sub.pk),
        worker=make_person(reseller, Role.SUB_RESELLER, organization_id=below.pk),
        stranger=make_person(reseller, Role.SUB_RESELLER, organization_id=other.pk),
    )


def _sub_reseller(
    reseller: Reseller, name: str, mpn_id: str, *, parent: Organization | None = None
) -> Organization:
    row = make_organization(reseller, name=name, kind=Organization.Kind.SUB_RESELLER, parent=parent)
    with acting(system_actor(reseller.pk, "tests")), transaction.atomic():
        Organization.objects.filter(pk=row.pk).update(mpn_id=mpn_id)
    row.mpn_id = mpn_id
    return row
