"""Dying at every named place of the code, in the middle of discoveries and imports (A07, A08)."""

import ast
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
import requests

from partnercenter.simulator.worlds import make_world
from tests import procs
from tests.database import PROJECT
from tests.repetitions import TIMES
from tests.torture.rig import Program, Rig, wait_until

pytestmark = [pytest.mark.processes, pytest.mark.timeout(1800)]
QUEUES = ("sync", "invoice")
"""What discoveries and imports wait in, and what they ask for in their turn."""
SLOW = "billing.read_unbilled"
"""An import asks for it; Microsoft takes its time for the answer, and nothing here is about it."""
Record = Callable[[str, Any], None]
PACKAGES = ("portal", "partnercenter", "tenants", "organizations", "billing")
CUSTOMERS, LINES = 40, 160
OF_THE_WEB = ("job.before_commit", "job.after_commit")
OF_THE_RELAY = ("relay.before_publish", "relay.after_publish")
OF_MAIL = ("mail.before_send", "mail.sent")
"""Letters come past them, discoveries and imports do not: see `test_letters`."""


def failpoints_in_the_code() -> list[str]:
    """Return the name of every failpoint, read from the source."""
    found = []
    for package in PACKAGES:
        for path in sorted((PROJECT / package).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            # Most files name none; reading them all as code takes seconds in every process.
            for node in ast.walk(ast.parse(text)) if "failpoint(" in text else ():
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "failpoint":
                    (name,) = node.args
                    assert isinstance(name, ast.Constant), f"{path}: a name must be a constant"
                    found.append(str(name.value))
    return found


@dataclass(frozen=True, slots=True)
class Partner:
    """A simulated Partner Center, and what the portal must have read from it in the end."""

    world: dict[str, Any]
    env: dict[str, str]


@pytest.fixture(scope="module")
def partner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Partner]:
    folder = tmp_path_factory.mktemp("partner")
    make_world(folder / "world", customers=CUSTOMERS, lines=LINES, seed=11, hostile=0)
    with procs.simulator(str(folder / "world"), folder / "state") as simulator:
        env = {
            "PARTNERCENTER_SIMULATORS": f"simulator={simulator.url}",
            "PARTNERCENTER_CA_BUNDLE": str(simulator.certificate),
        }
        yield Partner(json.loads((folder / "world" / "partner.json").read_text()), env)


