"""A reseller whose Partner Center is simulated in this process, and an account that is ready."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from organizations.directory.models import Account, Organization
from organizations.linking.models import Link
from organizations.passwords.models import FirstPassword
from organizations.provisioning.asking import Agreed
from organizations.provisioning.models import ProvisioningRequest, ProvisioningStep
from organizations.provisioning.operations import request_provisioning
from organizations.provisioning.queries import requests, steps_of
from portal.core.access import Role, acting, system_actor
from portal.core.encryption import unseal
from portal.core.identity.models import Reseller
from portal.core.jobs.models import Job
from portal.core.jobs.worker import run_job
from tenants.connections.models import Connection
from tests.factories.core import Person, make_person, make_reseller
from tests.factories.organizations import make_organization
from tests.factories.tenants import mark_discovered
from tests.tenants.consents import consent
from tests.tenants.simulated import PartnerCenterInProcess, customer

ADDRESS = {
    "address_line1": "Herengracht 1",
    "city": "Amsterdam",
    "postal_code": "1012 AB",
    "country": "NL",
}
AGREED = Agreed("Anna", "de Vries", "anna@bakery.example", date(2026, 11, 1), "31201234567")
DOMAIN = "northbakery.onmicrosoft.com"
TRIES = 12


@dataclass(slots=True)
class Scene:
    """One reseller with an operator, a connection somebody signed in for, and a ready account."""

    partner: PartnerCenterInProcess
    reseller: Reseller
    operator: Person
    connection: Connection
    account: Account

    def ask(self, *, account: Account | None = None, **wish: Any) -> ProvisioningRequest:
        """Ask for a tenant as the operator."""
        given = {"username": "admin", "domain": "northbakery"} | wish
        with acting(self.operator.actor):
            return request_provisioning(
                account or self.account,
                actor=self.operator.actor,
                connection=self.connection,
                **given,
            )

    def work(self, request: ProvisioningRequest) -> ProvisioningRequest:
        """Let a worker run the request's job now, whenever it is due; return the request then."""
        job_id = self.look(request).job_id
        assert job_id is not None
        with acting(system_actor(self.reseller.pk, "tests")), transaction.atomic():
            Job.objects.filter(pk=job_id, state=Job.State.WAITING).update(due_at=Now())
            Job.objects.filter(pk=job_id, state=Job.State.RUNNING).update(
                lease_until=Now() - timedelta(seconds=1)
            )
        run_job(job_id)
        return self.look(request)

    def finish(self, request: ProvisioningRequest) -> ProvisioningRequest:
        """Let a worker look again and again until it no longer moves."""
        for _ in range(TRIES):
            request = self.work(request)
            if not request.is_moving:
                return request
        raise AssertionError(f"It does not end: {self.journal(request)}")

    def run(self, **wish: Any) -> ProvisioningRequest:
        """Ask, and let it be carried out."""
        return self.finish(self.ask(**wish))

    def look(self, request: ProvisioningRequest) -> ProvisioningRequest:
        """Return the request as it is stored."""
        system = system_actor(self.reseller.pk, "tests")
        with acting(system), transaction.atomic():
            return requests(system).select_related("link").get(pk=request.pk)

    def steps(self, request: ProvisioningRequest) -> dict[str, ProvisioningStep]:
        system = system_actor(self.reseller.pk, "tests")
        with acting(system), transaction.atomic():
            return {step.name: step for step in steps_of(request, actor=system)}

    def journal(self, request: ProvisioningRequest) -> dict[str, tuple[str, str]]:
        """Return state and reason of each step."""
        return {name: (step.state, step.reason) for name, step in self.steps(request).items()}

    def states(self, request: ProvisioningRequest) -> dict[str, str]:
        return {name: str(step.state) for name, step in self.steps(request).items()}

    def effects(self, kind: str) -> list[str]:
        """Return what happened at Microsoft, by subject."""
        return [row.subject for row in self.partner.simulator.ledger.find(kind=kind)]

    def live_links(self) -> list[Link]:
        with acting(system_actor(self.reseller.pk, "tests")), transaction.atomic():
            return list(Link.objects.filter(ends_at=None).select_related("account", "tenant"))

    def password(self, request: ProvisioningRequest) -> str:
        """Return the first password as it lies sealed."""
        with acting(system_actor(self.reseller.pk, "tests")), transaction.atomic():
            row = FirstPassword.objects.get(request_id=request.pk)
            return unseal(row.password_sealed, row.seal())

    def set_password(self) -> str:
        """Return what the administrator signs in with at Microsoft, by the simulator's ledger."""
        made = self.partner.simulator.ledger.find(kind="customer_created")
        return str(made[-1].data["credentials"]["password"])

    def organization(self, name: str, **options: Any) -> Organization:
        return make_organization(self.reseller, name=name, **options)


def fill_in(account: Account, **values: Any) -> Account:
    """Give an account an address of the Netherlands, and what else is said."""
    with acting(system_actor(account.reseller_id, "tests")), transaction.atomic():
        for name, value in (ADDRESS | values).items():
            setattr(account, name, value)
        account.save()
    return account


def account_of(organization: Organization, **values: Any) -> Account:
    """Return the primary account of an organization, ready to be provisioned."""
    with acting(system_actor(organization.reseller_id, "tests")), transaction.atomic():
        account: Account = Account.objects.select_related("organization").get(
            organization=organization, is_primary=True
        )
    return fill_in(account, **values)


def make_scene(partner: PartnerCenterInProcess, name: str = "North") -> Scene:
    """Set the scene; the partner has ten other customers."""
    partner.lists([customer(number) for number in range(1, 11)])
    reseller = make_reseller(name=name)
    admin = make_person(reseller, Role.ADMIN, name=f"Ada of {name}")
    connection = partner.connect(reseller, name=f"{name} Partner Center")
    with acting(system_actor(reseller.pk, "tests")), transaction.atomic():
        mark_discovered(connection)
    with acting(admin.actor):
        consent(partner, connection, admin.actor)
    organization = make_organization(reseller, name=f"{name} Bakery BV")
    return Scene(
        partner=partner,
        reseller=reseller,
        operator=make_person(reseller, Role.OPERATOR, name=f"Olga of {name}"),
        connection=connection,
        account=account_of(organization, email="anna@bakery.example"),
    )
