"""The connections of the API."""

from typing import Any

import pytest

from portal.core.access import Role
from portal.core.identity.models import Reseller
from tests.factories.core import Person, make_person, make_reseller
from tests.factories.tenants import make_connection
from tests.tenants.simulated import CLIENT, SECRET, PartnerCenterInProcess, customers
from tests.tenants.steps import discovered, look

CONNECTIONS = "/api/v1/connections/"


@pytest.fixture
def admin(reseller: Reseller) -> Person:
    return make_person(reseller, Role.ADMIN)


def given(partner: PartnerCenterInProcess, **changes: str) -> dict[str, str]:
    return {
        "name": "Netherlands",
        "cloud": "simulator",
        "partner_tenant": partner.tenant_id,
        "client_id": CLIENT,
        "secret": SECRET,
    } | changes


def post(client: Any, address: str, body: Any = None) -> Any:
    return client.post(address, body or {}, content_type="application/json")


def test_story_of_a_connection(
    partner: PartnerCenterInProcess, admin: Person, reseller: Reseller
) -> None:
    partner.lists(customers(2))
    api = admin.api()
    made = post(api, CONNECTIONS, given(partner))
    assert made.status_code == 201, made.content
    assert made.json()["state"] == "new"
    address = f"{CONNECTIONS}{made.json()['id']}/"
    tested = post(api, f"{address}test/")
    assert (tested.status_code, tested.json()["state"]) == (200, "working")
    asked = post(api, f"{address}discover/")
    assert (asked.status_code, asked.json()["state"]) == (202, "waiting")
    again = post(api, f"{address}discover/")
    assert (again.status_code, again.json()["code"]) == (409, "job_open")
    assert again.json()["discovery_run"] == asked.json()["id"]
    changed = api.patch(address, {"name": "Holland"}, content_type="application/json")
    assert (changed.status_code, changed.json()["name"]) == (200, "Holland")
    listed = api.get(CONNECTIONS).json()["results"]
    assert [row["name"] for row in listed] == ["Holland"]
    for answer in (made, tested, asked, changed, api.get(address), api.get(CONNECTIONS)):
        assert SECRET not in answer.content.decode()
        assert "secret" not in answer.json()


def test_failing_test_answers_with_the_advice(
    partner: PartnerCenterInProcess, admin: Person, reseller: Reseller
) -> None:
    connection = partner.connect(reseller, secret="wrong-one")
    tested = post(admin.api(), f"{CONNECTIONS}{connection.pk}/test/").json()
    assert tested["state"] == "failing"
    assert tested["last_failure_code"] == "secret_refused"
    assert "Make a new one" in tested["last_failure"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"partner_tenant": "?"}, "partner_tenant"),
        ({"cloud": "x"}, "cloud"),
        ({"name": ""}, "name"),
    ],
)
def test_bad_values_are_refused_by_field(
    partner: PartnerCenterInProcess, admin: Person, changes: dict[str, str], field: str
) -> None:
    refused = post(admin.api(), CONNECTIONS, given(partner, **changes))
    assert refused.status_code == 400
    assert list(refused.json()["fields"]) == [field]
    assert SECRET not in refused.content.decode()
    assert admin.api().get(CONNECTIONS).json()["results"] == []


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.FINANCE, Role.AUDITOR])
def test_only_managers_change_connections(
    partner: PartnerCenterInProcess, reseller: Reseller, role: Role
) -> None:
    api = make_person(reseller, role).api()
    connection = make_connection(reseller)
    address = f"{CONNECTIONS}{connection.pk}/"
    assert api.get(address).status_code == 200
    assert post(api, CONNECTIONS, given(partner)).status_code == 403
    assert post(api, f"{address}test/").status_code == 403
    answer = api.patch(address, {"name": "Mine"}, content_type="application/json")
    assert answer.status_code == 403


def test_foreign_connection_is_not_found(admin: Person) -> None:
    foreign = make_connection(make_reseller())
    api = admin.api()
    address = f"{CONNECTIONS}{foreign.pk}/"
    assert api.get(address).status_code == 404
    assert post(api, f"{address}test/").status_code == 404
    assert post(api, f"{address}discover/").status_code == 404


def test_failed_change_leaves_nothing_behind(admin: Person, reseller: Reseller) -> None:
    make_connection(reseller, name="Taken", cloud="global")
    other = make_connection(reseller, name="Other", cloud="global")
    refused = admin.api().patch(
        f"{CONNECTIONS}{other.pk}/", {"name": "Taken"}, content_type="application/json"
    )
    assert (refused.status_code, refused.json()["code"]) == (400, "taken")
    assert admin.api().get(f"{CONNECTIONS}{other.pk}/").json()["name"] == "Other"


def test_discovered_connection_says_when(
    partner: PartnerCenterInProcess, admin: Person, reseller: Reseller
) -> None:
    partner.lists(customers(1))
    run = discovered(partner.connect(reseller))
    row = admin.api().get(f"{CONNECTIONS}{run.connection_id}/").json()
    assert row["discovered_at"] is not None
    assert look(run).job.state == "done"
