"""Azure usage, budgets, utilisation records, entitlements and rate cards."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from partnercenter.simulator.worlds.billing_months import exchange_rate
from tests.partnercenter.simulator.calls import Caller, app_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.sample_worlds import customer_id, make_customer

OLD, PLAN = "a0000000-0000-4000-8000-000000000001", "a0000000-0000-4000-8000-000000000002"
FIRST, SECOND = customer_id(1), customer_id(2)
PERIOD = "start_time=2026-11-01&end_time=2026-12-01"


def subscription(identity: str, customer: str, offer: str) -> dict[str, Any]:
    uri = f"/customers/{customer}/subscriptions/{identity}"
    links = {"self": {"uri": uri, "method": "GET", "headers": []}}
    return {"id": identity, "offerId": offer, "friendlyName": f"Azure {offer[:3]}", "links": links}


def record(day: int, *, hours: int = 24, **changes: Any) -> dict[str, Any]:
    row = {
        "customerId": FIRST,
        "subscriptionId": OLD,
        "cost": "1.10",
        "usdCost": 1.2,
        "usageStartTime": f"2026-11-{day:02d}T00:00:00+00:00",
        "usageEndTime": f"2026-11-{day + hours // 24:02d}T{hours % 24:02d}:00:00+00:00",
        "resource": {"id": "disk", "name": "Disk", "category": "Storage", "subcategory": "S4"},
        "quantity": 0.1,
        "unit": "Units",
        "infoFields": {},
        "instanceData": {"resourceUri": "/subscriptions/1", "location": "westeurope"},
    }
    return row | changes


WORLD: dict[str, Any] = {
    "customers": [make_customer(1), make_customer(2)],
    "subscriptions": [
        subscription(OLD, FIRST, "MS-AZR-0145P"),
        subscription(PLAN, SECOND, "DZH318Z0BPS6:0001:DZH318Z0BML6"),
    ],
    "usage": [
        record(3),
        record(4, resource={"id": "cpu", "name": "CPU", "category": "VM", "subcategory": "D"}),
        record(4),
        record(5, hours=1),
        record(4, customerId=SECOND, subscriptionId=PLAN, cost=8.25, currency="GBP"),
        # Of October, which is not the running month.
        record(4, usageStartTime="2026-10-04T00:00:00+00:00", cost=99),
    ],
}


@pytest.fixture
def caller(make_simulator: MakeSimulator) -> Caller:
    return app_caller(make_simulator(**WORLD))


def test_a_month_is_the_sum_of_its_records_on_every_level(caller: Caller) -> None:
    base = f"/v1/customers/{FIRST}/subscriptions"
    resources = caller.get(f"{base}/{OLD}/usagerecords/resources").json()["items"]
    assert {one["id"]: one["totalCost"] for one in resources} == {"disk": 3.3, "cpu": 1.1}
    assert [one["quantityUsed"] for one in resources] == [0.3, 0.1]
    days = caller.get(f"{base}/{OLD}/usagerecords/daily").json()["items"]
    assert [(one["dateUsed"][8:10], one["totalCost"]) for one in days] == [
        ("03", 1.1),
        ("04", 2.2),
        ("05", 1.1),
    ]
    for target in (f"{base}/usagerecords", f"{base}/{OLD}/meterusagerecords"):
        assert [one["totalCost"] for one in caller.get(target).json()["items"]] == [4.4]
    assert caller.get(f"{base}/{OLD}/usagesummary").json()["totalCost"] == 4.4
    assert caller.get(f"/v1/customers/{FIRST}/usagesummary").json()["totalCost"] == 4.4
    customers = caller.get("/v1/customers/usagerecords").json()["items"]
    assert {one["id"]: one["totalCost"] for one in customers} == {FIRST: 4.4, SECOND: 8.25}


def test_the_sum_of_all_customers_is_in_the_partners_currency(caller: Caller) -> None:
    """4.40 dollars of an American customer and 8.25 pounds, in the dollars of the partner."""
    body = caller.get("/v1/usagesummary").json()
    pounds = (Decimal("8.25") * exchange_rate("GBP", "USD")).quantize(Decimal("0.01"))
    assert body["currencyCode"] == "USD"
    assert pounds > Decimal("8.25")
    assert body["totalCost"] == float(Decimal("4.40") + pounds)
    assert body["customersWithUsageBasedSubscriptions"] == 2


def test_records_of_one_customer_in_two_currencies_are_one_sum_in_the_first(
    make_simulator: MakeSimulator,
) -> None:
    plan: dict[str, Any] = {"customerId": SECOND, "subscriptionId": PLAN}
    rows = [record(3, cost=2, currency="gbp", **plan), record(4, cost=3, currency="EUR", **plan)]
    caller = app_caller(make_simulator(**WORLD | {"usage": rows}))
    euros = (3 * exchange_rate("EUR", "GBP")).quantize(Decimal("0.01"))
    (shown,) = caller.get("/v1/customers/usagerecords").json()["items"]
    assert (shown["totalCost"], shown["currencyCode"]) == (float(2 + euros), "GBP")


def test_customers_who_left_are_in_no_sum(caller: Caller) -> None:
    Caller(caller.simulator).post("/_simulator/customers/remove", {"id": SECOND})
    body = caller.get("/v1/usagesummary").json()
    assert (body["totalCost"], body["customersWithUsageBasedSubscriptions"]) == (4.4, 1)


def test_plans_name_a_currency_and_older_subscriptions_a_culture(caller: Caller) -> None:
    old, plan = caller.get("/v1/customers/usagerecords").json()["items"]
    assert (old["isUpgraded"], old["currencyLocale"]) == (False, "en-US")
    assert (plan["isUpgraded"], plan["currencyCode"]) == (True, "GBP")
    assert "currencyCode" not in old
    assert "currencyLocale" not in plan


def test_a_new_month_starts_at_nothing(caller: Caller) -> None:
    caller.simulator.advance(timedelta(days=12))
    again = app_caller(caller.simulator)
    body = again.get(f"/v1/customers/{FIRST}/usagesummary").json()
    assert body["totalCost"] == 0
    assert body["billingStartDate"] == "2026-12-01T00:00:00+00:00"
    assert body["billingEndDate"] == "2027-01-01T00:00:00+00:00"


def test_a_budget_is_kept_compared_and_taken_away(caller: Caller) -> None:
    target = f"/v1/customers/{FIRST}/usagebudget"
    assert "amount" not in caller.get(target).json()
    written = caller.send("PATCH", target, body={"Amount": 8.8})
    assert (written.status, written.json()["amount"]) == (200, 8.8)
    assert caller.get(target).json()["usageSpendingBudget"] == 8.8
    record = caller.get("/v1/customers/usagerecords").json()["items"][0]
    assert (record["budget"]["amount"], record["percentUsed"]) == (8.8, 50.0)
    assert caller.get("/v1/usagesummary").json()["customersOverBudget"] == 0
    caller.send("PATCH", target, body={"amount": 4})
    assert caller.get("/v1/usagesummary").json()["customersOverBudget"] == 1
    for wrong in (-1, "much", True, "NaN"):
        assert caller.send("PATCH", target, body={"amount": wrong}).status == 400
    caller.send("PATCH", target, body={"amount": None})
    assert "amount" not in caller.get(target).json()
    caller.send("PATCH", target, body={"amount": 4})
    caller.simulator.reset()
    assert "amount" not in caller.get(target).json()


def test_utilisation_is_read_by_time_and_granularity_without_what_it_cost(caller: Caller) -> None:
    base = f"/v1/customers/{FIRST}/subscriptions/{OLD.upper()}/utilizations/azure?"
    daily = caller.get(base + PERIOD).json()["items"]
    assert [one["usageStartTime"][8:10] for one in daily] == ["03", "04", "04"]
    own = {"customerId", "subscriptionId", "cost", "usdCost", "currency"}
    assert not own & set(daily[0])
    assert daily[0]["attributes"]["objectType"] == "AzureUtilizationRecord"
    hourly = caller.get(f"{base}{PERIOD}&granularity=Hourly").json()["items"]
    assert [one["usageStartTime"][8:10] for one in hourly] == ["05"]
    late = "start_time=2026-11-04T00:00:00%2B00:00&end_time=2026-11-05T00:00:00+00:00"
    assert len(caller.get(base + late).json()["items"]) == 2
    for wrong in (
        "",
        "start_time=2026-11-01",
        "start_time=x&end_time=y",
        f"{PERIOD}&granularity=w",
    ):
        assert caller.get(base + wrong).status == 400


def test_utilisation_pages_go_on_with_their_token(caller: Caller) -> None:
    base = f"/v1/customers/{FIRST}/subscriptions/{OLD}/utilizations/azure?{PERIOD}"
    assert len(caller.all_items(f"{base}&size=1")) == 3
    first = caller.get(f"{base}&size=2").json()
    assert len(first["items"]) == 2
    assert "next" in first["links"]
    assert "next" not in caller.get(base).json()["links"]


def test_utilisation_without_details_is_added_up(make_simulator: MakeSimulator) -> None:
    world = WORLD | {"usage": [record(4), record(4, quantity=0.2)]}
    caller = app_caller(make_simulator(**world))
    base = f"/v1/customers/{FIRST}/subscriptions/{OLD}/utilizations/azure?{PERIOD}"
    items = caller.get(f"{base}&show_details=false").json()["items"]
    assert [one["quantity"] for one in items] == [0.3]
    assert "instanceData" not in items[0]


def test_utilisation_not_counted_yet_is_asked_for_later(caller: Caller) -> None:
    caller.post("/_simulator/switches", {"utilization_lag_seconds": 86_400})
    base = f"/v1/customers/{FIRST}/subscriptions/{OLD}/utilizations/azure?start_time=2026-11-01"
    early = caller.get(f"{base}&end_time=2026-11-21")
    assert (early.status, early.body, early.headers["retry-after"]) == (204, b"", "3600")
    caller.simulator.advance(timedelta(hours=15))
    again = app_caller(caller.simulator)
    assert again.get(f"{base}&end_time=2026-11-21").status == 200


@pytest.mark.parametrize(
    ("customer", "identity", "status"),
    [(SECOND, PLAN, 400), (FIRST, PLAN, 404), (FIRST, "none", 404), (customer_id(9), OLD, 404)],
)
def test_utilisation_is_for_known_subscriptions_before_the_plan(
    caller: Caller, customer: str, identity: str, status: int
) -> None:
    target = f"/v1/customers/{customer}/subscriptions/{identity}/utilizations/azure?{PERIOD}"
    assert caller.get(target).status == status


def test_entitlements_by_type_and_with_their_expiry(make_simulator: MakeSimulator) -> None:
    rows = [
        {"customerId": FIRST, "entitlementType": "software", "expiryDate": "2027-01-28T00:00:00Z"},
        {
            "customerId": FIRST,
            "entitlementType": "virtual_machine_reserved_instance",
            "artifacts": {"R1": {"type": "reservedinstance"}},
        },
        {"customerId": SECOND, "entitlementType": "software"},
    ]
    caller = app_caller(make_simulator(entitlements=rows))
    base = f"/v1/customers/{FIRST}/entitlements"
    assert len(caller.get(base).json()["items"]) == 2
    for asked, count in (("Software", 1), ("reservedinstance", 1), ("other", 0)):
        items = caller.get(f"{base}?entitlementType={asked}").json()["items"]
        assert len(items) == count
    plain, dated = (caller.get(base + query).json()["items"] for query in ("", "?showExpiry=true"))
    assert "expiryDate" not in plain[0]
    assert dated[0]["expiryDate"] == "2027-01-28T00:00:00Z"
    assert "artifacts" not in dated[1]
    path = f"/v1/customers/{FIRST}/artifacts/reservedinstance/groups/g/lineitems/1/resource/"
    assert caller.get(f"{path}r1").json() == {"type": "reservedinstance"}
    assert caller.get(f"{path}r2").status == 404


def test_rate_cards_are_in_the_currency_and_language_asked_for(caller: Caller) -> None:
    own = caller.get("/v1/ratecards/azure").json()
    shared = caller.get("/v1/ratecards/azure-shared").json()
    assert (own["currency"], own["locale"], own["isTaxIncluded"]) == ("USD", "en-US", False)
    for mine, theirs in zip(own["meters"], shared["meters"], strict=True):
        assert mine["rates"]["0"] == pytest.approx(theirs["rates"]["0"] * 0.85, abs=1e-6)
    euro = caller.get("/v1/ratecards/azure?currency=eur&region=de").json()
    assert (euro["currency"], euro["locale"]) == ("EUR", "de-DE")
    assert euro["meters"][0]["rates"]["0"] < own["meters"][0]["rates"]["0"]
    assert caller.get("/v1/ratecards/azure?currency=money").status == 400
