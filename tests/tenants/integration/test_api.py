"""The integration tests of the API."""

from typing import Any
from uuid import uuid4

from portal.core.access import Role
from portal.core.identity.models import Reseller
from tenants.integration.models import IntegrationTest
from tenants.integration.plan import STEP_NAMES
from tests.factories.core import make_person, make_reseller
from tests.tenants.integration.accounts import Account, run_through, work


def address_of(connection: Any) -> str:
    return f"/api/v1/connections/{connection.pk}/integration-tests/"


def post(client: Any, address: str, body: Any) -> Any:
    return client.post(address, body, content_type="application/json")


def test_run_is_asked_for_and_followed(account: Account, reseller: Reseller) -> None:
    api = make_person(reseller, Role.ADMIN).api()
    connection = account.connect(reseller)
    asked = post(api, address_of(connection), {})
    assert asked.status_code == 202
    body = asked.json()
    assert [step["name"] for step in body["steps"]] == list(STEP_NAMES)
    assert {step["state"] for step in body["steps"]} == {"waiting"}
    assert body["is_sandbox"] is False
    again = post(api, address_of(connection), {})
    assert (again.status_code, again.json()["integration_test"]) == (409, body["id"])
    work(IntegrationTest(pk=body["id"], reseller=reseller, job_id=body["job"]))
    told = api.get(f"{address_of(connection)}{body['id']}/").json()
    assert (told["state"], told["passed"], told["failed"], told["skipped"]) == ("done", 5, 0, 3)
    customers = told["steps"][STEP_NAMES.index("customers")]
    assert customers["seen"] == [
        {"name": "Customers", "value": 6},
        {"name": "Pages", "value": 1},
    ]
    assert customers["seconds"] >= 0
    assert "kept" not in customers


def test_runs_are_listed_newest_first_without_their_steps(
    account: Account, reseller: Reseller
) -> None:
    connection = account.connect(reseller)
    first, second = run_through(connection), run_through(connection)
    other = account.connect(reseller, partner_tenant="11111111-2222-4333-8444-555555555555")
    api = make_person(reseller, Role.AUDITOR).api()
    rows = api.get(address_of(connection)).json()["results"]
    assert [row["id"] for row in rows] == [str(second.pk), str(first.pk)]
    assert "steps" not in rows[0]
    assert api.get(address_of(other)).json()["results"] == []
    assert api.get(f"{address_of(other)}{first.pk}/").status_code == 404


def test_unknown_and_foreign_connections_look_alike(account: Account, reseller: Reseller) -> None:
    connection = account.connect(reseller)
    test = run_through(connection)
    stranger = make_person(make_reseller(), Role.ADMIN).api()
    unknown = f"/api/v1/connections/{uuid4()}/integration-tests/"
    for address in (unknown, address_of(connection)):
        assert stranger.get(address).status_code == 404
        assert post(stranger, address, {}).status_code == 404
    assert stranger.get(f"{address_of(connection)}{test.pk}/").status_code == 404


def test_only_administrators_run_it(account: Account, reseller: Reseller) -> None:
    connection = account.connect(reseller)
    for role in (Role.OPERATOR, Role.FINANCE, Role.AUDITOR):
        refused = post(make_person(reseller, role).api(), address_of(connection), {})
        assert refused.status_code == 403


def test_sandbox_is_declared_in_the_body(account: Account, reseller: Reseller) -> None:
    api = make_person(reseller, Role.ADMIN).api()
    connection = account.connect(reseller)
    assert post(api, address_of(connection), {"is_sandbox": "perhaps"}).status_code == 400
    asked = post(api, address_of(connection), {"is_sandbox": True})
    assert asked.json()["is_sandbox"] is True
