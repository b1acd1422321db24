"""Tenants that more than one connection lists, and discoveries at the same time."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connections as databases
from django.db import transaction

from portal.core.access import Role, acting, system_actor
from portal.core.errors import Conflict, NotAllowed
from portal.core.identity.models import Reseller
from portal.core.jobs.models import Job
from tenants.connections import clients
from tenants.connections.models import Connection
from tenants.discovery.models import Tenant
from tenants.discovery.operations import request_discoveries, request_discovery
from tenants.discovery.tasks import schedule_discovery
from tests.factories.core import make_person, make_reseller
from tests.tenants.simulated import (
    CLOUD,
    PartnerCenterInProcess,
    customer,
    customer_id,
    customers,
)
from tests.tenants.steps import ask, discovered, look, names, tenants, work

SECOND = "https://second.test"


@pytest.fixture
def second(
    partner: PartnerCenterInProcess,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
) -> PartnerCenterInProcess:
    """Return another partner, on the cloud ``second``."""
    made = PartnerCenterInProcess(tmp_path / "second", number=2, address=SECOND)
    addresses = {**CLOUD, "API": SECOND, "AUTHORITY": SECOND, "GRAPH": SECOND}
    settings.PARTNERCENTER_CLOUDS = {**settings.PARTNERCENTER_CLOUDS, "second": addresses}

    def both() -> Any:
        session = partner.session()
        for prefix, adapter in made.session().adapters.items():
            session.mount(prefix, adapter)
        return session

    monkeypatch.setattr(clients, "session_factory", both)
    return made


def test_tenant_of_two_connections_stays_with_the_first_until_that_one_loses_it(
    partner: PartnerCenterInProcess, second: PartnerCenterInProcess, reseller: Reseller
) -> None:
    partner.lists([customer(1, name="As the first says"), customer(2)])
    second.lists([customer(1, name="As the second says"), customer(3)])
    one = partner.connect(reseller, name="One")
    two = second.connect(reseller, name="Two", cloud="second")
    discovered(one)
    run = discovered(two)
    assert (run.found, run.created, run.updated) == (2, 1, 0)
    shared = tenants(one)[customer_id(1)]
    assert (shared.connection_id, shared.name) == (one.pk, "As the first says")
    partner.lists([customer(2)])
    discovered(one)
    assert tenants(one)[customer_id(1)].status == Tenant.Status.MISSING
    run = discovered(two)
    shared = tenants(one)[customer_id(1)]
    assert run.returned == 1
    assert (shared.connection_id, shared.name) == (two.pk, "As the second says")
    assert (shared.status, shared.former_name) == (Tenant.Status.ACTIVE, "As the first says")


def test_one_connection_marks_nothing_of_another(
    partner: PartnerCenterInProcess, second: PartnerCenterInProcess, reseller: Reseller
) -> None:
    partner.lists(customers(3))
    second.lists(customers(3, first=10))
    one = partner.connect(reseller, name="One")
    two = second.connect(reseller, name="Two", cloud="second")
    discovered(one)
    discovered(two)
    discovered(one)
    assert names(one, status=Tenant.Status.MISSING) == set()


def test_second_discovery_at_once_is_told_who_asked_and_when(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    connection = partner.connect(reseller, name="Harbour")
    first = ask(connection)
    operator = make_person(reseller, Role.OPERATOR)
    with acting(operator.actor), pytest.raises(Conflict) as refused:
        request_discovery(connection, actor=operator.actor)
    assert "Harbour is being discovered already: Tenantry (tests) asked" in refused.value.detail
    assert f"{look(first).job.created_at:%Y-%m-%d at %H:%M} UTC" in refused.value.detail
    assert refused.value.data == {"job": str(first.job_id), "discovery_run": str(first.pk)}
    work(first)
    with acting(operator.actor):
        request_discovery(connection, actor=operator.actor)


def test_auditor_may_not_ask_for_a_discovery(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    connection = partner.connect(reseller)
    auditor = make_person(reseller, Role.AUDITOR)
    with acting(auditor.actor), pytest.raises(NotAllowed):
        request_discovery(connection, actor=auditor.actor)


def test_two_asking_in_the_same_moment_make_one_run(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    connection = partner.connect(reseller)

    def try_asking(_: int) -> bool:
        try:
            ask(connection)
        except Conflict:
            return False
        finally:
            databases.close_all()
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(try_asking, range(4))) == 1


def test_same_job_delivered_to_four_workers_runs_once(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    partner.lists(customers(30), page_size=5)
    run = ask(partner.connect(reseller))

    def deliver(_: int) -> None:
        try:
            work(run)
        finally:
            databases.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(deliver, range(4)))
    seen = look(run)
    assert (seen.job.state, seen.job.attempts, seen.found) == (Job.State.DONE, 1, 30)
    assert partner.calls.count("GET /v1/customers") == 6


def test_two_connections_that_list_the_same_tenants_do_not_block_each_other(
    partner: PartnerCenterInProcess, second: PartnerCenterInProcess, reseller: Reseller
) -> None:
    partner.lists(customers(60), page_size=20)
    second.lists(reversed(customers(60)), page_size=15)
    one = ask(partner.connect(reseller, name="One"))
    two = ask(second.connect(reseller, name="Two", cloud="second"))

    def deliver(run: Any) -> None:
        try:
            work(run)
        finally:
            databases.close_all()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(deliver, [one, two]))
    one, two = look(one), look(two)
    assert (one.job.state, two.job.state) == (Job.State.DONE, Job.State.DONE)
    assert one.created + two.created == 60
    assert len(tenants(one.connection)) == 60


def test_night_asks_for_every_connection_of_every_reseller_once(
    partner: PartnerCenterInProcess, second: PartnerCenterInProcess, reseller: Reseller
) -> None:
    other = make_reseller()
    rows = [
        partner.connect(reseller, name="One"),
        second.connect(reseller, name="Two", cloud="second"),
        partner.connect(other),
    ]
    ask(rows[0])
    schedule_discovery()
    schedule_discovery()
    assert [open_jobs(row) for row in rows] == [1, 1, 1]
    with acting(system_actor(reseller.pk, "tests")):
        assert request_discoveries(actor=system_actor(reseller.pk, "tests")) == []


def open_jobs(connection: Connection) -> int:
    with acting(system_actor(connection.reseller_id, "tests")), transaction.atomic():
        jobs = Job.objects.filter(dedupe_key=str(connection.pk), state__in=Job.OPEN)
        count: int = jobs.count()
    return count
