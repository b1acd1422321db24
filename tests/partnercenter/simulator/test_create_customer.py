"""Creating and losing customers: fidelity rules 22 to 24 and part of 77."""

import copy
import uuid
from typing import Any

import pytest

from partnercenter.simulator import Simulator
from tests.partnercenter.simulator.calls import Answer, Caller, Clock, app_caller, user_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.sample_worlds import RESELLER, customer_id, make_customer

ORDER: dict[str, Any] = {
    "companyProfile": {"domain": "newharbour.onmicrosoft.com"},
    "billingProfile": {
        "email": "accounts@newharbour.example",
        "culture": "en-us",
        "language": "EN",
        "companyName": "New Harbour",
        "defaultAddress": {"country": "US", "city": "Tacoma", "addressLine1": "2 Dock Street"},
    },
}


def order(**billing: Any) -> dict[str, Any]:
    changed = copy.deepcopy(ORDER)
    changed["billingProfile"] |= billing
    return changed


def create(caller: Caller, body: dict[str, Any], *, request_id: str = "") -> Answer:
    headers = {"MS-RequestId": request_id or str(uuid.uuid4())}
    return caller.post("/v1/customers", body, headers=headers)


def test_rule_22_a_created_customer_takes_its_domain(app: Caller) -> None:
    probe = "/v1/domains/NewHarbour.onmicrosoft.com"
    assert app.send("HEAD", probe).status == 404
    assert create(app, order()).status == 201
    assert app.send("HEAD", probe).status == 200
    assert create(app, order()).status == 409


def test_taken_domain_answer_can_be_chosen(make_simulator: MakeSimulator) -> None:
    switches = {"taken_domain_status": 400, "taken_domain_code": 600002}
    caller = app_caller(make_simulator(switches=switches))
    body = order() | {"companyProfile": {"domain": "sample1.onmicrosoft.com"}}
    answer = create(caller, body)
    assert (answer.status, answer.code) == (400, 600002)


def test_rule_23_the_password_is_shown_once(app: Caller) -> None:
    answer = create(app, order())
    assert answer.status == 201
    created = answer.json()
    password = created["userCredentials"]["password"]
    assert created["userCredentials"]["userName"] == "admin"
    assert len(password) >= 12
    customer = created["id"]
    for target in ("/v1/customers", f"/v1/customers/{customer}"):
        assert password.encode() not in app.get(target).body
    for path in ("profiles/billing", "organization"):
        assert password.encode() not in app.get(f"/v1/customers/{customer}/{path}").body


def test_created_customer_appears_behind_the_others_and_by_id(app: Caller) -> None:
    customer = create(app, order()).json()["id"]
    assert [item["id"] for item in app.all_items("/v1/customers?size=2")][-1] == customer
    body = app.get(f"/v1/customers/{customer}").json()
    assert body["companyProfile"]["companyName"] == "New Harbour"
    assert body["relationshipToPartner"] == "reseller"
    billing = app.get(f"/v1/customers/{customer}/profiles/billing").json()
    assert (billing["culture"], billing["language"]) == ("en-US", "en")


def test_page_under_way_is_not_shifted_by_creates_and_deletes(app: Caller) -> None:
    first = app.get("/v1/customers?size=2").json()
    app.send("DELETE", f"/v1/customers/{customer_id(1)}")
    created = create(app, order()).json()["id"]
    second = app.follow(first["links"]["next"]).json()
    third = app.follow(second["links"]["next"]).json()
    ids = [item["id"] for page in (second, third) for item in page["items"]]
    assert ids == [*(customer_id(number) for number in (3, 4, 5)), created]


def test_rule_24_a_repeated_request_id_makes_no_second_tenant(
    simulator: Simulator, app: Caller
) -> None:
    request_id = str(uuid.uuid4())
    first = create(app, order(), request_id=request_id)
    again = create(app, order(), request_id=request_id.upper())
    assert (first.status, first.json()) == (again.status, again.json())
    assert len(simulator.ledger.find(kind="customer_created")) == 1
    assert create(app, order()).status == 409


def test_refused_create_is_not_remembered(app: Caller) -> None:
    request_id = str(uuid.uuid4())
    assert create(app, order(companyName=""), request_id=request_id).status == 400
    assert create(app, order(), request_id=request_id).status == 201


def test_request_id_is_forgotten_after_a_day(app: Caller, clock: Clock) -> None:
    request_id = str(uuid.uuid4())
    create(app, order(), request_id=request_id)
    clock.advance(hours=24, seconds=1)
    later = app_caller(app.simulator)
    assert create(later, order(), request_id=request_id).status == 409


def test_replay_can_leave_the_password_out(make_simulator: MakeSimulator) -> None:
    caller = app_caller(make_simulator(switches={"replay_password": False}))
    request_id = str(uuid.uuid4())
    assert "password" in create(caller, order(), request_id=request_id).json()["userCredentials"]
    again = create(caller, order(), request_id=request_id)
    assert (again.status, again.json()["userCredentials"]) == (201, {"userName": "admin"})


