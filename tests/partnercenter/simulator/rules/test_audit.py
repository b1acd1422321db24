"""Fidelity rule 76: every write is in the audit trail, which is filtered, paged, 90 days long."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from partnercenter.simulator import Simulator
from tests.partnercenter.simulator.calls import Answer, Caller, Clock, user_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.sample_catalogue import check_out, line, new_cart
from tests.partnercenter.simulator.sample_worlds import PARTNER, customer_id, make_customer
from tests.partnercenter.simulator.test_create_customer import create, order

SUBSCRIPTION = "50000000-0000-4000-8000-000000000001"


def trail(caller: Caller, **query: str) -> list[dict[str, Any]]:
    text = "&".join(f"{name}={quote(value)}" for name, value in query.items())
    records: list[dict[str, Any]] = caller.all_items(f"/v1/auditrecords?{text}")
    return records


def filtered(field: str, operator: str, value: str) -> str:
    return json.dumps({"Field": field, "Operator": operator, "Value": value})


def write_much(simulator: Simulator, user: Caller) -> str:
    """Create a customer, write its billing profile and end another relationship."""
    created = create(user, order()).json()["id"]
    path = f"/v1/customers/{created}/profiles/billing"
    profile = user.get(path).json()
    headers = {"If-Match": f'"{profile["attributes"]["etag"]}"'}
    changed = profile | {"firstName": "Robin"}
    assert user.send("PUT", path, headers=headers, body=changed).status == 200
    ended = {"relationshipToPartner": "none"}
    assert user.send("PATCH", f"/v1/customers/{customer_id(2)}", body=ended).status == 200
    return str(created)


def test_rule_76_writes_are_in_the_trail_with_values_as_text(
    simulator: Simulator, user: Caller
) -> None:
    created = write_much(simulator, user)
    added, billed, removed = trail(user)
    assert [record["operationType"] for record in (added, billed, removed)] == [
        "add_customer",
        "update_customer_billing_profile",
        "remove_partner_customer_relationship",
    ]
    assert added["customerId"] == created
    assert added["resourceType"] == "customer"
    assert added["operationStatus"] == "succeeded"
    assert added["userPrincipalName"] == "admin@harbourcloud.onmicrosoft.com"
    assert added["applicationId"] == PARTNER["clientId"]
    assert "resourceOldValue" not in added
    value = json.loads(added["resourceNewValue"])
    assert value["Id"] == created
    assert value["CompanyProfile"]["CompanyName"] == added["customerName"]
    assert "assword" not in json.dumps(added)
    old, new = (json.loads(billed[f"resource{age}Value"]) for age in ("Old", "New"))
    assert (new["FirstName"], "FirstName" in old) == ("Robin", False)
    assert old["Attributes"]["Etag"] != new["Attributes"]["Etag"]
    assert json.loads(removed["resourceOldValue"])["RelationshipToPartner"] == "reseller"
    assert json.loads(removed["resourceNewValue"])["RelationshipToPartner"] == "none"
    assert removed["customerName"] == "Sample 2"


def test_rule_76_the_trail_is_filtered_by_three_fields(simulator: Simulator, user: Caller) -> None:
    write_much(simulator, user)
    body = user.get("/v1/profiles/organization").json()
    assert user.send("PUT", "/v1/profiles/organization", body=body).status == 200
    assert len(trail(user)) == 4

    def operations(text: str) -> list[str]:
        return [record["operationType"] for record in trail(user, filter=text)]

    removed = ["remove_partner_customer_relationship"]
    assert operations(filtered("CustomerId", "equals", customer_id(2).upper())) == removed
    assert operations(filtered("CompanyName", "substring", "AMPLE 2")) == removed
    assert operations(filtered("ResourceType", "equals", "PartnerProfile")) == [
        "update_partner_profile"
    ]
    refused = [
        filtered("CompanyName", "equals", "Sample 2"),
        filtered("CustomerId", "substring", "c0"),
        filtered("OperationType", "equals", "add_customer"),
        "{",
    ]
    answers = [user.get(f"/v1/auditrecords?filter={quote(text)}") for text in refused]
    assert [(answer.status, answer.code) for answer in answers] == [(400, 800002)] * 4


def test_rule_76_dates_bound_the_trail_and_90_days_are_its_length(
    simulator: Simulator, app: Caller, clock: Clock
) -> None:
    create(app, order())
    simulator.advance(timedelta(days=40))
    user = user_caller(simulator)
    first = clock.now.date()
    now = simulator.clock()

    def asked(text: str) -> Answer:
        return user.get(f"/v1/auditrecords?{text}")

    assert asked("").json()["items"] == []
    assert asked(f"startDate={first}").json()["totalCount"] == 1
    assert asked(f"startDate={first}&endDate={first}").json()["totalCount"] == 1
    american = quote(f"{first:%m/%d/%Y} 12:00:00 AM")
    assert asked(f"startDate={american}").json()["totalCount"] == 1
    assert asked(f"startDate={first + timedelta(days=1)}").json()["totalCount"] == 0
    longest = (now - timedelta(days=90)).date()
    assert asked(f"startDate={longest}").status == 200
    for text in (
        f"startDate={longest - timedelta(days=1)}",
        "startDate=yesterday",
        f"startDate={first}&endDate={first - timedelta(days=2)}",
    ):
        assert (asked(text).status, asked(text).code) == (400, 800002)


def test_rule_76_pages_are_sought_and_do_not_shift(simulator: Simulator, app: Caller) -> None:
    for number in range(1, 6):
        app.send("DELETE", f"/v1/customers/{customer_id(number)}")
    first = app.get("/v1/auditrecords?size=2").json()
    assert first["totalCount"] == 2
    create(app, order())
    rest = app.follow(first["links"]["next"]).json()
    last = app.follow(rest["links"]["next"]).json()
    assert "next" not in last["links"]
    items = first["items"] + rest["items"] + last["items"]
    assert [record["operationType"] for record in items] == [
        *["delete_customer"] * 5,
        "add_customer",
    ]
    assert len({record["id"] for record in items}) == 6


def test_rule_76_a_record_is_found_by_its_id_under_both_paths(
    simulator: Simulator, app: Caller
) -> None:
    create(app, order())
    (record,) = trail(app)
    for path in ("/v1/auditrecords", "/auditactivity/v1/auditrecords"):
        assert app.get(f"{path}/{record['id'].upper()}").json() == record
        assert app.get(f"{path}/unknown").status == 404
    partner, customer, operation, ticks = record["id"].split("_")
    assert (partner, customer) == (PARTNER["tenantId"], record["customerId"])
    assert (operation, ticks.isdigit()) == ("addcustomer", True)


@pytest.mark.parametrize(
    ("kind", "data", "operation", "resource"),
    [
        (
            "subscription_changed",
            {"subscription": {"id": "S"}},
            "update_subscription",
            "subscription",
        ),
        ("agreement_created", {"agreement": {"type": "x"}}, "create_agreement", "agreement"),
        ("user_deleted", {"user": {"id": "u"}}, "delete_customer_user", "customer_user"),
        (
            "licences_changed",
            {"assigned": {}, "removed": []},
            "update_customer_user_licenses",
            "license",
        ),
        ("something_else_happened", {}, "something_else_happened", "something_else"),
    ],
)
def test_rule_76_effects_of_other_kinds_are_named_alike(
    simulator: Simulator,
    app: Caller,
    kind: str,
    data: dict[str, Any],
    operation: str,
    resource: str,
) -> None:
    simulator.ledger.record(kind, SUBSCRIPTION, customer=customer_id(1), **data)
    (record,) = trail(app)
    assert record["operationType"] == operation
    assert record["resourceType"] == resource
    assert record["customerName"] == "Sample 1"
    assert isinstance(json.loads(record["resourceNewValue"]), dict)


def test_rule_76_the_customer_is_the_subject_of_what_is_done_to_it(
    simulator: Simulator, app: Caller
) -> None:
    simulator.ledger.record("agreement_attested", customer_id(1), agreement={"type": "x"})
    simulator.ledger.record("indirect_reseller_created", "r", reseller={"id": "r"})
    attested, created = trail(app)
    assert (attested["customerId"], attested["customerName"]) == (customer_id(1), "Sample 1")
    assert "customerId" not in created
    assert created["id"].startswith(f"{PARTNER['tenantId']}_createindirectreseller_")


def test_rule_76_a_change_of_several_parts_tells_them_all(
    simulator: Simulator, app: Caller
) -> None:
    simulator.ledger.record(
        "licences_changed", "u", customer=customer_id(1), assigned={"s1": []}, removed=["s2"]
    )
    (record,) = trail(app)
    assert json.loads(record["resourceNewValue"]) == {
        "Id": "u",
        "Assigned": {"S1": []},
        "Removed": ["s2"],
    }


def test_rule_76_a_change_shows_what_was_before_it(make_simulator: MakeSimulator) -> None:
    links = {"self": {"uri": f"/customers/{customer_id(1)}/subscriptions/{SUBSCRIPTION}"}}
    before = {"id": SUBSCRIPTION, "quantity": 1, "friendlyName": "Seats", "links": links}
    simulator = make_simulator(customers=[make_customer(1)], subscriptions=[before])
    for quantity in (2, 3):
        after = before | {"quantity": quantity}
        simulator.ledger.record(
            "subscription_changed", SUBSCRIPTION, customer=customer_id(1), subscription=after
        )
    found = [
        tuple(json.loads(record[f"resource{age}Value"])["Quantity"] for age in ("Old", "New"))
        for record in trail(user_caller(simulator))
    ]
    assert found == [(1, 2), (2, 3)]


def test_rule_76_what_was_before_is_the_latest_of_several_changes(
    simulator: Simulator, app: Caller
) -> None:
    path = f"/v1/customers/{customer_id(1)}/profiles/billing"
    for name in ("First", "Second"):
        profile = app.get(path).json()
        headers = {"If-Match": f'"{profile["attributes"]["etag"]}"'}
        body = profile | {"firstName": name}
        assert app.send("PUT", path, headers=headers, body=body).status == 200
    rename = {"id": customer_id(1), "companyName": "Blue"}
    Caller(simulator).post("/_simulator/customers/rename", rename)
    Caller(simulator).post("/_simulator/customers/remove", {"id": customer_id(1)})
    old = [json.loads(record["resourceOldValue"]) for record in trail(app)]
    assert "FirstName" not in old[0]
    assert old[1]["FirstName"] == "First"
    assert old[2]["CompanyProfile"]["CompanyName"] == "Sample 1"
    assert old[3]["CompanyProfile"]["CompanyName"] == "Blue"
    assert [one["BillingProfile"]["FirstName"] for one in old[2:]] == ["Second", "Second"]


def test_rule_76_a_purchase_is_told_line_by_line(buyer: Caller) -> None:
    answer = check_out(buyer, new_cart(buyer, line(friendlyName="Seats", quantity=4)))
    (order,) = answer.json()["orders"]
    records = {record["operationType"]: record for record in trail(buyer)}
    assert {"create_order", "checkout_cart"} <= records.keys()
    assert {record["customerName"] for record in records.values()} == {"Sample 1"}
    told = {one["key"]: one["value"] for one in records["create_order"]["customizedData"]}
    (bought,) = order["lineItems"]
    assert told == {
        "OrderId": order["id"],
        "BillingCycle": "Monthly",
        "OfferId-0": bought["offerId"],
        "SubscriptionId-0": bought["subscriptionId"],
        "SubscriptionName-0": "Seats",
        "Quantity-0": "4",
        "PartnerOnRecord-0": None,
    }


def test_rule_76_no_secret_and_no_token_is_in_the_trail(simulator: Simulator, user: Caller) -> None:
    simulator.ledger.record(
        "user_created",
        SUBSCRIPTION,
        customer=customer_id(1),
        user={"id": "u", "passwordProfile": {"password": "hunter2"}},
        credentials={"password": "hunter3"},
    )
    simulator.ledger.record(
        "user_changed", SUBSCRIPTION, customer=customer_id(1), user={"id": "u"}, password="hu4"
    )
    simulator.revoke_refresh_tokens()
    text = json.dumps(trail(user))
    assert "hunter" not in text
    assert "hu4" not in text
    assert [record["operationType"] for record in trail(user)] == [
        "create_customer_user",
        "update_customer_user",
    ]
