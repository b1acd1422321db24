"""Provisioning with real workers that are killed, deploys, and a Microsoft that loses answers.

G01, G02, G03, G09, G10, G11: whatever happens, each account gets one tenant, none two, and every
request ends, or waits for a person with a reason.
"""

import json
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
import requests
from django.db import transaction

from organizations.provisioning.operations import request_provisioning
from partnercenter.simulator.worlds import make_world
from portal.core.access import acting, system_actor
from tenants.connections.models import Connection
from tests import procs
from tests.factories.core import Person
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_connection, mark_discovered
from tests.organizations.provisioning.scene import account_of
from tests.repetitions import TIMES
from tests.torture.rig import Program, Rig, wait_until
from tests.torture.test_failpoints import failpoints_in_the_code

pytestmark = [pytest.mark.processes, pytest.mark.timeout(3600)]
Record = Callable[[str, Any], None]
POINTS = [name for name in failpoints_in_the_code() if name.startswith("provisioning.")]
FEW = (
    "provisioning.create.before_call=kill",
    "provisioning.create.answered=kill",
    "provisioning.create.answered=stall",
    "provisioning.before_commit=kill@9",
    "provisioning.committed=kill@8",
)
QUEUE = ["money"]
SETTLE_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Partner:
    """A simulated Partner Center in a process of its own, and the ways to harm its answers."""

    world: dict[str, Any]
    url: str
    certificate: str

    @property
    def env(self) -> dict[str, str]:
        return {
            "PARTNERCENTER_SIMULATORS": f"simulator={self.url}",
            "PARTNERCENTER_CA_BUNDLE": self.certificate,
            "PORTAL_JOB_BACKOFF_SECONDS": "1",
            "PROVISIONING_SETTLE_SECONDS": str(SETTLE_SECONDS),
        }

    def control(self, name: str, body: Any) -> None:
        answer = requests.post(
            f"{self.url}/_simulator/{name}", json=body, verify=self.certificate, timeout=30
        )
        assert answer.status_code < 300, answer.text

    def no_faults(self) -> None:
        """End the faults in force."""
        address = f"{self.url}/_simulator/faults"
        requests.delete(address, verify=self.certificate, timeout=30)

    def created(self) -> list[str]:
        """Return the domains that were created, each as often as it was."""
        answer = requests.get(
            f"{self.url}/_simulator/ledger",
            params={"kind": "customer_created"},
            verify=self.certificate,
            timeout=30,
        )
        return [
            row["data"]["customer"]["companyProfile"]["domain"] for row in answer.json()["items"]
        ]


@pytest.fixture(scope="module")
def partner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Partner]:
    folder = tmp_path_factory.mktemp("partner-of-provisioning")
    make_world(folder / "world", customers=20, lines=20, seed=5, hostile=0)
    with procs.simulator(str(folder / "world"), folder / "state") as simulator:
        world = json.loads((folder / "world" / "partner.json").read_text())
        yield Partner(world, simulator.url, str(simulator.certificate))


def connect(rig: Rig, partner: Partner, person: Person) -> Connection:
    rig.env |= partner.env
    with acting(person.actor), transaction.atomic():
        reseller = person.membership.reseller
    connection = make_connection(
        reseller, partner_tenant=partner.world["tenantId"], client_id="demo", secret="demo"
    )
    with acting(system_actor(reseller.pk, "tests")), transaction.atomic():
        mark_discovered(connection)
    return connection


def ask(person: Person, connection: Connection, prefix: str, count: int) -> dict[UUID, str]:
    """Ask for so many tenants; return the domain of each request."""
    found = {}
    for number in range(count):
        organization = make_organization(
            person.membership.reseller, name=f"{prefix} {number} Company"
        )
        account = account_of(organization, email=f"it@{prefix}.example")
        with acting(person.actor):
            row = request_provisioning(
                account,
                actor=person.actor,
                connection=connection,
                username="admin",
                domain=f"{prefix}{number}",
            )
        found[row.pk] = row.domain
    return found


def states(rig: Rig, asked: dict[UUID, str]) -> list[str]:
    rows = rig.sql(
        "SELECT state FROM organizations_provisioningrequest WHERE id = ANY (%s::uuid[])",
        [str(key) for key in asked],
    )
    return [str(state) for (state,) in rows]


def settled(rig: Rig, asked: dict[UUID, str]) -> bool:
    rig.revive()
    return not {*states(rig, asked)} & {"waiting", "running"}


