"""The discovery runs of the API."""

from typing import Any
from uuid import uuid4

import pytest

from portal.core.access import Role
from portal.core.identity.models import Reseller
from tenants.discovery.models import DiscoveryRun
from tests.factories.core import make_person, make_reseller
from tests.factories.tenants import make_connection
from tests.tenants.simulated import PartnerCenterInProcess, customers
from tests.tenants.steps import discovered, work

RUNS = "/api/v1/discovery-runs/"


def post(client: Any, address: str, body: Any) -> Any:
    return client.post(address, body, content_type="application/json")


def test_run_is_asked_for_and_followed(partner: PartnerCenterInProcess, reseller: Reseller) -> None:
    partner.lists(customers(3))
    api = make_person(reseller, Role.OPERATOR).api()
    connection = partner.connect(reseller)
    asked = post(api, RUNS, {"connection": str(connection.pk)})
    assert asked.status_code == 202
    address = f"{RUNS}{asked.json()['id']}/"
    assert api.get(address).json()["state"] == "waiting"
    again = post(api, RUNS, {"connection": str(connection.pk)})
    assert (again.status_code, again.json()["discovery_run"]) == (409, asked.json()["id"])
    work(DiscoveryRun(pk=asked.json()["id"], reseller=reseller, job_id=asked.json()["job"]))
    row = api.get(address).json()
    assert (row["state"], row["found"], row["created"]) == ("done", 3, 3)
    assert row["asked_by"].startswith("Operator")


def test_runs_are_listed_newest_first_and_by_connection(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    api = make_person(reseller, Role.AUDITOR).api()
    connection = partner.connect(reseller)
    first, second = discovered(connection), discovered(connection)
    listed = api.get(RUNS).json()["results"]
    assert [row["id"] for row in listed] == [str(second.pk), str(first.pk)]
    assert len(api.get(RUNS, {"connection": str(connection.pk)}).json()["results"]) == 2
    assert len(api.get(RUNS, {"state": "done"}).json()["results"]) == 2
    assert api.get(RUNS, {"state": "failed"}).json()["results"] == []
    assert api.get(RUNS, {"state": "unheard of"}).status_code == 400
    other = make_connection(reseller)
    assert api.get(RUNS, {"connection": str(other.pk)}).json()["results"] == []


@pytest.mark.parametrize("body", [{}, {"connection": "x"}, {"connection": str(uuid4())}])
def test_unknown_connection_is_refused_by_field(reseller: Reseller, body: dict[str, str]) -> None:
    api = make_person(reseller, Role.OPERATOR).api()
    refused = post(api, RUNS, body)
    assert refused.status_code == 400
    assert list(refused.json()["fields"]) == ["connection"]


def test_auditor_may_not_ask(reseller: Reseller) -> None:
    connection = make_connection(reseller)
    api = make_person(reseller, Role.AUDITOR).api()
    assert post(api, RUNS, {"connection": str(connection.pk)}).status_code == 403


def test_held_run_is_decided_with_a_reason(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    partner.lists(customers(20))
    connection = partner.connect(reseller)
    discovered(connection)
    partner.lists([])
    run = discovered(connection)
    api = make_person(reseller, Role.ADMIN).api()
    address = f"{RUNS}{run.pk}/"
    row = api.get(address).json()
    assert (row["state"], row["is_held"], row["held"]) == ("needs_person", True, 20)
    assert row["error_code"] == "mass_disappearance"
    decide = f"{address}mark-missing/"
    assert post(api, decide, {}).json()["fields"].keys() == {"reason"}
    operator = make_person(reseller, Role.OPERATOR).api()
    assert post(operator, decide, {"reason": "They left"}).status_code == 403
    decided = post(api, decide, {"reason": "They left"}).json()
    assert (decided["state"], decided["missing"], decided["is_held"]) == ("done", 20, False)
    assert post(api, decide, {"reason": "They left"}).status_code == 409


def test_foreign_run_is_not_found(partner: PartnerCenterInProcess, reseller: Reseller) -> None:
    run = discovered(partner.connect(make_reseller()))
    api = make_person(reseller, Role.ADMIN).api()
    assert api.get(f"{RUNS}{run.pk}/").status_code == 404
    assert api.get(RUNS).json()["results"] == []
