"""Discoveries of ten thousand customers: workers that die in them, messages that come four-fold."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import monotonic
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from organizations.bulk.operations import preview_bulk, run_bulk
from organizations.bulk.plans import LinkTo, TheseTenants
from organizations.linking.queries import tenants_for_lists
from partnercenter.simulator.worlds import make_world
from portal.core.access import acting
from portal.core.jobs.ringing import ring
from portal.core.metrics import MICROSOFT, noted
from tenants.connections.models import Connection
from tenants.discovery.operations import DISCOVERY, request_discovery
from tests import procs
from tests.factories.core import Person
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_connection
from tests.torture.rig import Rig, wait_until

pytestmark = [pytest.mark.processes, pytest.mark.timeout(900)]
Record = Callable[[str, Any], None]
MANY, FEW = 10_000, 60
LINKED = 2_000
WORKERS, SLOTS = 4, 20
DEATHS = ("step.before_commit=kill@9", "step.committed=kill@6")


@dataclass(frozen=True, slots=True)
class Partner:
    """A simulated Partner Center, and every customer it has."""

    tenant_id: str
    customers: frozenset[str]
    env: dict[str, str]

    def connect(self, rig: Rig, person: Person) -> Connection:
        rig.env |= self.env | {"PORTAL_JOB_BACKOFF_SECONDS": "1"}
        with acting(person.actor), transaction.atomic():
            reseller = person.membership.reseller
        return make_connection(reseller, partner_tenant=self.tenant_id, secret="demo")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Partner]:
    yield from running(tmp_path_factory, customers=MANY)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Partner]:
    yield from running(tmp_path_factory, customers=FEW)


def running(folders: pytest.TempPathFactory, *, customers: int) -> Iterator[Partner]:
    folder = folders.mktemp(f"partner-of-{customers}")
    make_world(folder / "world", customers=customers, lines=100, seed=17)
    rows = (folder / "world" / "customers.jsonl").read_text().splitlines()
    tenant_id = json.loads((folder / "world" / "partner.json").read_text())["tenantId"]
    with procs.simulator(str(folder / "world"), folder / "state") as simulator:
        env = {
            "PARTNERCENTER_SIMULATORS": f"simulator={simulator.url}",
            "PARTNERCENTER_CA_BUNDLE": str(simulator.certificate),
        }
        yield Partner(tenant_id, frozenset(json.loads(row)["id"].lower() for row in rows), env)


def ask(person: Person, connection: Connection) -> tuple[UUID, UUID]:
    """Ask for a discovery; return the run and its job."""
    with acting(person.actor):
        run = request_discovery(connection, actor=person.actor)
    return run.pk, run.job_id


def state_of(rig: Rig, job: UUID) -> str:
    return str(rig.sql("SELECT state FROM core_job WHERE id = %s", str(job))[0][0])


def stored(rig: Rig) -> list[str]:
    return [str(row[0]) for row in rig.sql("SELECT microsoft_id FROM tenants_tenant")]


def completions(rig: Rig) -> int:
    action = "tenants.discovery_completed"
    return int(rig.sql("SELECT count(*) FROM core_auditevent WHERE action = %s", action)[0][0])


def test_worker_killed_in_a_discovery_of_10000_customers_completes_it_exactly(
    rig: Rig, large: Partner, record_property: Record
) -> None:
    person = rig.people[0]
    connection = large.connect(rig, person)
    rig.relay()
    run, job = ask(person, connection)
    halves = []
    for number, plan in enumerate(DEATHS, start=1):
        worker = rig.worker(queues=["sync"], concurrency=1, env=rig.fault(plan))
        wait_until(lambda expected=number: len(rig.injected()) == expected, 120)  # type: ignore[misc]
        worker.kill()
        halves.append(len(stored(rig)))
        assert state_of(rig, job) == "running", "nobody has finished it"
    assert 0 < halves[0] < halves[1] < MANY, "each died in the middle"
    rig.tally.faults += len(DEATHS)
    rig.tally.operations += 1
    rig.worker(queues=["sync"], concurrency=1)
    wait_until(lambda: state_of(rig, job) == "done", 180)
    found = stored(rig)
    assert len(found) == len(set(found)) == MANY
    assert set(found) == large.customers
    counts = rig.sql(
        "SELECT found, created, updated, returned, missing, held, pages FROM tenants_discoveryrun"
        " WHERE id = %s",
        str(run),
    )
    assert counts == [(MANY, MANY, 0, 0, 0, 0, MANY // 500)]
    assert completions(rig) == 1
    assert rig.sql("SELECT count(*) FROM tenants_tenant WHERE changed_at <> first_seen_at") == [
        (0,)
    ]
    assert rig.sql("SELECT count(*) FROM tenants_sightedtenant") == [(0,)]
    record_property(
        "figure",
        f"F12: worker killed at {halves[0]:,} and {halves[1]:,} of {MANY:,} customers,"
        f" {len(found):,} stored, 0 missing, 0 double",
    )


def test_m06_ten_thousand_are_discovered_and_two_thousand_linked_with_hardly_a_call_too_many(
    rig: Rig, large: Partner, record_property: Record
) -> None:
    person = rig.people[0]
    connection = large.connect(rig, person)
    with acting(person.actor), transaction.atomic():
        reseller = person.membership.reseller
    organization = make_organization(reseller, name="Target Company")
    calls_before = calls_to_microsoft()
    rig.relay()
    # Without a token nobody could read the metrics, and nothing is counted.
    rig.worker(queues=["sync"], concurrency=1, env={"PORTAL_METRICS_TOKEN": "for-counting"})
    began = monotonic()
    run, job = ask(person, connection)
    wait_until(lambda: state_of(rig, job) == "done", 240)
    discovered = monotonic() - began
    with acting(person.actor):
        with transaction.atomic():
            chosen = list(tenants_for_lists(person.actor).order_by("pk")[:LINKED])
        choice = TheseTenants(tuple(tenant.pk for tenant in chosen))
        draft = preview_bulk(actor=person.actor, choice=choice, plan=LinkTo(organization))
        bulk = run_bulk(draft, actor=person.actor)
    assert bulk.job is not None
    assert rig.wait_for([bulk.job.pk], 240) == {"done": 1}
    seconds = monotonic() - began
    linked = rig.sql("SELECT count(*) FROM organizations_link WHERE ends_at IS NULL")
    assert linked == [(LINKED,)]
    pages = rig.sql("SELECT pages FROM tenants_discoveryrun WHERE id = %s", str(run))[0][0]
    least = int(pages) + len(["the token"])
    calls = calls_to_microsoft() - calls_before
    assert MANY // 500 < calls <= least * 1.1
    rig.tally.operations += 1 + LINKED
    record_property(
        "figure",
        f"M06: {MANY:,} tenants discovered in {discovered:.0f} s, {LINKED:,} linked by"
        f" {seconds:.0f} s; {calls} calls to Microsoft, {least} at least",
    )


def calls_to_microsoft() -> int:
    """Return how many requests all processes sent to Microsoft, as the metrics count them."""
    return sum(sum(histogram.counts.values()) for histogram in noted(MICROSOFT).values())


def test_f12_the_same_discovery_delivered_to_four_workers_has_one_effect(
    rig: Rig, small: Partner, record_property: Record
) -> None:
    person = rig.people[0]
    connection = small.connect(rig, person)
    rig.relay()
    for _ in range(WORKERS):
        rig.worker(queues=["sync"], concurrency=1)
    delivered = 0
    for slot in range(1, SLOTS + 1):
        _, job = ask(person, connection)
        delivered += sum(ring(job, DISCOVERY.queue) for _ in range(WORKERS))
        wait_until(lambda asked=job: state_of(rig, asked) == "done", 60)  # type: ignore[misc]
        delivered += sum(ring(job, DISCOVERY.queue) for _ in range(WORKERS))
        assert completions(rig) == slot
    rig.tally.faults += delivered
    rig.tally.operations += SLOTS
    assert delivered == 2 * WORKERS * SLOTS
    found = stored(rig)
    assert set(found) == small.customers
    assert len(found) == FEW
    attempts = rig.sql("SELECT DISTINCT attempts FROM core_job WHERE kind = %s", DISCOVERY.name)
    assert attempts == [(1,)]
    runs = rig.sql("SELECT sum(created), sum(updated), sum(missing) FROM tenants_discoveryrun")
    assert runs == [(FEW, 0, 0)]
    record_property(
        "figure",
        f"F12: {SLOTS} of {SLOTS} discoveries had one effect,"
        f" {delivered} messages more than needed to {WORKERS} workers",
    )
