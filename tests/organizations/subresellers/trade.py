"""A provider, two verified indirect resellers of its as sub-resellers, and a customer of each."""

from contextlib import AbstractContextManager
from typing import Any
from uuid import uuid4

from organizations.directory.models import Account, Organization
from organizations.provisioning.models import ProvisioningRequest
from organizations.synchronizing.operations import get_services_definitions
from portal.core.access import Actor, Role
from tenants.connections.models import Connection
from tests.factories.core import Person, make_person
from tests.organizations.linking.scene import at_work
from tests.organizations.provisioning.scene import Scene, account_of, make_scene
from tests.tenants.indirect.test_resellers import listed, read
from tests.tenants.simulated import PartnerCenterInProcess, customer

PAGES = "/provisioning/"
API, JSON = "/api/v1/provisioning-requests/", "application/json"


class Trade:
    """A provider whose two verified indirect resellers are organizations with people of theirs."""

    def __init__(self, partner: PartnerCenterInProcess, *, indirect: bool = True) -> None:
        self.scene: Scene = make_scene(partner, "Provider")
        self.partner = partner
        self.provider = make_person(self.scene.reseller, Role.ADMIN, name="Ada of Provider")
        self.mpn = ["", ""]
        if indirect:
            rows = [customer(number) for number in range(1, 11)]
            partner.lists(rows, resellers=[listed(1), listed(2)])
            with self.as_provider():
                Connection.objects.filter(pk=self.connection.pk).update(program="indirect_provider")
                self.connection.refresh_from_db()
            _, resellers = read(self.connection)
            self.mpn = [row.mpn_id for row in resellers if not row.why_not]
        self.own = self.sub_reseller("North IT", self.mpn[0])
        self.other = self.sub_reseller("South IT", self.mpn[1])
        self.admin = self.person(Role.SUB_RESELLER_ADMIN, self.own)
        self.worker = self.person(Role.SUB_RESELLER, self.own)
        self.stranger = self.person(Role.SUB_RESELLER_ADMIN, self.other)
        self.account = self.customer("Inside Bakery", self.own)
        self.foreign = self.customer("Outside Bakery", self.other)
        with self.as_provider():
            get_services_definitions(self.connection, actor=self.provider.actor)

    @property
    def connection(self) -> Connection:
        return self.scene.connection

    def sub_reseller(self, name: str, mpn_id: str) -> Organization:
        row = self.scene.organization(name, kind=Organization.Kind.SUB_RESELLER)
        with self.as_provider():
            Organization.objects.filter(pk=row.pk).update(mpn_id=mpn_id)
        row.mpn_id = mpn_id
        return row

    def customer(self, name: str, parent: Organization) -> Account:
        return account_of(self.scene.organization(name, parent=parent), email="it@bakery.example")

    def person(self, role: Role, organization: Organization) -> Person:
        return make_person(self.scene.reseller, role, organization_id=organization.pk)

    def as_provider(self) -> AbstractContextManager[Actor]:
        """Work as the provider's administrator, in a transaction."""
        return at_work(self.provider.actor)

    def wish(self, **values: Any) -> dict[str, Any]:
        return {
            "account": str(self.account.pk),
            "connection": str(self.connection.pk),
            "username": "admin",
            "domain": "insidebakery",
        } | values

    def ask(self, person: Person | None = None, **values: Any) -> Any:
        """Ask by the API and return the answer."""
        client = (person or self.worker).api()
        return client.post(API, self.wish(**values), content_type=JSON)

    def row(self, **lookup: Any) -> ProvisioningRequest:
        with self.as_provider():
            return ProvisioningRequest.objects.select_related("job").get(**lookup)

    def options_page(self, account: Account | None = None) -> str:
        pk = (account or self.account).pk
        return f"/organizations/accounts/{pk}/synchronization/{self.connection.pk}/"


def form_of(trade: Trade, **values: Any) -> dict[str, Any]:
    """Return the form that asks for a tenant by an organization's number."""
    return {
        "number": trade.account.organization.number,
        "connection": str(trade.connection.pk),
        "username": "admin",
        "domain": "insidebakery",
        "token": str(uuid4()),
    } | values
