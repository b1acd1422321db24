"""The demo's second reseller has a sub-reseller whose login can make a tenant at once."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

import organizations.tasks
import tenants.tasks
from partnercenter.client import RetryPolicy
from partnercenter.simulator import Simulator
from partnercenter.simulator.worlds import open_world
from portal.core.jobs.worker import run_job
from portal.demo.seed import plan_for, seed
from portal.demo.sub_reseller import NAME, PREFIX
from tenants.connections import clients
from tests.tenants.simulated import CLOUD, PartnerCenterInProcess

assert organizations.tasks and tenants.tasks
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def partner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> PartnerCenterInProcess:
    made = PartnerCenterInProcess(tmp_path)
    settings.PARTNERCENTER_CLOUDS = {**settings.PARTNERCENTER_CLOUDS, "simulator-2": CLOUD}
    monkeypatch.setattr(clients, "session_factory", made.session)
    monkeypatch.setattr(clients, "retry_policy", RetryPolicy(first_wait=0.0))
    return made


def test_the_sub_resellers_login_provisions_the_customer_that_waits(
    partner: PartnerCenterInProcess, tmp_path: Path
) -> None:
    world = open_world("second", cache=tmp_path / "worlds")
    partner.simulator = Simulator(world, state_folder=tmp_path / "second")
    said: list[str] = []
    plan = plan_for(world.partner, cloud="simulator-2", first=False, sample=False)
    seed(plans=[plan], state=tmp_path, say=said.append)
    users = json.loads((tmp_path / "credentials.json").read_text())["users"]
    assert [user["persona"] for user in users] == ["second-reseller-admin", "sub-reseller-admin"]
    (login,) = (user for user in users if user["persona"] == "sub-reseller-admin")
    assert login["organization"] and any(NAME in line for line in said)
    client = Client(headers={"authorization": f"Bearer {login['token']}"})
    accounts = client.get("/api/v1/accounts/").json()["results"]
    (account,) = (row for row in accounts if row["name"] == NAME)
    doors = client.get(f"/api/v1/accounts/{account['id']}/synchronization/").json()["results"]
    assert [door["readiness"]["ready"] for door in doors] == [True], doors
    asked = client.post(
        "/api/v1/provisioning-requests/",
        {
            "account": account["id"],
            "connection": doors[0]["connection"],
            "username": doors[0]["username"],
            "domain": doors[0]["domain_prefix"],
        },
        content_type="application/json",
    )
    assert asked.status_code == 202, asked.content
    assert asked.json()["domain"] == f"{PREFIX}.onmicrosoft.com"
    run_job(asked.json()["job"])
    done = client.get(f"/api/v1/provisioning-requests/{asked.json()['id']}/").json()
    assert done["state"] == "done", done
    # A second start finds everything, and asks Microsoft for nothing twice.
    (tmp_path / "credentials.json").unlink()
    seed(plans=[plan], state=tmp_path, say=said.append)
    for noun, count in (("provisioning-requests", 1), ("organizations", len(accounts))):
        assert len(client.get(f"/api/v1/{noun}/").json()["results"]) == count, noun
