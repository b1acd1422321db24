"""A reseller whose accounts are to become tenants, with a Partner Center that answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from organizations.directory.models import Account, Organization
from organizations.readiness.checking import check_readiness
from organizations.readiness.items import Readiness
from organizations.synchronizing.operations import get_services_definitions
from organizations.synchronizing.options import SyncOptions, read_options, save_options
from portal.core.access import Actor, Role, acting, system_actor
from portal.core.identity.models import Reseller
from tenants.connections.models import Connection
from tenants.indirect.models import IndirectReseller
from tests.factories.core import Person, make_person, make_reseller
from tests.factories.organizations import make_organization
from tests.tenants.simulated import PartnerCenterInProcess

ADDRESS = {
    "address_line1": "1 Dock Street",
    "city": "Utrecht",
    "postal_code": "3511 AB",
    "country": "NL",
}
OPTIONS = SyncOptions("admin", "contoso")


@dataclass(frozen=True, slots=True)
class Scene:
    """What the tests of synchronization work on."""

    reseller: Reseller
    admin: Person
    operator: Person
    auditor: Person
    customer: Person
    connection: Connection
    organization: Organization
    account: Account

    def fetch(self, connection: Connection | None = None) -> None:
        """Get the services definitions as the administrator does."""
        with at_work(self.admin.actor) as actor:
            get_services_definitions(connection or self.connection, actor=actor)

    def save(
        self,
        options: SyncOptions = OPTIONS,
        *,
        account: Account | None = None,
        connection: Connection | None = None,
    ) -> SyncOptions:
        with at_work(self.operator.actor) as actor:
            return save_options(
                account or self.account,
                actor=actor,
                connection=connection or self.connection,
                options=options,
            )

    def saved(self, account: Account | None = None) -> SyncOptions:
        with at_work(self.operator.actor) as actor:
            return read_options(account or self.account, actor=actor, connection=self.connection)

    def change(self, account: Account | None = None, **values: Any) -> Account:
        """Write into an account, as its form does."""
        row = account or self.account
        with at_work(system_actor(self.reseller.pk, "tests")):
            Account.objects.filter(pk=row.pk).update(**values)
            return Account.objects.select_related("organization").get(pk=row.pk)

    def switch(self, **values: Any) -> Connection:
        """Write into the connection."""
        with at_work(system_actor(self.reseller.pk, "tests")):
            if values:
                Connection.objects.filter(pk=self.connection.pk).update(**values)
            return Connection.objects.get(pk=self.connection.pk)

    def readiness(
        self, options: SyncOptions = OPTIONS, *, account: Account | None = None
    ) -> Readiness:
        with at_work(self.operator.actor) as actor:
            fresh = Account.objects.select_related("organization").get(
                pk=(account or self.account).pk
            )
            connection = Connection.objects.get(pk=self.connection.pk)
            return check_readiness(fresh, actor=actor, connection=connection, options=options)

    def customer_of(self, parent: Organization, name: str) -> Account:
        """Add a customer of a sub-reseller and return its account, whose address is empty."""
        row = make_organization(self.reseller, name=name, parent=parent)
        return self.account_of(row)

    def account_of(self, organization: Organization) -> Account:
        with at_work(system_actor(self.reseller.pk, "tests")):
            rows = Account.objects.select_related("organization")
            found: Account = rows.get(organization=organization)
            return found

    def lists_reseller(self, mpn_id: str = "5000001", **values: Any) -> IndirectReseller:
        """Let the connection know an indirect reseller."""
        given = {"state": "active", "has_signed": True, "name": "Delta Resale", **values}
        with at_work(system_actor(self.reseller.pk, "tests")):
            row: IndirectReseller = IndirectReseller.objects.create(
                reseller_id=self.reseller.pk,
                connection=self.connection,
                mpn_id=mpn_id,
                partner_tenant="d0000000-0000-4000-8000-000000000001",
                checked_at=timezone.now(),
                **given,
            )
            return row


def make_scene(partner: PartnerCenterInProcess, name: str = "North") -> Scene:
    """Make a reseller with one account that is ready but for its sync options."""
    reseller = make_reseller(name=name)
    organization = make_organization(reseller, name="Contoso")
    with at_work(system_actor(reseller.pk, "tests")):
        Account.objects.filter(organization=organization).update(**ADDRESS)
        account = Account.objects.select_related("organization").get(organization=organization)
    return Scene(
        reseller,
        make_person(reseller, Role.ADMIN),
        make_person(reseller, Role.OPERATOR),
        make_person(reseller, Role.AUDITOR),
        make_person(reseller, Role.CUSTOMER_ADMIN, organization_id=organization.pk),
        partner.connect(reseller, name="Partner Center"),
        organization,
        account,
    )


@contextmanager
def at_work(actor: Actor) -> Iterator[Actor]:
    """Open the actor's scope with a transaction, as a request does."""
    with acting(actor), transaction.atomic():
        yield actor
