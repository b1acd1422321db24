"""The same in the API: options, readiness, availability, addresses, services definitions."""

from typing import Any

import pytest
from django.test import Client

from tenants.connections.models import Connection
from tests.organizations.synchronizing.scene import ADDRESS, Scene, make_scene
from tests.tenants.simulated import PartnerCenterInProcess, customer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def program(north: Scene) -> Client:
    """The operator's program, calling the API with a token."""
    return north.operator.api()


def address(scene: Scene, action: str = "synchronization") -> str:
    return f"/api/v1/accounts/{scene.account.pk}/{action}/"


def put(client: Client, where: str, **body: Any) -> Any:
    return client.put(where, body, content_type="application/json")


def test_services_definitions(north: Scene) -> None:
    where = f"/api/v1/connections/{north.connection.pk}/services-definitions/"
    assert north.operator.api().post(where).status_code == 403
    first = north.admin.api().post(where)
    assert first.status_code == 200, first.content
    assert [row["vendor_key"] for row in first.json()["results"]] == ["username", "domain_prefix"]
    assert north.admin.api().post(where).json() == first.json()


def test_options_and_readiness(north: Scene, program: Client) -> None:
    north.fetch()
    (row,) = program.get(address(north)).json()["results"]
    assert row["connection"] == str(north.connection.pk)
    assert row["username"] == ""
    assert (row["readiness"]["done"], row["readiness"]["total"]) == (5, 7)
    assert row["address"]["is_own"] is True
    assert row["address"]["city"] == ADDRESS["city"]
    saved = put(
        program,
        address(north),
        connection=str(north.connection.pk),
        username="admin",
        domain_prefix="contoso",
    )
    assert saved.status_code == 200, saved.content
    assert saved.json()["readiness"]["ready"] is True
    assert program.get(address(north)).json()["results"] == [saved.json()]


def test_refusals_carry_their_fields(north: Scene, program: Client) -> None:
    north.fetch()
    given = {"connection": str(north.connection.pk), "username": "a b", "domain_prefix": "-"}
    answer = put(program, address(north), **given)
    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == {"username", "domain_prefix"}
    unknown = put(program, address(north), **given, reseller=1)
    assert set(unknown.json()["fields"]) == {"reseller"}


def test_before_the_definitions(north: Scene, program: Client) -> None:
    given = {"connection": str(north.connection.pk), "username": "admin", "domain_prefix": "c"}
    answer = put(program, address(north), **given)
    assert answer.status_code == 409
    assert answer.json()["code"] == "definitions_missing"


def test_a_foreign_connection_is_as_unknown_as_one_that_never_was(
    north: Scene, program: Client, partner: PartnerCenterInProcess
) -> None:
    north.fetch()
    partner.tenant_id = "south.example.com"
    south = make_scene(partner, "South")
    answers = [
        put(program, address(north), connection=name, username="a", domain_prefix="b").json()
        for name in (str(south.connection.pk), "00000000-0000-4000-8000-000000000000")
    ]
    assert answers[0] == answers[1]
    assert answers[0]["fields"] == {"connection": ["There is no connection with this id."]}
    assert program.get(address(south)).status_code == 404


def test_prv_15_availability(
    north: Scene, program: Client, partner: PartnerCenterInProcess
) -> None:
    partner.lists([customer(1, domain="taken.onmicrosoft.com")])
    where = address(north, "domain-availability")

    def state(prefix: str) -> str:
        query = {"connection": str(north.connection.pk), "domain_prefix": prefix}
        return str(program.get(where, query).json()["state"])

    assert [state(one) for one in ("fresh", "taken", "a-b")] == ["free", "taken", "invalid"]
    assert program.get(where).status_code == 400


def test_prv_16_address_check(north: Scene, program: Client) -> None:
    north.change(address_line1="Dock Street")
    where = address(north, "address-check")
    given = {"connection": str(north.connection.pk)}
    answer = program.post(where, given, content_type="application/json")
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert body["status"] == "streetpartial"
    assert body["may_be_used"] is False
    assert body["account"] == str(north.account.pk)
    assert len(body["suggestions"]) == 3
    patch = f"/api/v1/accounts/{north.account.pk}/"
    taken = program.patch(patch, body["suggestions"][0], content_type="application/json")
    assert taken.status_code == 200, taken.content
    again = program.post(where, given, content_type="application/json").json()
    assert again["may_be_used"] is True


def test_auditors_read_and_change_nothing(north: Scene) -> None:
    north.fetch()
    # Auditors have no tokens; their session reads the API all the same.
    auditor = north.auditor.client()
    assert auditor.get(address(north)).status_code == 200
    assert put(auditor, address(north)).status_code == 403


def test_the_switch_of_the_connection(north: Scene) -> None:
    where = f"/api/v1/connections/{north.connection.pk}/"
    admin = north.admin.api()
    assert admin.get(where).json()["uses_reseller_address"] is True
    body = {"uses_reseller_address": False}
    answer = admin.patch(where, body, content_type="application/json")
    assert answer.json()["uses_reseller_address"] is False
    renamed = admin.patch(where, {"name": "Renamed"}, content_type="application/json")
    assert renamed.json()["uses_reseller_address"] is False
    assert north.switch().program == Connection.Program.DIRECT_BILL
