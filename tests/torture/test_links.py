"""F11: people link, move and unlink over HTTP while workers discover tenants and import invoices.

The programs are real ones: gunicorn, a worker, the relay, the simulator. Whatever the order things
happen in, each line is billed to exactly one organization in the end.
"""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
import requests
from django.db import transaction

from billing.invoices.operations import import_invoices
from billing.reconciliation.queries import reconcile
from organizations.directory.models import Organization
from organizations.linking.batch import Outcome, Pair, link_tenants
from partnercenter.simulator.worlds import make_world
from portal.core.access import acting
from portal.core.jobs.models import Job
from tenants.connections.models import Connection
from tenants.discovery.models import Tenant
from tenants.discovery.operations import request_discovery
from tests import procs
from tests.factories.core import Person
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_connection
from tests.torture.rig import Rig

pytestmark = [pytest.mark.processes, pytest.mark.timeout(900)]

ROUNDS = 20
CUSTOMERS, LINES, STEPS, PEOPLE = 12, 60, 6, 3
FORGET_INVOICES = """
    SET session_replication_role = replica;
    DELETE FROM billing_invoiceline; DELETE FROM billing_invoicetenanttotal;
    DELETE FROM billing_invoice;
"""
"""So that each round publishes them anew; only an administrator can."""
OWNERS_OF_LINES = """
    SELECT owners, count(*) FROM (
        SELECT count(link.id) AS owners
        FROM billing_invoiceline line
        JOIN billing_invoice invoice ON invoice.id = line.invoice_id
        JOIN tenants_tenant tenant ON tenant.microsoft_id = line.microsoft_id
        LEFT JOIN organizations_link link
            ON link.tenant_id = tenant.id AND link.period @> invoice.month
        WHERE invoice.state = 'published' GROUP BY line.id) AS lines
    GROUP BY owners
"""
WRONG_LINKS = """
    SELECT tenant.id FROM tenants_tenant tenant
    LEFT JOIN organizations_link link ON link.tenant_id = tenant.id AND link.ends_at IS NULL
    GROUP BY tenant.id, tenant.is_linked
    HAVING count(link.id) <> tenant.is_linked::int
"""
EXPECTED = {200, 409}


@pytest.fixture
def connected(rig: Rig, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """Connect the rig's first reseller to a simulated Partner Center with a few customers."""
    folder = tmp_path_factory.mktemp("links")
    make_world(folder / "world", customers=CUSTOMERS, lines=LINES, seed=23)
    partner = json.loads((folder / "world" / "partner.json").read_text())["tenantId"]
    with procs.simulator(str(folder / "world"), folder / "state") as simulator:
        rig.env |= {
            "PARTNERCENTER_SIMULATORS": f"simulator={simulator.url}",
            "PARTNERCENTER_CA_BUNDLE": str(simulator.certificate),
            "PORTAL_JOB_BACKOFF_SECONDS": "1",
        }
        with acting(rig.people[0].actor), transaction.atomic():
            reseller = rig.people[0].membership.reseller
        yield make_connection(reseller, partner_tenant=partner, secret="demo")


def ask_for_both(person: Person, connection: Connection) -> list[UUID]:
    with acting(person.actor):
        run = request_discovery(connection, actor=person.actor)
        job = import_invoices(connection, actor=person.actor)
    return [run.job_id, job.pk]


def harass(
    url: str, token: str, tenants: list[UUID], targets: list[UUID], seed: int
) -> Counter[Any]:
    """Link, move, unlink and undo a few tenants over HTTP; return how often each answer came."""
    chance, answers = random.Random(seed), Counter[Any]()
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {token}"
        for _ in range(STEPS):
            tenant, target = chance.choice(tenants), str(chance.choice(targets))
            verb, body = chance.choice(
                [
                    ("link", {"organization": target}),
                    ("link", {"organization": target}),
                    ("move", {"organization": target}),
                    ("unlink", {"reason": "a race"}),
                ]
            )
            answer = session.post(f"{url}/api/v1/tenants/{tenant}/{verb}/", json=body, timeout=30)
            answers[answer.status_code] += 1
            if answer.status_code == 200 and chance.random() < 0.3:
                undone = session.post(f"{url}/api/v1/links/{answer.json()['id']}/undo/", timeout=30)
                answers[undone.status_code] += 1
    return answers


def link_the_rest(person: Person, target: Organization) -> None:
    with acting(person.actor):
        with transaction.atomic():
            free = list(Tenant.objects.filter(is_linked=False).values_list("pk", flat=True))
        results = link_tenants([Pair(pk, target.pk) for pk in free], actor=person.actor)
        assert {result.outcome for result in results} <= {Outcome.LINKED}


def test_f11_linking_while_workers_discover_and_import_bills_each_line_once(
    rig: Rig, connected: Connection, record_property: Callable[[str, Any], None]
) -> None:
    person = rig.people[0]
    rig.relay()
    rig.worker(queues=["sync", "invoice"])
    web = rig.web()
    assert rig.wait_for(ask_for_both(person, connected)) == {Job.State.DONE: 2}
    with acting(person.actor), transaction.atomic():
        reseller = person.membership.reseller
        tenants = list(Tenant.objects.values_list("pk", flat=True))
    targets = [make_organization(reseller) for _ in range(3)]
    tokens = [person.token() for _ in range(PEOPLE)]
    answers, clean = Counter[Any](), 0
    for number in range(ROUNDS):
        rig.sql(FORGET_INVOICES)
        jobs = ask_for_both(person, connected)
        with ThreadPoolExecutor(PEOPLE) as pool:
            asked = [
                pool.submit(
                    harass,
                    web.url,
                    token,
                    tenants,
                    [target.pk for target in targets],
                    number * PEOPLE + at,
                )
                for at, token in enumerate(tokens)
            ]
            for future in asked:
                answers.update(future.result())
        assert rig.wait_for(jobs) == {Job.State.DONE: 2}
        rig.tally.operations += 2
        assert rig.sql(WRONG_LINKS) == []
        assert max(owners for owners, _ in rig.sql(OWNERS_OF_LINES)) <= 1
        link_the_rest(person, targets[0])
        lines = dict(rig.sql(OWNERS_OF_LINES))
        with acting(person.actor), transaction.atomic():
            parts = reconcile(person.actor)
        assert all(part.difference == part.unassigned == 0 for part in parts)
        clean += set(lines) == {1} and bool(parts)
    rig.tally.operations += answers.total()
    record_property(
        "figure",
        f"F11: {clean} of {ROUNDS} rounds of discovery, import and {answers.total()} links, moves,"
        f" unlinks and undos at once ({answers[200]} done, {answers[409]} refused): each line"
        " billed to exactly one organization",
    )
    assert clean == ROUNDS
    assert set(answers) <= EXPECTED
    assert answers[200] > ROUNDS
