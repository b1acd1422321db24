"""The scene of merging: two organizations of one reseller, and who may merge them."""

from dataclasses import dataclass

import pytest

from organizations.directory.models import Account, Organization
from organizations.linking.models import Link
from organizations.merging.operations import merge_organizations
from portal.core.access import Role, acting, system_actor
from portal.core.identity.models import Membership
from tenants.discovery.models import Tenant
from tests.factories.core import Person
from tests.factories.organizations import make_organization
from tests.organizations.linking.scene import Scene, at_work, make_scene


@dataclass(frozen=True, slots=True)
class Two:
    """North's organization goes into ``target``; ``admin`` may do it."""

    scene: Scene
    source: Organization
    target: Organization
    admin: Person

    def merge(self, reason: str = "The same company", fill: tuple[str, ...] = ()) -> Organization:
        with acting(self.admin.actor) as actor:
            return merge_organizations(
                self.source, actor=actor, into=self.target, reason=reason, fill=fill
            )

    def fresh(self, organization: Organization | None = None) -> Organization:
        with at_work(system_actor(self.scene.reseller.pk, "tests")):
            row: Organization = Organization.objects.get(pk=(organization or self.source).pk)
            return row

    def links_of(self, tenant: Tenant) -> list[Link]:
        with at_work(system_actor(self.scene.reseller.pk, "tests")):
            return list(Link.objects.filter(tenant=tenant).order_by("begins_at", "ends_at"))

    def accounts_of(self, organization: Organization) -> list[Account]:
        with at_work(system_actor(self.scene.reseller.pk, "tests")):
            return list(Account.objects.filter(organization=organization).order_by("-is_primary"))

    def members_of(self, organization: Organization) -> list[Membership]:
        with at_work(system_actor(self.scene.reseller.pk, "tests")):
            return list(Membership.objects.filter(organization_id=organization.pk))


@pytest.fixture
def two() -> Two:
    return make_two()


def make_two() -> Two:
    scene = make_scene()
    target = make_organization(scene.reseller, name="Bakery Holding", primary_domain="")
    return Two(scene, scene.organization, target, scene.person(Role.ADMIN))
