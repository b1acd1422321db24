"""The same job as in the browser, done by a program: connect, discover, link, reconcile.

The simulator runs as its own process; jobs are run here, one after the other, as a worker would.
"""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

import billing.tasks
import tenants.tasks  # noqa: F401  (registers what does the jobs)
from partnercenter.simulator.worlds import make_world
from portal.core.access import Role
from portal.core.jobs import worker
from tests import procs
from tests.factories.core import make_person, make_reseller

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
CUSTOMERS = 6


@pytest.fixture
def partner(tmp_path: Path, settings: Settings) -> Iterator[dict[str, Any]]:
    """Run the simulator of a small world and return its partner."""
    make_world(tmp_path / "world", customers=CUSTOMERS, lines=48, seed=5, hostile=0)
    with procs.simulator(str(tmp_path / "world"), tmp_path / "state") as simulator:
        addresses = dict.fromkeys(("API", "AUTHORITY", "GRAPH"), simulator.url)
        bundle = str(simulator.certificate)
        settings.PARTNERCENTER_CLOUDS = {"simulator": {**addresses, "CA_BUNDLE": bundle}}
        yield json.loads((tmp_path / "world" / "partner.json").read_text())


def send(api: Client, path: str, body: dict[str, Any] | None = None) -> Any:
    answer = api.post(f"/api/v1/{path}", body or {}, content_type="application/json")
    assert answer.status_code in (200, 201, 202), answer.content
    return answer.json()


def read(api: Client, path: str) -> Any:
    answer = api.get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def run_open_jobs(api: Client) -> None:
    for job in read(api, "jobs/?state=waiting")["results"]:
        assert worker.run_job(job["id"])
        assert read(api, f"jobs/{job['id']}/")["state"] == "done"


def test_the_whole_job_through_the_api(partner: dict[str, Any]) -> None:
    assert billing.tasks
    api = make_person(make_reseller(), Role.ADMIN).api()
    connection = send(
        api,
        "connections/",
        {
            "name": "Direct",
            "cloud": "simulator",
            "partner_tenant": partner["tenantId"],
            "client_id": "demo",
            "secret": "demo",
        },
    )
    assert not {"secret", "secret_sealed"} & connection.keys()
    assert send(api, f"connections/{connection['id']}/test/")["state"] == "working"
    send(api, "discovery-runs/", {"connection": connection["id"]})
    run_open_jobs(api)
    assert read(api, "alerts/unlinked-tenants/")["count"] == CUSTOMERS

    month = (date.today().replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
    send(api, "invoices/", {"connection": connection["id"], "month": month})
    run_open_jobs(api)
    alert = read(api, "alerts/unlinked-tenants/")
    assert alert["count"] >= CUSTOMERS
    assert sum(Decimal(money["amount"]) for money in alert["unassigned"]) > 0

    first, *others = read(api, "tenants/?linked=false&ordering=name")["results"]
    send(
        api,
        f"tenants/{first['id']}/create-organization/",
        {
            "primary_domain": "harbour-and-sons.com",
            "notification_email": "it@harbour-and-sons.com",
            "contact_phone": "+31 20 794 0800",
        },
    )
    organization = read(api, "organizations/")["results"][0]
    for number, tenant in enumerate(others, 1):
        assert read(api, "alerts/unlinked-tenants/")["count"] == len(others) - number + 1
        send(api, f"tenants/{tenant['id']}/link/", {"organization": organization["id"]})
    assert read(api, "alerts/unlinked-tenants/") == {
        "count": 0,
        "unassigned": [],
        "unbilled": [],
        "oldest_days": None,
        "acknowledged": 0,
        "owners": [],
    }
    rows = read(api, f"reconciliations/?month={month}")["results"]
    assert rows
    for row in rows:
        assert Decimal(row["unassigned"]) == 0
        assert Decimal(row["difference"]) == 0
        assert Decimal(row["assigned"]) + Decimal(row["adjustments"]) == Decimal(
            row["invoice_total"]
        )
