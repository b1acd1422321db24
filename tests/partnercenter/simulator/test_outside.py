"""The outside world moves by control routes: customers accept, rename themselves, leave, return."""

from pathlib import Path
from typing import Any

import pytest

from partnercenter.simulator import Simulator
from tests.partnercenter.simulator.calls import Caller, Clock, app_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.sample_worlds import (
    PARTNER,
    customer_id,
    make_customer,
    write_world,
)

NEW = "e0000000-0000-4000-8000-000000000001"


@pytest.fixture
def control(simulator: Simulator) -> Caller:
    return Caller(simulator)


def listed(app: Caller) -> list[str]:
    return [customer["id"] for customer in app.all_items("/v1/customers?size=2")]


def operations(app: Caller) -> list[str]:
    return [record["operationType"] for record in app.all_items("/v1/auditrecords")]


def test_a_customer_that_accepts_is_listed_with_its_name_and_domain(
    control: Caller, app: Caller
) -> None:
    body = {"id": NEW, "companyName": "Relecloud", "domain": "relecloud.example", "country": "DE"}
    assert control.post("/_simulator/customers", body).status == 201
    assert listed(app)[-1] == NEW
    customer = app.get(f"/v1/customers/{NEW}").json()
    assert customer["companyProfile"]["companyName"] == "Relecloud"
    assert customer["billingProfile"]["defaultAddress"]["country"] == "DE"
    assert app.send("HEAD", "/v1/domains/relecloud.example").status == 200
    assert operations(app) == ["reseller_relationship_accepted_by_customer"]
    assert control.post("/_simulator/customers", body).status == 409


def test_a_whole_customer_is_taken_as_it_is(control: Caller, app: Caller) -> None:
    customer = make_customer(9)
    assert control.post("/_simulator/customers", customer).json() == customer
    assert app.get(f"/v1/customers/{customer_id(9)}").json() == customer


def test_a_renamed_customer_shows_its_new_name_everywhere(control: Caller, app: Caller) -> None:
    body = {"id": customer_id(3).upper(), "companyName": "Grüne Wiese"}
    assert control.post("/_simulator/customers/rename", body).status == 200
    names = [one["companyProfile"]["companyName"] for one in app.all_items("/v1/customers")]
    assert names == ["Sample 1", "Sample 2", "Grüne Wiese", "Sample 4", "Sample 5"]
    customer = app.get(f"/v1/customers/{customer_id(3)}").json()
    assert customer["companyProfile"]["companyName"] == "Grüne Wiese"
    assert customer["companyProfile"]["domain"] == "sample3.onmicrosoft.com"
    assert operations(app) == ["update_customer_partner_contract_company_name"]


def test_a_customer_leaves_and_returns_to_its_place(control: Caller, app: Caller) -> None:
    everybody = listed(app)
    body = {"id": customer_id(2)}
    assert control.post("/_simulator/customers/return", body).status == 409
    assert control.post("/_simulator/customers/remove", body).status == 204
    assert listed(app) == [one for one in everybody if one != customer_id(2)]
    assert app.get(f"/v1/customers/{customer_id(2)}").status == 404
    assert control.post("/_simulator/customers/remove", body).status == 404
    assert control.post("/_simulator/customers/return", body).status == 200
    assert listed(app) == everybody
    assert operations(app) == [
        "remove_partner_customer_relationship",
        "reseller_relationship_accepted_by_customer",
    ]


def test_a_deleted_tenant_does_not_return(control: Caller, app: Caller) -> None:
    assert app.send("DELETE", f"/v1/customers/{customer_id(2)}").status == 204
    body = {"id": customer_id(2)}
    assert control.post("/_simulator/customers/return", body).status == 404
    assert control.post("/_simulator/customers/return", {"id": NEW}).status == 404


@pytest.mark.parametrize(
    ("route", "body", "status"),
    [
        ("customers", {}, 400),
        ("customers", {"id": NEW}, 400),
        ("customers", {"companyProfile": {}, "id": 7}, 400),
        ("customers/rename", {"id": customer_id(1)}, 400),
        ("customers/rename", {"id": NEW, "companyName": "x"}, 404),
        ("customers/remove", {"id": " "}, 400),
        ("customers/remove", [], 400),
    ],
)
def test_a_faulty_order_is_refused_without_an_effect(
    control: Caller, simulator: Simulator, route: str, body: Any, status: int
) -> None:
    assert control.post(f"/_simulator/{route}", body).status == status
    assert simulator.ledger.find() == []


def test_what_happened_outside_survives_a_restart_and_ends_with_a_reset(
    tmp_path: Path, clock: Clock
) -> None:
    world = write_world(tmp_path / "w", customers=[make_customer(one) for one in (1, 2, 3)])
    first = Simulator(world, clock=clock, state_folder=tmp_path / "state")
    control = Caller(first)
    control.post("/_simulator/customers", {"id": NEW, "companyName": "Relecloud"})
    control.post("/_simulator/customers/rename", {"id": NEW, "companyName": "Relecloud 2"})
    control.post("/_simulator/customers/remove", {"id": customer_id(1)})
    control.post("/_simulator/customers/remove", {"id": customer_id(2)})
    control.post("/_simulator/customers/return", {"id": customer_id(2)})
    second = Simulator(world, clock=clock, state_folder=tmp_path / "state")
    app = app_caller(second)
    assert listed(app) == [customer_id(2), customer_id(3), NEW]
    shown = app.get(f"/v1/customers/{NEW}").json()
    assert shown["companyProfile"]["companyName"] == "Relecloud 2"
    second.reset()
    assert listed(app_caller(second)) == [customer_id(1), customer_id(2), customer_id(3)]


def test_a_rename_is_kept_by_a_later_billing_profile(make_simulator: MakeSimulator) -> None:
    simulator = make_simulator(partner={"program": "direct", "mpnId": PARTNER["mpnId"]})
    app = app_caller(simulator)
    body = {"id": customer_id(1), "companyName": "Blue"}
    Caller(simulator).post("/_simulator/customers/rename", body)
    path = f"/v1/customers/{customer_id(1)}/profiles/billing"
    profile = app.get(path).json()
    assert profile["companyName"] == "Sample 1"
    headers = {"If-Match": f'"{profile["attributes"]["etag"]}"'}
    assert app.send("PUT", path, headers=headers, body=profile).status == 200
    customer = app.get(f"/v1/customers/{customer_id(1)}").json()
    assert customer["companyProfile"]["companyName"] == "Blue"
