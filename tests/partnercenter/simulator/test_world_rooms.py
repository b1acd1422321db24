"""A made world has something to show in every room: usage, orders, reviews, directories, health."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from partnercenter.simulator import Simulator, Switches
from partnercenter.simulator.stores.subscriptions import customer_of
from partnercenter.simulator.worlds import make_world, open_world
from partnercenter.simulator.worlds.billing_months import exchange_rate
from tests.partnercenter.simulator.calls import (
    GRAPH,
    Caller,
    Clock,
    app_caller,
    user_caller,
)

TODAY = date(2026, 11, 21)
RELATIONSHIPS = "/v1.0/tenantRelationships/delegatedAdminRelationships"
Row = dict[str, Any]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Simulator:
    """Return a simulator over a made world that no test changes but by its clock's hands."""
    folder = tmp_path_factory.mktemp("rooms") / "w"
    make_world(folder, customers=130, lines=900, seed=8, today=TODAY)
    world = open_world(str(folder), cache=folder.parent)
    switches = Switches().changed({"access_token_seconds": 10**9})
    return Simulator(world, clock=Clock(), switches=switches)


@pytest.fixture(scope="module")
def app(made: Simulator) -> Caller:
    return app_caller(made)


@pytest.fixture
def december(made: Simulator) -> Iterator[Caller]:
    """Return a caller some days into the next month."""
    clock = made.clock._source
    assert isinstance(clock, Clock)
    before = clock.now
    clock.now = datetime(2026, 12, 6, 12, 0, tzinfo=UTC)
    yield app_caller(made)
    clock.now = before


def rows_of(made: Simulator, name: str) -> list[Row]:
    return list(made.site.world.collection(name))


def azure(made: Simulator, *, plan: bool) -> list[Row]:
    return [
        row
        for row in rows_of(made, "subscriptions")
        if row["billingType"] == "usage" and (":" in row["offerId"]) == plan
    ]


def test_order_ids_of_all_subscriptions_resolve(made: Simulator, app: Caller) -> None:
    written = {row["id"]: row for row in rows_of(made, "orders")}
    subscriptions = rows_of(made, "subscriptions")
    assert set(written) == {row["orderId"] for row in subscriptions}
    for row in subscriptions[::9]:
        owner = customer_of(row)
        order = app.get(f"/v1/customers/{owner}/orders/{row['orderId']}").json()
        (line,) = order["lineItems"]
        assert (line["subscriptionId"], line["offerId"]) == (row["id"], row["offerId"])
        if "totalPrice" in order:
            price = Decimal(str(line["pricing"]["price"]))
            assert Decimal(str(order["totalPrice"])) == price * line["quantity"]