@pytest.mark.parametrize(
    "billing",
    [
        {"email": "someone@microsoft.com"},
        {"email": "someone@HarbourCloud.onmicrosoft.com"},
        {"email": "no address"},
        {"email": ""},
        {"companyName": "X"},
        {"companyName": "   "},
        {"companyName": "--"},
        {"companyName": "GmbH"},
        {"companyName": "L.L.C."},
        {"culture": "english"},
        {"language": "eng"},
        {"defaultAddress": {"country": "USA", "city": "Tacoma", "addressLine1": "2"}},
        {"defaultAddress": {"country": "US", "city": "Tacoma"}},
        {"defaultAddress": {"country": "US", "city": "T", "addressLine1": "x" * 201}},
        {"defaultAddress": "2 Dock Street"},
    ],
)
def test_unusable_billing_profile_is_refused_without_effect(
    simulator: Simulator, app: Caller, billing: dict[str, Any]
) -> None:
    answer = create(app, order(**billing))
    assert (answer.status, answer.code) == (400, 800002)
    assert simulator.ledger.find(kind="customer_created") == []


@pytest.mark.parametrize("name", ["Ag Holdings", "Ünder", "7-Eleven", "三菱", "Half \ud83d pair"])
def test_ordinary_company_names_are_taken(app: Caller, name: str) -> None:
    assert create(app, order(companyName=name)).status == 201


@pytest.mark.parametrize("domain", ["", "plain", "a-b.onmicrosoft.com", "x.example.com", None])
def test_unusable_domain_is_refused(app: Caller, domain: str | None) -> None:
    body = order() | {"companyProfile": {"domain": domain}}
    assert create(app, body).status == 400


def test_reseller_of_a_new_customer_must_be_known(app: Caller) -> None:
    unknown = create(app, order() | {"associatedPartnerId": "1"})
    assert (unknown.status, unknown.code) == (404, 800015)
    known = create(app, order() | {"associatedPartnerId": RESELLER["mpnId"]})
    assert known.json()["associatedPartnerId"] == RESELLER["mpnId"]


def test_rule_77_sandbox_holds_75_customers(make_simulator: MakeSimulator) -> None:
    simulator = make_simulator(customers=[make_customer(number) for number in range(75)])
    caller = app_caller(simulator)
    answer = create(caller, order())
    assert (answer.status, answer.code) == (400, 800018)
    caller.send("DELETE", f"/v1/customers/{customer_id(1)}")
    assert create(caller, order()).status == 201


def test_rule_77_delete_works_in_a_sandbox_and_frees_the_domain(app: Caller) -> None:
    answer = app.send("DELETE", f"/v1/customers/{customer_id(1)}")
    assert (answer.status, answer.body) == (204, b"")
    assert app.get(f"/v1/customers/{customer_id(1)}").status == 404
    assert len(app.all_items("/v1/customers")) == 4
    assert app.send("HEAD", "/v1/domains/sample1.onmicrosoft.com").status == 404
    body = order() | {"companyProfile": {"domain": "sample1.onmicrosoft.com"}}
    assert create(app, body).status == 201


def test_rule_77_delete_is_refused_in_production(make_simulator: MakeSimulator) -> None:
    caller = app_caller(make_simulator(partner={"sandbox": False}))
    assert caller.send("DELETE", f"/v1/customers/{customer_id(1)}").status == 403
    assert caller.get(f"/v1/customers/{customer_id(1)}").status == 200


def test_ended_relationship_hides_the_customer_but_keeps_its_domain(user: Caller) -> None:
    target = f"/v1/customers/{customer_id(1)}"
    answer = user.send("PATCH", target, body={"relationshipToPartner": "none"})
    assert answer.json()["RelationshipToPartner"] == "none"
    assert answer.json()["BillingProfile"] is None
    assert user.get(target).status == 404
    assert user.send("HEAD", "/v1/domains/sample1.onmicrosoft.com").status == 200
    removal = f"/v1/customers/{customer_id(2)}/CustomerPartnerRelationships/reseller"
    assert user.send("DELETE", removal).status == 204


def test_patch_of_anything_else_is_refused(user: Caller) -> None:
    target = f"/v1/customers/{customer_id(1)}"
    for body in ({"relationshipToPartner": "reseller"}, {}):
        assert user.send("PATCH", target, body=body).status == 400


def test_relationship_with_active_subscriptions_cannot_end(make_simulator: MakeSimulator) -> None:
    uri = f"/customers/{customer_id(1)}/subscriptions/s1"
    row = {"id": "s1", "status": "active", "links": {"self": {"uri": uri}}}
    caller = user_caller(make_simulator(subscriptions=[row]))
    target = f"/v1/customers/{customer_id(1)}"
    assert caller.send("PATCH", target, body={"relationshipToPartner": "none"}).status == 400
    assert caller.get(target).status == 200
