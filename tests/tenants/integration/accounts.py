"""Whole partner accounts in this process, and what tests of integration tests do often."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from partnercenter.simulator import Simulator, Switches
from partnercenter.simulator.worlds import make_world, open_world
from portal.core.access import Actor, acting, system_actor
from portal.core.identity.models import Reseller
from portal.core.jobs.models import Job
from portal.core.jobs.worker import run_job
from tenants.connections.models import Connection
from tenants.integration.models import IntegrationStep, IntegrationTest
from tenants.integration.operations import request_test
from tenants.integration.queries import steps_of
from tests.factories.tenants import make_connection
from tests.tenants.simulated import PartnerCenterInProcess

MANY_LOOKS = 12


class Account(PartnerCenterInProcess):
    """A partner with customers, subscriptions and invoices, in production or in a sandbox."""

    def opens(
        self, *, customers: int = 6, lines: int = 60, sandbox: bool = False, **switches: Any
    ) -> None:
        """Be an account of that size from now on."""
        folder = self.folder / f"account-{next(self._worlds)}"
        make_world(folder, customers=customers, lines=lines, seed=7, hostile=0, sandbox=sandbox)
        self.partner = json.loads((folder / "partner.json").read_text())
        self.tenant_id = self.partner["tenantId"]
        world = open_world(str(folder), cache=self.folder / f"cache-{folder.name}")
        state = self.folder / f"state-{folder.name}"
        self.simulator = Simulator(world, switches=Switches(**switches), state_folder=state)

    def connect(self, reseller: Reseller, **options: Any) -> Connection:
        """Add a connection to this partner."""
        given = {
            "partner_tenant": self.tenant_id,
            "client_id": self.partner["clientId"],
            "secret": self.partner["clientSecret"],
        }
        return make_connection(reseller, **(given | options))


def open_account(folder: Path, **options: Any) -> Account:
    """Return an account in a folder of its own."""
    account = Account(folder)
    account.opens(**options)
    return account


def ask(
    connection: Connection, *, actor: Actor | None = None, is_sandbox: bool = False
) -> IntegrationTest:
    """Ask for a test as ``actor``, or as the clock does."""
    asker = actor or system_actor(connection.reseller_id, "tests")
    with acting(asker):
        return request_test(connection, actor=asker, is_sandbox=is_sandbox)


def work_once(test: IntegrationTest) -> IntegrationTest:
    """Let a worker run the job now, whenever it is due; return the run as it is then."""
    with acting(system_actor(test.reseller_id, "tests")), transaction.atomic():
        Job.objects.filter(pk=test.job_id, state=Job.State.WAITING).update(due_at=Now())
    run_job(test.job_id)
    return look(test)


def work(test: IntegrationTest) -> IntegrationTest:
    """Let a worker look again and again until the run is over."""
    for _ in range(MANY_LOOKS):
        test = work_once(test)
        if not test.job.is_open:
            return test
    raise AssertionError(f"The run does not end: {test.job.note}")


def run_through(connection: Connection, **options: Any) -> IntegrationTest:
    """Test a connection from asking to the end."""
    return work(ask(connection, **options))


def effects(account: Account, kind: str) -> list[str]:
    """Return the subjects of what happened in an account, oldest first."""
    return [row.subject for row in account.simulator.ledger.find(kind=kind)]


def look(test: IntegrationTest) -> IntegrationTest:
    """Return the run as it is now, with its job and connection."""
    with acting(system_actor(test.reseller_id, "tests")), transaction.atomic():
        rows = IntegrationTest.objects.select_related("job", "connection")
        found: IntegrationTest = rows.get(pk=test.pk)
    return found


def steps(test: IntegrationTest) -> dict[str, IntegrationStep]:
    """Return the steps of a run by name."""
    with acting(system_actor(test.reseller_id, "tests")), transaction.atomic():
        return {step.name: step for step in steps_of(test)}


def states(test: IntegrationTest) -> dict[str, str]:
    """Return how each step ended."""
    return {name: str(step.state) for name, step in steps(test).items()}


def seen(step: IntegrationStep) -> dict[str, Any]:
    """Return what a step saw, by name."""
    return {fact["name"]: fact["value"] for fact in step.seen}


def age(test: IntegrationTest, name: str, by: timedelta) -> None:
    """Let a step have begun that much earlier."""
    with acting(system_actor(test.reseller_id, "tests")), transaction.atomic():
        step = IntegrationStep.objects.get(test=test, name=name)
        assert step.started_at is not None
        step.started_at -= by
        step.save(update_fields=["started_at"])
