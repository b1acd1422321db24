"""Users, roles and licences of customers: fidelity rules 62 and 63."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from partnercenter.simulator import Simulator
from partnercenter.simulator.directory import ROLES, invented
from partnercenter.simulator.licences import product_named
from partnercenter.simulator.worlds.markets import MARKETS
from tests.partnercenter.simulator.calls import Answer, Caller, Clock, user_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.sample_worlds import customer_id, make_customer

CUSTOMER = f"/v1/customers/{customer_id(1)}"
USERS = f"{CUSTOMER}/users"
SKUS = f"{CUSTOMER}/subscribedskus"
BASIC = product_named("Microsoft 365 Business Basic")
PREMIUM = product_named("Microsoft 365 Business Premium")
FILTER = {"Field": "UserStatus", "Value": "Inactive", "Operator": "equals"}
DELETED = f"{USERS}?size=500&filter={quote(json.dumps(FILTER))}"
PERSON = {
    "usageLocation": "US",
    "userPrincipalName": "ada@sample1.example",
    "firstName": "Ada",
    "lastName": "Quay",
    "displayName": "Ada Quay",
    "passwordProfile": {"password": "Sail-4-Harbour", "forceChangePassword": True},
}


def subscription(number: int, name: str, quantity: int, **changes: Any) -> dict[str, Any]:
    uri = f"/customers/{customer_id(1)}/subscriptions/s{number}"
    row = {
        "id": f"s{number}",
        "offerName": name,
        "quantity": quantity,
        "billingType": "license",
        "status": "active",
        "links": {"self": {"uri": uri}},
    }
    return row | changes


@pytest.fixture
def two_products(make_simulator: MakeSimulator) -> Simulator:
    """Return a customer with three licences of one product, one of another, and no users."""
    rows = [subscription(1, BASIC.name, 3), subscription(2, PREMIUM.name, 1)]
    return make_simulator(customers=[make_customer(1, users=[])], subscriptions=rows)


def make_person(caller: Caller, name: str = "ada", **changes: Any) -> str:
    principal = {"userPrincipalName": f"{name}@sample1.example"}
    answer = caller.post(USERS, PERSON | principal | changes)
    assert answer.status == 200
    return str(answer.json()["id"])


def assign(caller: Caller, user: str, *skus: str, remove: tuple[str, ...] = ()) -> Answer:
    rows = [{"skuId": sku, "excludedPlans": []} for sku in skus]
    body = {"licensesToAssign": rows, "licensesToRemove": list(remove)}
    return caller.post(f"{USERS}/{user}/licenseupdates", body)


def units(caller: Caller, sku: str) -> tuple[int, int, int]:
    """Return available, consumed and total units of a SKU."""
    (found,) = [
        item for item in caller.get(SKUS).json()["items"] if item["productSku"]["id"] == sku
    ]
    return found["availableUnits"], found["consumedUnits"], found["totalUnits"]


def ids(answer: Answer) -> list[str]:
    return [item["id"] for item in answer.json()["items"]]


def refusal(answer: Answer) -> tuple[int, int]:
    return answer.status, answer.code


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


def test_rule_63_licences_beyond_the_available_ones_are_400_60012(
    two_products: Simulator,
) -> None:
    caller = user_caller(two_products)
    people = [make_person(caller, name) for name in ("ada", "ben", "cleo", "dora")]
    assert units(caller, BASIC.id) == (3, 0, 3)
    for count, person in enumerate(people[:3], start=1):
        assert assign(caller, person, BASIC.id).status == 201
        assert units(caller, BASIC.id) == (3 - count, count, 3)
    assert refusal(assign(caller, people[3], BASIC.id)) == (400, 60012)
    assert refusal(assign(caller, people[3], PREMIUM.id, BASIC.id)) == (400, 60012)
    assert units(caller, PREMIUM.id) == (1, 0, 1)
    assert assign(caller, people[0], BASIC.id).status == 201
    assert assign(caller, people[0], PREMIUM.id, remove=(BASIC.id,)).status == 201
    assert units(caller, BASIC.id) == (1, 2, 3)
    held = caller.get(f"{USERS}/{people[0]}/licenses").json()["items"]
    assert [item["productSku"]["id"] for item in held] == [PREMIUM.id]
    caller.send("DELETE", f"{USERS}/{people[1]}")
    assert units(caller, BASIC.id) == (2, 1, 3)
    caller.send("PATCH", f"{USERS}/{people[1]}", body={"state": "active"})
    assert units(caller, BASIC.id) == (1, 2, 3)


def test_restored_user_goes_without_licences_that_were_taken_meanwhile(
    two_products: Simulator,
) -> None:
    caller = user_caller(two_products)
    first, second = make_person(caller, "ada"), make_person(caller, "ben")
    assign(caller, first, PREMIUM.id)
    caller.send("DELETE", f"{USERS}/{first}")
    assert assign(caller, second, PREMIUM.id).status == 201
    caller.send("PATCH", f"{USERS}/{first}", body={"state": "active"})
    assert caller.get(f"{USERS}/{first}/licenses").json()["items"] == []
    assert units(caller, PREMIUM.id) == (0, 1, 1)


def test_excluded_plans_are_not_shown(two_products: Simulator) -> None:
    caller = user_caller(two_products)
    person = make_person(caller)
    plan = BASIC.plans[0]
    body = {"LicensesToAssign": [{"SkuId": BASIC.id.upper(), "ExcludedPlans": [plan.id]}]}
    assert caller.post(f"{USERS}/{person}/licenseupdates", body).status == 201
    (held,) = caller.get(f"{USERS}/{person}/licenses").json()["items"]
    names = [shown["serviceName"] for shown in held["servicePlans"]]
    assert names == [other.service_name for other in BASIC.plans[1:]]


def test_unusable_licence_update_is_refused(two_products: Simulator) -> None:
    caller = user_caller(two_products)
    person = make_person(caller)
    assert refusal(assign(caller, person)) == (400, 60000)
    assert refusal(assign(caller, person, "unknown")) == (400, 60000)
    assert refusal(assign(caller, person, remove=(BASIC.id,))) == (400, 60000)
    assign(caller, person, BASIC.id)
    assert refusal(assign(caller, person, BASIC.id, remove=(BASIC.id,))) == (400, 60000)
    assert refusal(assign(caller, "nobody", BASIC.id)) == (404, 60002)


def test_licences_of_two_groups_and_without_a_location_are_refused(
    make_simulator: MakeSimulator,
) -> None:
    first, second = ({"productSku": {"id": sku, "licenseGroupId": sku}} for sku in GROUPS)
    counts = {"totalUnits": 5, "consumedUnits": 2, "availableUnits": 3, "servicePlans": []}
    people = [{"id": "u1", "usageLocation": "US"}, {"id": "u2"}]
    customer = make_customer(1, users=people, subscribedSkus=[first | counts, second | counts])
    caller = user_caller(make_simulator(customers=[customer]))
    assert refusal(assign(caller, "u1", *GROUPS)) == (400, 60000)
    assert refusal(assign(caller, "u2", "group1")) == (400, 60000)
    assert assign(caller, "u1", "group1").status == 201
    assert units(caller, "group1") == (2, 3, 5)
    both = caller.get(f"{SKUS}?licenseGroupIds=Group1&licenseGroupIds=Group2").json()["items"]
    assert [item["productSku"]["id"] for item in both] == ["group1", "group2"]
    assert len(caller.get(SKUS).json()["items"]) == 1
    assert caller.get(f"{SKUS}?licenseGroupIds=Group9").status == 400


GROUPS = ("group1", "group2")


def test_units_follow_the_state_of_subscriptions(make_simulator: MakeSimulator) -> None:
    states = {"active": 5, "expired": 3, "suspended": 2, "deleted": 9}
    rows = [
        subscription(number, BASIC.name, count, status=state)
        for number, (state, count) in enumerate(states.items())
    ]
    customer = make_customer(1, users=[])
    caller = user_caller(make_simulator(customers=[customer], subscriptions=rows))
    (sku,) = caller.get(SKUS).json()["items"]
    assert (sku["activeUnits"], sku["warningUnits"], sku["suspendedUnits"]) == (5, 3, 2)
    assert (sku["availableUnits"], sku["totalUnits"]) == (8, 8)


def test_invented_people_hold_the_seats_in_use(make_simulator: MakeSimulator) -> None:
    rows = [subscription(1, BASIC.name, 12), subscription(2, PREMIUM.name, 4)]
    caller = user_caller(make_simulator(subscriptions=rows))
    people = caller.get(USERS).json()["items"]
    assert ids(caller.get(USERS)) == [person["id"] for person in people]
    for product, seats in ((BASIC, 12), (PREMIUM, 4)):
        available, consumed, total = units(caller, product.id)
        assert (available + consumed, total) == (seats, seats)
        assert seats * 6 // 10 <= consumed <= seats
    holders = [
        person
        for person in people
        if caller.get(f"{USERS}/{person['id']}/licenses").json()["items"]
    ]
    assert len(holders) == units(caller, BASIC.id)[1]
    (first,) = caller.get(f"{CUSTOMER}/directoryroles/{next(iter(ROLES))}/usermembers").json()[
        "items"
    ]
    assert first["userPrincipalName"] == "admin@sample1.onmicrosoft.com"


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


def test_use_of_licences_is_counted(make_simulator: MakeSimulator) -> None:
    rows = [subscription(1, BASIC.name, 10), subscription(2, "Dynamics 365 Sales", 4)]
    caller = user_caller(make_simulator(subscriptions=rows))
    own = caller.get(f"{CUSTOMER}/analytics/licenses/usage").json()["items"]
    assert {item["workloadName"] for item in own} >= {"Exchange", "SharePoint", "Teams"}
    assert {item["licensesQualified"] for item in own} == {10, 4}
    sold = caller.get("/v1/analytics/licenses/deployment").json()["items"]
    assert [(item["serviceName"], item["licensesSold"]) for item in sold] == [
        ("crm", 4),
        ("o365", 10),
    ]
    used = caller.get("/v1/analytics/licenses/usage").json()["items"]
    assert all(60 <= item["proratedLicensesUsagePercent"] <= 100 for item in used[1:])
    deployed = caller.get(f"{CUSTOMER}/analytics/licenses/deployment").json()["items"]
    assert [item["licensesSold"] for item in deployed] == [10, 4]


def test_changes_of_a_directory_survive_a_restart_and_go_with_a_reset(
    two_products: Simulator,
) -> None:
    caller = user_caller(two_products)
    person = make_person(caller)
    assign(caller, person, BASIC.id)
    assert units(caller, BASIC.id) == (2, 1, 3)
    two_products.reset()
    caller = user_caller(two_products)
    assert ids(caller.get(USERS)) == []
    assert units(caller, BASIC.id) == (3, 0, 3)