class Api:
    """The portal's API as one reseller's administrator; tries again when a process died."""

    def __init__(self, web: Program, token: str) -> None:
        self.web, self.headers = web, {"Authorization": f"Bearer {token}", "Host": "testserver"}

    def post(self, path: str, body: dict[str, Any]) -> requests.Response | None:
        try:
            return requests.post(
                f"{self.web.url}/api/v1/{path}", json=body, headers=self.headers, timeout=60
            )
        except requests.ConnectionError:
            return None

    def get(self, path: str) -> Any:
        answer = requests.get(f"{self.web.url}/api/v1/{path}", headers=self.headers, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()


def faults_for(point: str) -> list[str]:
    """Return the plans to try at a point: each action, early and in the middle of the work."""
    actions = ("kill", "cut") if point not in OF_THE_RELAY else ("kill",)
    times = ("1", "3") if point.startswith("step.") and TIMES > 1 else ("1",)
    return [f"{point}={action}@{nth}" for action in actions for nth in times]


def failpoints_of_reading() -> list[str]:
    """Return those a discovery and an import come past; writes to Microsoft and mail have tests."""
    found = failpoints_in_the_code()
    others = ("provisioning.", "agreement.")
    return [it for it in found if not it.startswith(others) and it not in OF_MAIL]


@pytest.mark.parametrize("point", failpoints_of_reading())
def test_a08_discovery_and_import_survive_every_failpoint(
    rig: Rig, partner: Partner, record_property: Record, point: str
) -> None:
    plans = faults_for(point)
    rig.env |= partner.env | {"PORTAL_JOB_BACKOFF_SECONDS": "1"}
    for plan in plans:
        survive(rig, partner, plan)
        assert rig.injected() == [point], "the fault was injected"
        (rig.folder / "faults.log").unlink()
        rig.tally.faults += 1
        rig.tally.operations += 2
        rig.stop_all()
    record_property("figure", f"A08: {point} hit {len(plans)} times, tenants and cents right after")


def survive(rig: Rig, partner: Partner, plan: str) -> None:
    """Connect, discover and import with one fault on the way; everything must be there after."""
    person = rig.people[0]
    rig.sql("DELETE FROM core_job WHERE kind LIKE 'tests.%%'")
    empty_world(rig)
    point = plan.partition("=")[0]
    web_fault = rig.fault(plan) if point in OF_THE_WEB or point.startswith("audit.") else {}
    worker_fault = rig.fault(plan) if not web_fault and point not in OF_THE_RELAY else {}
    web = rig.web(env=web_fault)
    if point not in OF_THE_RELAY:
        rig.worker(queues=QUEUES, concurrency=1, env=worker_fault)
    relay = rig.relay(rig.fault(plan) if point in OF_THE_RELAY else {})
    api = Api(web, person.token())
    connection = insist(
        lambda: api.post(
            "connections/",
            {
                "name": "Direct",
                "cloud": "simulator",
                "partner_tenant": partner.world["tenantId"],
                "client_id": "demo",
                "secret": "demo",
            },
        ),
        existing=lambda: api.get("connections/")["results"],
    )
    month = (date.today().replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
    insist(lambda: api.post("discovery-runs/", {"connection": connection["id"]}))
    insist(lambda: api.post("invoices/", {"connection": connection["id"], "month": month}))
    if point in OF_THE_RELAY:
        # With no worker the messages of the web come to nothing, so the relay has something to do.
        wait_until(lambda: rig.injected() == [point])
        rig.worker(queues=QUEUES, concurrency=1)

    def all_done() -> bool:
        if not relay.is_running and len([it for it in rig.programs if it.name == "relay"]) < 50:
            revive_relay(rig)
        rows = rig.sql(
            "SELECT state FROM core_job WHERE queue = ANY (%s) AND kind <> %s", list(QUEUES), SLOW
        )
        states = {state for (state,) in rows}
        assert not states & {"failed", "needs_person"}, rig.sql("SELECT title, error FROM core_job")
        return states == {"done"}

    wait_until(all_done, 90)
    count = "SELECT count(*) FROM {} WHERE reseller_id = %s"
    tenants = rig.sql(count.format("tenants_tenant"), person.actor.reseller_id)[0][0]
    distinct = rig.sql("SELECT count(DISTINCT microsoft_id) FROM tenants_tenant")[0][0]
    assert tenants == distinct >= CUSTOMERS
    lines = rig.sql("SELECT sum(lines), count(*) FROM billing_invoice WHERE state = 'published'")[0]
    stored = rig.sql("SELECT count(*) FROM billing_invoiceline")[0][0]
    assert lines[0] == stored > 0


def revive_relay(rig: Rig) -> None:
    """Do what a supervisor does."""
    if not any(program.name == "relay" and program.is_running for program in rig.programs):
        rig.relay()


def insist(
    ask: Callable[[], requests.Response | None],
    *,
    existing: Callable[[], list[dict[str, Any]]] = list,
) -> dict[str, Any]:
    """Ask until it is accepted, as a person does whose page did not come back."""
    for _ in range(5):
        answer = ask()
        if answer is not None and answer.status_code in (200, 201, 202):
            return dict(answer.json())
        if answer is not None and answer.status_code == 409 and "job" in answer.text:
            return {}
        found = existing()
        if found:
            return found[0]
    raise AssertionError(f"not accepted: {answer and answer.text}")


def empty_world(rig: Rig) -> None:
    """Forget what an earlier fault of the same test has read."""
    rig.sql(
        "SET session_replication_role = replica; DELETE FROM core_job;"
        " DELETE FROM billing_invoiceline; DELETE FROM billing_invoice;"
        " DELETE FROM tenants_tenant; DELETE FROM tenants_discoveryrun;"
        " DELETE FROM tenants_partnerclaim; DELETE FROM tenants_familyhealth;"
        " DELETE FROM tenants_auditcursor; DELETE FROM tenants_connection"
    )
