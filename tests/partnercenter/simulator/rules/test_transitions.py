"""Rules 59 to 61: moving seats elsewhere, its history, and the days terms may end together."""

from datetime import date
from typing import Any

import pytest

from partnercenter.simulator import Simulator
from partnercenter.simulator.coterm import may_end_on
from tests.partnercenter.simulator.calls import Answer, Caller, app_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.sample_subscriptions import make_item, make_legacy, make_seats
from tests.partnercenter.simulator.subscription_calls import LIST, OWNER, charged, edit, get, patch

BETTER = "CFQ7TTC0LCHC:0002:CFQ7TTC0KBBB"
LONGER = "CFQ7TTC0LH18:0001:CFQ7TTC0KLLL"
CATALOG = [
    make_item(),
    make_item(LONGER, term="P3Y"),
    make_item(BETTER),
    make_item("CFQ7TTC0ADDD:0001:CFQ7TTC0KADD", attributes={"isAddon": True}),
    make_item("CFQ7TTC0MMMM:0001:CFQ7TTC0KMMM", term="P1M"),
]


def move(caller: Caller, **body: Any) -> Answer:
    """Ask for a transition of the seats, by default of four of them to the better product."""
    asked = {"toCatalogItemId": BETTER, "quantity": 4, "transitionType": "transition_only"}
    return caller.post(f"{LIST}/seats/transitions", asked | body)


def eligibilities(caller: Caller) -> dict[str, dict[str, Any]]:
    target = f"{LIST}/seats/transitionEligibilities?eligibilityType=immediate"
    return {item["catalogItemId"]: item for item in caller.get(target).json()["items"]}


def better(identity: str, **changes: Any) -> dict[str, Any]:
    """Return a subscription of the better product that can take seats in."""
    return make_seats(OWNER, identity, **{"offerId": BETTER, "orderId": "cccccccccccc"} | changes)


TARGETS = {
    "fine": {},
    "inactive": {"status": "suspended"},
    "new": {"cancellationAllowedUntilDate": "2026-11-25T00:00:00Z"},
    "short": {"termDuration": "P1M"},
    "early": {"commitmentEndDate": "2027-02-27T00:00:00Z"},
}


@pytest.fixture
def simulator(make_simulator: MakeSimulator) -> Simulator:
    """Return a simulator with seats to move and every kind of target for them."""
    rows = [better(name, **changes) for name, changes in TARGETS.items()]
    return make_simulator(subscriptions=[make_seats(OWNER, "seats"), *rows], catalog=CATALOG)


def test_rule_59_eligibility_says_why_not_in_numbers(simulator: Simulator, app: Caller) -> None:
    found = eligibilities(app)
    # Neither an add-on nor a shorter term is a target; the same product for longer is one.
    assert list(found) == [LONGER, BETTER]
    candidates = {
        one["subscriptionId"]: (one["isEligible"], [error["code"] for error in one["errors"]])
        for one in found[BETTER]["subscriptionEligibilities"]
    }
    assert candidates == {
        "fine": (True, []),
        "inactive": (False, [1]),
        "new": (False, [2]),
        "short": (False, [3]),
        "early": (False, [4]),
    }
    assert [one["isEligible"] for one in found[BETTER]["eligibilities"]] == [True, True]
    patch(app, {"status": "suspended"})
    blocked = eligibilities(app)[BETTER]["eligibilities"]
    assert [(one["isEligible"], one["errors"][0]["code"]) for one in blocked] == [(False, 2)] * 2


REFUSED: dict[str, tuple[dict[str, Any], int]] = {
    "inactive target": ({"toSubscriptionId": "inactive"}, 900258),
    "target in its window": ({"toSubscriptionId": "new"}, 900259),
    "target of another item": (
        {"toSubscriptionId": "fine", "toCatalogItemId": LONGER, "termDuration": "P1Y"},
        900236,
    ),
    "target ends earlier": ({"toSubscriptionId": "early"}, 900260),
    "target is the source": ({"toSubscriptionId": "seats"}, 900261),
    "target has a shorter term": ({"toSubscriptionId": "short"}, 900267),
    "shorter term": ({"termDuration": "P1M"}, 900267),
    "cycle longer than the term": ({"billingCycle": "triennial"}, 900270),
    "unknown item": ({"toCatalogItemId": "CFQ7TTC0NONE:0001:CFQ7TTC0NONE"}, 900236),
    "half an item": ({"toCatalogItemId": "CFQ7TTC0LCHC:0002"}, 800002),
    "no seats": ({"quantity": None}, 800002),
    "no type": ({"transitionType": "sideways"}, 800002),
    "more seats than there are": ({"quantity": 11}, 800002),
}


@pytest.mark.parametrize("case", REFUSED)
def test_rule_59_ineligible_target_is_refused_with_its_code(
    simulator: Simulator, app: Caller, case: str
) -> None:
    body, code = REFUSED[case]
    refused = move(app, **body)
    assert (refused.status, refused.code) == (400, code)
    assert simulator.ledger.find(kind="transition_written") == []
    assert get(app)["quantity"] == 10


def test_suspended_source_cannot_move(app: Caller) -> None:
    patch(app, {"status": "suspended"})
    assert move(app).code == 900236


