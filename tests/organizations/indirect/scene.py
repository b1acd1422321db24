"""An indirect provider whose resellers Partner Center listed."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from organizations.directory.models import Organization
from portal.core.access import Role, acting, system_actor
from portal.core.identity.models import Reseller
from tenants.connections.models import Connection
from tenants.indirect.models import IndirectReseller
from tests.factories.core import Person, make_person, make_reseller
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_connection

TENANT = "d0000000-0000-4000-8000-00000000000{}"
DETAILS = {
    "name": "Delta Resale",
    "primary_domain": "delta-resale.com",
    "notification_email": "it@delta-resale.com",
    "contact_phone": "+31 20 123 4567",
}


@dataclass(frozen=True, slots=True)
class Scene:
    """What the tests of indirect resellers work on."""

    reseller: Reseller
    connection: Connection
    admin: Person
    operator: Person
    auditor: Person

    def lists(self, number: int = 1, **values: Any) -> IndirectReseller:
        """Let Partner Center have listed one more."""
        given = {
            "mpn_id": f"{5_000_000 + number}",
            "partner_tenant": TENANT.format(number),
            "name": "Delta Resale",
            "state": "active",
            "location": "NL",
            "has_signed": True,
            **values,
        }
        with acting(system_actor(self.reseller.pk, "tests")), transaction.atomic():
            row: IndirectReseller = IndirectReseller.objects.create(
                reseller_id=self.reseller.pk,
                connection=self.connection,
                checked_at=timezone.now(),
                **given,
            )
            return row

    def sub_reseller(self, name: str = "Delta Resale B.V.", **values: Any) -> Organization:
        return make_organization(self.reseller, name=name, kind="sub_reseller", **values)

    def fresh(self, organization: Organization) -> Organization:
        with acting(system_actor(self.reseller.pk, "tests")), transaction.atomic():
            found: Organization = Organization.objects.get(pk=organization.pk)
            return found


def make_scene(name: str) -> Scene:
    """Make a provider with its people."""
    reseller = make_reseller(name=name)
    connection = make_connection(reseller, program=Connection.Program.INDIRECT_PROVIDER)
    people = [make_person(reseller, role) for role in (Role.ADMIN, Role.OPERATOR, Role.AUDITOR)]
    return Scene(reseller, connection, *people)
