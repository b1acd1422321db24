"""Licences of customers: fidelity rule 63."""

import pytest

from partnercenter.simulator import Simulator
from partnercenter.simulator.directory import ROLES
from tests.partnercenter.simulator.calls import user_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.sample_directories import (
    BASIC,
    CUSTOMER,
    PREMIUM,
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

GROUPS = ("group1", "group2")


@pytest.fixture
def two_products(make_simulator: MakeSimulator) -> Simulator:
    """Return a customer with three licences of one product, one of another, and no users."""
    return make_simulator(**TWO_PRODUCTS)


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


def test_unusable_licence_update_is_refused(two_products: Simulator) -> None:
    caller = user_caller(two_products)
    person = make_person(caller)
    assert refusal(assign(caller, person)) == (400, 60000)
    assert refusal(assign(caller, person, "unknown")) == (400, 60000)
    assert refusal(assign(caller, person, remove=(BASIC.id,))) == (400, 60000)
    assign(caller, person, BASIC.id)
    assert refusal(assign(caller, person, BASIC.id, remove=(BASIC.id,))) == (400, 60000)
    assert refusal(assign(caller, "nobody", BASIC.id)) == (404, 60002)


def test_managed_services_are_those_of_the_licences(two_products: Simulator) -> None:
    items = user_caller(two_products).get(f"{CUSTOMER}/managedservices").json()["items"]
    assert [item["id"] for item in items] == ["exchange", "sharepoint", "teams"]
