"""Who called without multi-factor sign-in, and the support requests of partner and customers."""

import json
from urllib.parse import quote

import pytest

from partnercenter.simulator import Simulator
from partnercenter.simulator.identity import object_id
from tests.partnercenter.simulator.calls import Caller, Clock, app_caller, user_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.sample_worlds import PARTNER, customer_id

ADMIN = "admin@harbourcloud.onmicrosoft.com"


def test_calls_of_users_are_told_with_their_sign_in(simulator: Simulator, clock: Clock) -> None:
    weak = user_caller(simulator, amr="pwd")
    strong = user_caller(simulator)
    app_caller(simulator).get("/v1/customers")
    assert weak.get("/v1/customers").status == 401
    clock.advance(minutes=1)
    customer = strong.get(f"/v1/customers/{customer_id(1)}", headers={"MS-RequestId": "r-2"})
    assert customer.status == 200
    clock.advance(minutes=1)
    body = strong.get("/v1/partnerRequests", headers={"MS-RequestId": "r-3"}).json()
    assert [item["operationName"] for item in body["items"]] == [
        "Get /v{version}/partnerRequests",
        "Get /v{version}/customers/{customer}",
        "Get /v{version}/customers",
    ]
    assert [item["mfaCompliant"] for item in body["items"]] == [True, True, False]
    assert [item["requestId"] for item in body["items"][:2]] == ["r-3", "r-2"]
    last = body["items"][-1]
    assert (last["upn"], last["objectId"]) == (ADMIN, object_id(ADMIN))
    assert last["requestDateTime"] == "2026-11-21T09:00:00.000"
    principals = strong.get("/v1/nonMfaCompliantPartnerPrincipals").json()
    assert principals["items"] == [
        {
            "objectId": object_id(ADMIN),
            "tenantId": PARTNER["tenantId"],
            "upn": ADMIN,
            "lastNonMfaCompliantRequestDateTime": "2026-11-21T09:00:00.000",
        }
    ]


def test_adoption_is_counted_by_day_and_application(simulator: Simulator, clock: Clock) -> None:
    user_caller(simulator, amr="pwd").get("/v1/customers")
    user_caller(simulator).get("/v1/customers")
    clock.advance(days=1)
    strong = user_caller(simulator)
    days = strong.get("/v1/applicationmfaadoptionstatus").json()
    counts = [
        (day["loginDate"], day["mfaCompliantRequestCount"], day["totalRequestCount"])
        for day in days
    ]
    assert counts == [("2026-11-22", 1, 1), ("2026-11-21", 1, 2)]
    assert {day["applicationId"] for day in days} == {PARTNER["clientId"]}
    path = "/v1/applicationmfaadoptionstatus?startDate=2026-11-20&endDate=2026-11-21"
    assert [day["loginDate"] for day in strong.get(path).json()] == ["2026-11-21"]
    assert strong.get("/v1/applicationmfaadoptionstatus?startDate=soon").status == 400


def test_a_reset_forgets_the_calls(simulator: Simulator) -> None:
    user_caller(simulator).get("/v1/customers")
    simulator.reset()
    report = user_caller(simulator).get("/v1/partnerRequests").json()
    assert report["totalCount"] == 1


@pytest.fixture
def support(make_simulator: MakeSimulator) -> Caller:
    rows = [
        {
            "id": f"61511249116901{number}",
            "customerId": customer_id(1 + number % 2),
            "title": f"Request {number}",
            "severity": "critical" if number == 3 else "minimal",
            "status": "open" if number < 4 else "closed",
            "attributes": {"objectType": "ServiceRequest"},
        }
        for number in range(5)
    ]
    return user_caller(make_simulator(service_requests=rows))


def titles(caller: Caller, target: str) -> list[str]:
    return [item["title"] for item in caller.get(target).json()["items"]]


def test_support_requests_are_those_of_the_customer(support: Caller) -> None:
    assert len(titles(support, "/v1/servicerequests")) == 5
    path = f"/v1/customers/{customer_id(1)}/servicerequests"
    assert titles(support, path) == ["Request 0", "Request 2", "Request 4"]
    assert "customerId" not in json.dumps(support.get(path).json())
    assert titles(support, f"/v1/customers/{customer_id(3)}/servicerequests") == []
    unknown = support.get("/v1/customers/5e110000-0000-4000-8000-000000000000/servicerequests")
    assert (unknown.status, unknown.code) == (404, 60003)


def test_support_requests_are_filtered_and_paged_by_offset(support: Caller) -> None:
    status = {"Field": "Status", "Operator": "equals", "Value": "Open"}
    severity = {"Field": "Severity", "Operator": "equals", "Value": "Critical"}
    both = {"LeftFilter": status, "Operator": "And", "RightFilter": severity}
    path = "/v1/servicerequests"
    assert len(titles(support, f"{path}?filter={quote(json.dumps(status))}")) == 4
    assert titles(support, f"{path}?filter={quote(json.dumps(both))}") == ["Request 3"]
    assert titles(support, f"{path}?size=2&offset=3") == ["Request 3", "Request 4"]
    for wrong in (
        {"Field": "Owner"},
        status | {"Operator": "substring"},
        both | {"Operator": "or"},
    ):
        answer = support.get(f"{path}?filter={quote(json.dumps(wrong))}")
        assert (answer.status, answer.code) == (400, 800002)