def test_rule_60_part_of_the_seats_leaves_the_rest(simulator: Simulator, app: Caller) -> None:
    moved = move(app)
    assert (moved.status, moved.json()["quantity"]) == (200, 4)
    assert [event["status"] for event in moved.json()["Events"]] == ["Started"]
    source, target = get(app), get(app, moved.json()["toSubscriptionId"])
    assert (source["status"], source["quantity"]) == ("active", 6)
    assert (target["offerId"], target["quantity"]) == (BETTER, 4)
    assert target["commitmentEndDate"] == source["commitmentEndDate"]
    history = app.get(f"{LIST}/seats/transitions").json()
    assert "items" not in history
    (item,) = history["transition"]
    assert item["ToCatalogItemId"] == BETTER
    assert [event["status"] for event in item["Events"]] == ["Started", "Completed"]
    refund, charge = charged(simulator)
    assert (refund["chargeType"], refund["quantity"]) == ("removeQuantity", "-4")
    assert (charge["chargeType"], charge["quantity"]) == ("convert", "4")
    assert refund["referenceId"] == charge["referenceId"]


def test_rule_60_all_seats_end_the_source(simulator: Simulator, app: Caller) -> None:
    moved = move(app, quantity=10, toSubscriptionId="fine")
    assert moved.json()["toSubscriptionId"] == "fine"
    assert get(app)["status"] == "deleted"
    assert get(app, "fine")["quantity"] == 20
    assert [row["chargeType"] for row in charged(simulator)] == ["removeQuantity", "moveQuantity"]


def test_longer_term_of_the_same_product_begins_now(app: Caller) -> None:
    moved = move(app, toCatalogItemId=LONGER, quantity=10, termDuration="P3Y")
    target = get(app, moved.json()["toSubscriptionId"])
    assert (target["termDuration"], target["commitmentEndDate"]) == ("P3Y", "2029-11-20T00:00:00Z")


def test_transition_takes_its_time_by_switch(make_simulator: MakeSimulator, clock: Any) -> None:
    simulator = make_simulator(
        subscriptions=[make_seats(OWNER, "seats")],
        catalog=CATALOG,
        switches={"transition_seconds": 600},
    )
    caller = app_caller(simulator)
    target = move(caller, quantity=10).json()["toSubscriptionId"]
    assert get(caller)["status"] == "active"
    assert caller.get(f"{LIST}/{target}").status == 404
    assert edit(caller, quantity=11).code == 900278
    clock.advance(minutes=10)
    assert get(caller)["status"] == "deleted"
    assert get(caller, target)["status"] == "active"


def test_services_that_conflict_leave_users_behind(make_simulator: MakeSimulator) -> None:
    attributes = {"licenseTransferConflicts": ["CFQ7TTC0LH18:0001"]}
    simulator = make_simulator(
        subscriptions=[make_seats(OWNER, "seats")],
        catalog=[make_item(BETTER, attributes=attributes)],
    )
    caller = app_caller(simulator)
    ways = eligibilities(caller)[BETTER]["eligibilities"]
    assert [[error["code"] for error in way["errors"]] for way in ways] == [[], [3]]
    assert move(caller, transitionType="transition_with_license_transfer").code == 900236
    assert move(caller).status == 200


def ends(caller: Caller, term: str) -> list[tuple[str, str, list[str]]]:
    answer = caller.get(f"{LIST}/customTermEndDates?term_duration={term}")
    return [
        (
            item["allowedCustomTermEndDateType"],
            item["allowedCustomTermEndDate"][:10],
            item.get("cotermSubscriptionIds", []),
        )
        for item in answer.json()["items"]
    ]


def test_rule_61_term_ends_list_month_ends_and_alignable_subscriptions(
    make_simulator: MakeSimulator,
) -> None:
    day = {"commitmentEndDate": "2026-12-10T00:00:00Z"}
    rows = [
        make_seats(OWNER, "year", **day),
        make_seats(OWNER, "same day", **day),
        make_seats(OWNER, "month", termDuration="P1M", **day),
        make_seats(OWNER, "trial", isTrial=True, **day),
        make_seats(OWNER, "stopped", status="suspended", **day),
        make_seats(OWNER, "awkward", commitmentEndDate="2026-11-28T00:00:00Z"),
        make_legacy(OWNER, "old", **day),
    ]
    caller = app_caller(make_simulator(subscriptions=rows))
    assert ends(caller, "P1M") == [
        ("calendarMonthAligned", "2026-11-30", []),
        ("subscriptionAligned", "2026-12-10", ["year", "same day", "month"]),
    ]
    yearly = ends(caller, "P1Y")
    assert [end for kind, end, _ in yearly if kind == "calendarMonthAligned"][:2] == [
        "2026-11-30",
        "2026-12-31",
    ]
    assert [one for one in yearly if one[0] == "subscriptionAligned"] == [
        ("subscriptionAligned", "2026-11-28", ["awkward"]),
        ("subscriptionAligned", "2026-12-10", ["year", "same day"]),
    ]
    for query in ("", "?term_duration=P0M", "?term_duration=P1Y&TermStartDate=9999-12-31"):
        refused = caller.get(f"{LIST}/customTermEndDates{query}")
        assert (refused.status, refused.code) == (400, 800002)


@pytest.mark.parametrize(
    ("end", "allowed"),
    [("2026-12-31", True), ("2026-12-10", True), ("2027-11-20", True), ("2026-12-11", False)],
)
def test_rule_61_other_dates_are_no_term_ends(end: str, allowed: bool) -> None:
    rows = [make_seats(OWNER, "year", commitmentEndDate="2026-12-10T00:00:00Z")]
    start = date(2026, 11, 21)
    assert may_end_on(rows, months=12, start=start, end=date.fromisoformat(end)) is allowed
