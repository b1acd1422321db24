"""Users and roles of customers: fidelity rule 62."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from partnercenter.simulator import Simulator
from partnercenter.simulator.directory import ROLES, invented
from partnercenter.simulator.worlds.markets import MARKETS
from tests.partnercenter.simulator.calls import Caller, Clock, user_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.sample_directories import (
    BASIC,
    CUSTOMER,
    PERSON,
    SKUS,
    TWO_PRODUCTS,
    USERS,
    assign,
    ids,
    make_person,
    refusal,
    subscription,
    units,
)
from tests.partnercenter.simulator.sample_worlds import make_customer

ADMINISTRATOR = next(iter(ROLES))
FILTER = {"Field": "UserStatus", "Value": "Inactive", "Operator": "equals"}
DELETED = f"{USERS}?size=500&filter={quote(json.dumps(FILTER))}"
DELETED = f"{USERS}?size=500&filter={quote(json.dumps(FILTER))}"


@pytest.fixture
def two_products(make_simulator: MakeSimulator) -> Simulator:
    """Return a customer with three licences of one product, one of another, and no users."""
    return make_simulator(**TWO_PRODUCTS)


def test_rule_62_users_are_created_with_200_and_restored_for_thirty_days(
    two_products: Simulator, clock: Clock
) -> None:
    caller = user_caller(two_products)
    answer = caller.post(USERS, PERSON)
    assert answer.status == 200
    person = answer.json()["id"]
    assert answer.json()["passwordProfile"] == PERSON["passwordProfile"]
    assert "passwordProfile" not in caller.get(f"{USERS}/{person}").json()
    assert ids(caller.get(USERS)) == [person]
    assert caller.send("DELETE", f"{USERS}/{person}").status == 204
    assert ids(caller.get(USERS)) == []
    assert refusal(caller.get(f"{USERS}/{person}")) == (404, 60002)
    (deleted,) = caller.get(DELETED).json()["items"]
    assert (deleted["state"], deleted["softDeletionTime"]) == ("inactive", "2026-11-21T09:00:00Z")
    clock.advance(days=30)
    caller = user_caller(two_products)
    restored = caller.send("PATCH", f"{USERS}/{person}", body={"State": "active"})
    assert (restored.status, restored.json()["state"]) == (200, "active")
    assert (ids(caller.get(USERS)), ids(caller.get(DELETED))) == ([person], [])
    caller.send("DELETE", f"{USERS}/{person}")
    clock.advance(days=30, seconds=1)
    caller = user_caller(two_products)
    assert ids(caller.get(DELETED)) == []
    late = caller.send("PATCH", f"{USERS}/{person}", body={"state": "active"})
    assert refusal(late) == (404, 60002)


def test_invented_names_are_told_apart_in_every_market() -> None:
    rows = [subscription(1, BASIC.name, 100)]
    for market in MARKETS:
        customer = make_customer(1)
        customer["billingProfile"]["defaultAddress"]["country"] = market.country
        people = invented(customer, rows)
        names = {person["userPrincipalName"] for person in people}
        assert len(names) == len(people) == 61


def test_users_come_page_by_page(two_products: Simulator) -> None:
    caller = user_caller(two_products)
    people = [make_person(caller, f"person{number}") for number in range(5)]
    caller.send("DELETE", f"{USERS}/{people[2]}")
    left = [person for person in people if person != people[2]]
    assert [item["id"] for item in caller.all_items(f"{USERS}?size=2")] == left
    assert ids(caller.get(f"{USERS}?size=3")) == left[:3]
    assert len(caller.get(DELETED).json()["items"]) == 1


def test_user_changes_and_gets_another_password(two_products: Simulator) -> None:
    caller = user_caller(two_products)
    person = make_person(caller)
    changed = caller.send("PATCH", f"{USERS}/{person}", body={"DisplayName": "Ada Pier"})
    assert (changed.status, changed.json()["displayName"]) == (200, "Ada Pier")
    assert caller.get(f"{USERS}/{person}").json()["displayName"] == "Ada Pier"
    target = f"{USERS}/{person}/resetpassword"
    body = {"passwordProfile": {"password": "Another-5-Word", "forceChangePassword": True}}
    assert (
        caller.send("PATCH", target, body=body).json()["passwordProfile"]
        == (body["passwordProfile"])
    )
    assert caller.send("PATCH", target, body={}).status == 400
    inactive = caller.send("PATCH", f"{USERS}/{person}", body={"state": "inactive"})
    assert refusal(inactive) == (400, 60000)
    secrets = ("Another-5-Word", PERSON["passwordProfile"]["password"])  # type: ignore[index]
    effects = str([effect.data for effect in two_products.ledger.find(subject=person)])
    assert not any(secret in effects for secret in secrets)


@pytest.mark.parametrize(
    "changes",
    [
        {"usageLocation": None},
        {"displayName": ""},
        {"passwordProfile": {"password": "short"}},
        {"passwordProfile": None},
        {"userPrincipalName": "ada@elsewhere.example"},
        {"userPrincipalName": "ada"},
        {"userPrincipalName": "Admin@sample1.onmicrosoft.com"},
    ],
)
def test_unusable_user_is_refused(
    simulator: Simulator, user: Caller, changes: dict[str, Any]
) -> None:
    assert refusal(user.post(USERS, PERSON | changes)) == (400, 60000)
    assert simulator.ledger.find(kind="user_created") == []


def test_users_of_a_federated_domain_come_from_elsewhere(make_simulator: MakeSimulator) -> None:
    customer = make_customer(1, federatedDomains=["sample1.example"])
    caller = user_caller(make_simulator(customers=[customer]))
    assert refusal(caller.post(USERS, PERSON)) == (400, 60000)


def test_other_filters_of_users_are_refused(user: Caller) -> None:
    for changes in ({"Field": "City"}, {"Operator": "starts_with"}, {"Value": "Active"}):
        text = quote(json.dumps(FILTER | changes))
        assert refusal(user.get(f"{USERS}?filter={text}")) == (400, 800002)


def test_roles_are_given_and_taken(two_products: Simulator) -> None:
    caller = user_caller(two_products)
    person = make_person(caller)
    role = next(role for role, name in ROLES.items() if name == "Billing Administrator")
    members = f"{CUSTOMER}/directoryroles/{role}/usermembers"
    assert caller.post(members, {"Id": person}).status == 201
    assert ids(caller.get(members)) == [person]
    assert ids(caller.get(f"{USERS}/{person}/directoryroles")) == [role]
    assert caller.send("DELETE", f"{members}/{person}%20").status == 204
    assert ids(caller.get(members)) == []
    assert refusal(caller.send("DELETE", f"{members}/{person}")) == (404, 60002)
    assert refusal(caller.post(members, {"id": "nobody"})) == (404, 60002)
    assert caller.get(f"{CUSTOMER}/directoryroles/unknown/usermembers").status == 404


def test_new_tenant_begins_with_its_administrator_and_may_take_its_time(
    make_simulator: MakeSimulator, clock: Clock
) -> None:
    simulator = make_simulator(switches={"new_tenant_seconds": 300})
    caller = user_caller(simulator)
    body = {
        "companyProfile": {"domain": "newharbour.onmicrosoft.com"},
        "billingProfile": {
            "email": "a@new.example",
            "culture": "en-US",
            "language": "en",
            "companyName": "New Harbour",
            "defaultAddress": {"country": "US", "city": "T", "addressLine1": "2 Dock Street"},
        },
        "userCredentials": {"userName": "captain"},
    }
    target = f"/v1/customers/{caller.post('/v1/customers', body).json()['id']}/users"
    assert refusal(caller.get(target)) == (404, 60003)
    clock.advance(seconds=300)
    (person,) = caller.get(target).json()["items"]
    assert person["userPrincipalName"] == "captain@newharbour.onmicrosoft.com"
    assert "roles" not in person


def test_changes_of_a_directory_survive_a_restart_and_go_with_a_reset(
    two_products: Simulator, clock: Clock, tmp_path: Path
) -> None:
    world, state = two_products.site.world, tmp_path / "state"
    caller = user_caller(Simulator(world, clock=clock, state_folder=state))
    person, other = make_person(caller), make_person(caller, "ben")
    assign(caller, person, BASIC.id)
    caller.send("DELETE", f"{USERS}/{other}")
    caller.post(f"{CUSTOMER}/directoryroles/{ADMINISTRATOR}/usermembers", {"id": person})
    shown = [caller.get(target).json() for target in (USERS, DELETED, SKUS)]
    again = user_caller(Simulator(world, clock=clock, state_folder=state))
    assert [again.get(target).json() for target in (USERS, DELETED, SKUS)] == shown
    assert ids(again.get(f"{USERS}/{person}/directoryroles")) == [ADMINISTRATOR]
    again.simulator.reset()
    again = user_caller(again.simulator)
    assert (ids(again.get(USERS)), ids(again.get(DELETED))) == ([], [])
    assert units(again, BASIC.id) == (3, 0, 3)