def test_orders_of_customers_far_behind_follow_from_their_subscriptions(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("many") / "w"
    make_world(folder, customers=230, lines=700, seed=3, today=TODAY)
    simulator = Simulator(open_world(str(folder), cache=folder.parent), clock=Clock())
    written = {row["id"] for row in rows_of(simulator, "orders")}
    behind = [row for row in rows_of(simulator, "subscriptions") if row["orderId"] not in written]
    assert behind
    caller = app_caller(simulator)
    for row in behind[:5]:
        path = f"/v1/customers/{customer_of(row)}/orders/{row['orderId']}"
        assert caller.get(path).json()["lineItems"][0]["subscriptionId"] == row["id"]


def test_usage_of_the_running_month_is_what_its_meters_cost(made: Simulator, app: Caller) -> None:
    rates = {row["id"]: Decimal(row["rates"]["0"]) for row in rows_of(made, "meters")}
    records = app.get("/v1/customers/usagerecords").json()["items"]
    assert {one["isUpgraded"] for one in records} == {True, False}
    shown = {one["id"]: Decimal(str(one["usdTotalCost"])) for one in records}
    wanted: dict[str, Decimal] = {}
    for row in rows_of(made, "usage"):
        if "2026-11-01" <= row["usageStartTime"][:10] < "2026-11-21" and "cost" in row:
            cost = Decimal(str(row["quantity"])) * rates[row["resource"]["id"]]
            wanted[row["customerId"]] = wanted.get(row["customerId"], Decimal(0)) + cost
    assert set(shown) == set(wanted)
    for customer, cost in wanted.items():
        assert shown[customer] == pytest.approx(cost, abs=Decimal("0.02"))
    total = Decimal(str(app.get("/v1/usagesummary").json()["totalCost"]))
    euros = sum(wanted.values(), Decimal(0)) * exchange_rate("USD", "EUR")
    assert total == pytest.approx(euros, abs=Decimal("0.5"))


def test_the_next_month_fills_day_by_day(made: Simulator, december: Caller) -> None:
    (row, *_) = azure(made, plan=True)
    path = f"/v1/customers/{customer_of(row)}/subscriptions/{row['id']}/usagerecords/daily"
    days = sorted(one["dateUsed"][:10] for one in december.get(path).json()["items"])
    assert days == [f"2026-12-0{day}" for day in range(1, 6)]


def test_subscriptions_before_the_plan_have_utilisation_by_day_and_hour(
    made: Simulator, app: Caller
) -> None:
    (row, *_) = azure(made, plan=False)
    path = (
        f"/v1/customers/{customer_of(row)}/subscriptions/{row['id']}/utilizations/azure"
        "?start_time=2026-11-19&end_time=2026-12-20"
    )
    daily = app.all_items(path)
    hourly = app.all_items(f"{path}&granularity=hourly")
    assert {one["usageStartTime"][:10] for one in daily} == {"2026-11-19", "2026-11-20"}
    assert len(hourly) == 24 * len(daily)


def test_entitlements_name_artifacts_that_can_be_read(made: Simulator, app: Caller) -> None:
    owner = customer_of(azure(made, plan=True)[0])
    items = app.get(f"/v1/customers/{owner}/entitlements?showExpiry=true").json()["items"]
    assert [one["entitlementType"] for one in items] == [
        "virtual_machine_reserved_instance",
        "software",
    ]
    (artifact,) = items[0]["entitledArtifacts"]
    found = app.get(f"/v1{artifact['link']['uri']}").json()
    assert found["virtualMachineReservations"][0]["quantity"] == items[0]["quantity"]


def test_some_customers_cannot_buy_yet(made: Simulator, app: Caller) -> None:
    customers = rows_of(made, "customers")
    under_review = [one for one in customers if one.get("accountStatus") == "UnderReview"]
    without = [one for one in customers if one.get("agreementAccepted") is False]
    assert (len(under_review), len(without)) == (1, 6)
    signed_in = user_caller(made)
    for one in without:
        agreements = signed_in.get(f"/v1/customers/{one['id']}/agreements").json()
        assert agreements["items"] == []
    for one in (*under_review, *without):
        shown = app.get(f"/v1/customers/{one['id']}").json()
        assert not {"accountStatus", "agreementAccepted", "delegatedRelationship"} & set(shown)


def test_delegated_relationships_are_in_every_state_and_close_what_they_should(
    made: Simulator,
) -> None:
    graph = app_caller(made, resource=GRAPH)
    rows = graph.get(RELATIONSHIPS).json()["value"]
    states = {one["status"] for one in rows}
    assert states == {"active", "approvalPending", "expired", "terminated"}
    closed = {one["customer"]["tenantId"] for one in rows if one["status"] != "active"}
    signed_in = user_caller(made)
    for identity in sorted(closed)[:4]:
        assert signed_in.get(f"/v1/customers/{identity}/users").status == 403
    now = made.clock().isoformat()
    ended = [one for one in rows if one["status"] in ("expired", "terminated")]
    assert all(one["endDateTime"] < now for one in ended)
    pending = [one for one in rows if one["status"] == "approvalPending"]
    assert {one["activatedDateTime"] for one in pending} == {None}


def test_directories_have_users_for_the_licences_in_use(made: Simulator) -> None:
    signed_in = user_caller(made)
    looked = 0
    for customer in rows_of(made, "customers")[:40]:
        base = f"/v1/customers/{customer['id']}"
        answer = signed_in.get(f"{base}/subscribedskus")
        if answer.status == 403:
            continue
        users = signed_in.get(f"{base}/users?size=500").json()["items"]
        for sku in answer.json()["items"]:
            assert sku["consumedUnits"] <= sku["totalUnits"]
            assert sku["consumedUnits"] <= len(users)
            looked += sku["consumedUnits"] > 0
    assert looked > 20


def test_the_health_of_services_is_mixed(made: Simulator) -> None:
    graph = app_caller(made, resource=GRAPH)
    path = "/v1.0/admin/serviceAnnouncement/healthOverviews"
    rows = graph.get(f"{path}?$expand=issues").json()["value"]
    assert len({one["status"] for one in rows}) == 3
    for one in rows:
        open_issues = [issue for issue in one["issues"] if not issue["isResolved"]]
        assert bool(open_issues) == (one["status"] != "ServiceOperational")


def test_nothing_of_it_is_on_an_invoice(made: Simulator) -> None:
    world = made.site.world
    billed = {
        row["subscriptionId"]
        for invoice in world.collection("invoices")
        for row in world.invoice_lines(invoice["id"])
    }
    unbilled = {row["id"] for plan in (True, False) for row in azure(made, plan=plan)}
    assert unbilled
    assert not unbilled & billed