def prove(rig: Rig, partner: Partner, asked: dict[UUID, str]) -> int:
    """Assert one tenant, one link and a kept password each; return how many wait for a person."""
    created = partner.created()
    for domain in asked.values():
        assert created.count(domain) == 1, domain
    rows = rig.sql(
        "SELECT r.state, r.has_password, r.error, r.link_id IS NOT NULL,"
        " p.password_sealed IS NOT NULL FROM organizations_provisioningrequest r"
        " LEFT JOIN organizations_firstpassword p ON p.request_id = r.id"
        " WHERE r.id = ANY (%s::uuid[])",
        [str(key) for key in asked],
    )
    for state, has_password, error, linked, kept in rows:
        assert linked, (state, error)
        assert (state == "done" and has_password and kept) or (state == "person" and error)
    links = rig.sql(
        "SELECT count(*), count(DISTINCT tenant_id) FROM organizations_link WHERE ends_at IS NULL"
    )[0]
    assert links[0] == links[1]
    return sum(state == "person" for state, *_ in rows)


def plans() -> list[str]:
    if TIMES == 1:
        return list(FEW)
    actions = ("kill", "stall", "cut")
    many = [
        f"provisioning.{at}=kill@{nth}"
        for at in ("before_commit", "committed")
        for nth in range(1, 18)
    ]
    return [f"{point}={action}" for point in POINTS for action in actions] + many


def test_g01_a_worker_dies_at_every_place_and_each_account_has_one_tenant(
    rig: Rig, partner: Partner, record_property: Record
) -> None:
    person = rig.people[0]
    connection = connect(rig, partner, person)
    rig.relay()
    met = cases = 0
    for number, plan in enumerate(plans()):
        asked = ask(person, connection, f"killed{number}x", 1)
        worker = rig.worker(queues=QUEUE, concurrency=1, env=rig.fault(plan))
        wait_until(lambda: bool(rig.injected()) or settled(rig, asked), 60)  # noqa: B023
        met += bool(rig.injected())
        (rig.folder / "faults.log").unlink(missing_ok=True)
        after = rig.worker(queues=QUEUE, concurrency=1)
        wait_until(lambda: settled(rig, asked), 90)  # noqa: B023
        send_on(worker)
        assert prove(rig, partner, asked) == 0
        stop(worker, after)
        cases += 1
    rig.tally.faults += met
    rig.tally.operations += cases
    record_property(
        "figure", f"G01/G11: {met} faults in {cases} provisionings, tenants {cases}, doubled 0"
    )


@pytest.mark.parametrize("forgets", [False, True], ids=["remembers", "forgets"])
def test_g02_g03_answers_lost_after_commit_make_nothing_twice(
    rig: Rig, partner: Partner, record_property: Record, forgets: bool
) -> None:
    person = rig.people[0]
    connection = connect(rig, partner, person)
    rig.relay()
    count = 4 * TIMES
    # Every second answer is lost, be it of a first call or of one that is repeated.
    create = {"method": "POST", "path": "^/v1/customers$", "every": 2}
    partner.control("faults", {**create, "action": "drop_after"})
    asked = ask(person, connection, f"cut{'f' if forgets else 'r'}x", count)
    rig.worker(queues=QUEUE, concurrency=2)
    if forgets:
        wait_until(lambda: set(partner.created()) >= set(asked.values()), 90)
        partner.control("clock", {"hours": 25})
    wait_until(lambda: settled(rig, asked), 150)
    partner.no_faults()
    people = prove(rig, partner, asked)
    assert people == 0 or forgets, "what is remembered says the password again"
    rig.tally.faults += count
    rig.tally.operations += count
    words = "forgotten" if forgets else "remembered"
    record_property(
        "figure",
        f"G02/G03: {count} with every second answer cut, ids {words}: tenants {count}, doubled 0,"
        f" {people} wait for a person with a reason",
    )


def test_g10_deploys_during_provisionings_lose_and_double_nothing(
    rig: Rig, partner: Partner, record_property: Record
) -> None:
    person = rig.people[0]
    connection = connect(rig, partner, person)
    rig.relay()
    count, deploys = 10 * TIMES, 0
    asked = ask(person, connection, "deployedx", count)
    while not settled(rig, asked) and deploys < 5 * TIMES:
        worker = rig.worker(queues=QUEUE, concurrency=2)
        done = states(rig, asked).count("done")
        wait_until(lambda: states(rig, asked).count("done") > done + 1 or settled(rig, asked), 60)  # noqa: B023
        worker.send(signal.SIGTERM)
        worker.stop()
        deploys += 1
    rig.worker(queues=QUEUE, concurrency=2)
    wait_until(lambda: settled(rig, asked), 120)
    assert prove(rig, partner, asked) == 0
    rig.tally.faults += deploys
    rig.tally.operations += count
    record_property(
        "figure", f"G10: {count} of {count} done over {deploys} deploys, doubled 0, lost 0"
    )


def send_on(program: Program) -> None:
    """Let a worker that was stopped past its lease go on: its fence is no longer good."""
    if program.is_running:
        program.send(signal.SIGCONT)
        for child in program.children():
            try:
                os.kill(child, signal.SIGCONT)
            except ProcessLookupError:
                continue


def stop(*programs: Program) -> None:
    for program in programs:
        if program.is_running:
            program.kill()
