"""Recordings of subscriptions, transitions, migrations and transfers."""

import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from partnercenter.simulator import Simulator
from tests.partnercenter.simulator.calls import Clock
from tests.partnercenter.simulator.replay.stage import Stage, customer_in_path
from tests.partnercenter.simulator.sample_subscriptions import (
    make_item,
    make_legacy,
    make_seats,
    owned_by,
)
from tests.partnercenter.simulator.sample_worlds import make_customer

TODAY = Clock().now
LEGACY_OFFER = "C0BD2E08-11AC-4836-BDC7-3712E744922F"


def parts_of(stage: Stage) -> list[str]:
    return stage.request["path"].partition("?")[0].split("/")


def stage_subscriptions(stage: Stage) -> None:
    name, path = stage.recording["name"], parts_of(stage)
    customer = customer_in_path(stage)
    stage.world["customers"] = [make_customer(1, id=customer)]
    if "overage" in path:
        stage_overage(stage, customer)
    elif "customTermEndDates" in path:
        stage_term_ends(stage, customer)
    elif len(path) == 5:
        rows = copy.deepcopy(stage.body["items"])
        stage.world["subscriptions"] = [owned_by(customer, row) for row in rows]
    elif stage.request["method"] == "PATCH":
        stage_patch(stage, customer, name)
    elif len(path) == 6:
        stage.world["subscriptions"] = [owned_by(customer, copy.deepcopy(stage.body))]
    else:
        stage_beside(stage, customer, path)


def stage_patch(stage: Stage, customer: str, name: str) -> None:
    before = owned_by(customer, copy.deepcopy(stage.request["body"]))
    response = stage.body if stage.recording["response"]["status"] < 300 else {}
    before |= {"status": "active", "autoRenewEnabled": True}
    before["links"] = response.get("links", {}) | before["links"]
    if response.get("attributes", {}).get("etag") == "":
        before["attributes"] = response["attributes"]
    if name.startswith("change-the-quantity"):
        before["quantity"] = 10
        if name.endswith("-2"):
            # The window in the body must be open for the answer to be a success.
            bought_today(before)
            stage.switches |= {"patch_accepted": True, "accepted_body": True}
    else:
        bought_today(before)
    if name.startswith("create-scheduled"):
        before.pop("scheduledNextTermInstructions")
        plan = stage.request["body"]["scheduledNextTermInstructions"]
        if "customTermEndDate" in plan:
            # The page ends the next term before it begins; a month end after it is allowed.
            plan["customTermEndDate"] = "2027-01-31T00:00:00"
    stage.world["subscriptions"] = [before]


def bought_today(row: dict[str, Any]) -> None:
    """Move a recorded purchase to the day of the replay, so that its windows are open."""
    until = (TODAY + timedelta(days=7)).isoformat()
    row |= {
        "effectiveStartDate": TODAY.isoformat(),
        "commitmentEndDate": (TODAY + timedelta(days=30)).isoformat(),
    }
    if "refundableQuantity" in row:
        detail = {"quantity": row["quantity"], "allowedUntilDateTime": until}
        row["refundableQuantity"] = {"totalQuantity": row["quantity"], "details": [detail]}
    for option in row.get("refundOptions", []):
        option["expiresAt"] = until


def stage_overage(stage: Stage, customer: str) -> None:
    if stage.recording["name"] == "update-subscription-overage-2021-1":
        # The page of this update says GET by mistake; its newer edition says PUT.
        stage.request["method"] = "PUT"
    if stage.request["method"] == "PUT":
        return
    papers = [
        {key: value for key, value in item.items() if key not in ("links", "attributes")}
        for item in stage.body["items"]
    ]
    seed(stage, customer, "overage", *((paper["azureEntitlementId"], paper) for paper in papers))


def stage_term_ends(stage: Stage, customer: str) -> None:
    ids = stage.body["items"][1]["cotermSubscriptionIds"]
    stage.world["subscriptions"] = [
        make_seats(
            customer,
            identity,
            commitmentEndDate="2026-12-05T00:00:00Z",
            commitmentEndDateTime="2026-12-05T23:59:59Z",
        )
        for identity in ids
    ]


def stage_beside(stage: Stage, customer: str, path: list[str]) -> None:
    identity, what = path[5], path[6].lower()
    legacy = make_legacy(customer, identity, offerId=LEGACY_OFFER, isTrial=what == "conversions")
    if what == "conversions":
        target = "031C9E47-4802-4248-838E-778FB1D2CC05"
        stage.world["catalog"] = [{"id": LEGACY_OFFER, "conversionTargetOffers": [target]}]
    elif what == "activate":
        legacy = make_seats(customer, identity, offerId="DZH318Z0BXWC:0001:DZH318Z0BMJX")
        del legacy["productType"]
    elif what == "azureentitlements":
        legacy = make_seats(customer, identity, productType={"id": "Azure"}, billingType="usage")
    stage.world["subscriptions"] = [legacy]


def stage_transitions(stage: Stage) -> None:
    name, path = stage.recording["name"], parts_of(stage)
    stage.switches["transition_operation_ids"] = "2021" not in name
    if "productupgrades" in path:
        stage.world["customers"] = [make_customer(1, id=stage.request["body"]["customerId"])]
        return
    customer, source = path[3], path[5]
    stage.world["customers"] = [make_customer(1, id=customer)]
    ends_soon = {"commitmentEndDate": "2026-11-30T00:00:00Z"}
    stage.world["subscriptions"] = [make_seats(customer, source, **ends_soon)]
    if name.startswith("get-transitions"):
        papers = [history_of(item, source) for item in stage.body["transition"]]
        seed(stage, customer, "transition", *((paper["operationId"], paper) for paper in papers))
    elif path[6] == "upgrades":
        target = stage.request["body"]["TargetOffer"]["Id"]
        stage.world["catalog"] = [{"id": LEGACY_OFFER, "upgradeTargetOffers": [target]}]
        row = make_legacy(customer, source, offerId=LEGACY_OFFER)
        stage.world["subscriptions"] = [row]
    elif path[6] == "transitions":
        stage_transition(stage, customer, source)
    else:
        stage_eligibilities(stage, customer)


def history_of(item: dict[str, Any], source: str) -> dict[str, Any]:
    events = [
        {"name": event["name"], "status": event["status"], "at": event["timestamp"]}
        for event in item["Events"]
    ]
    return {
        "operationId": item.get("operationId", "1caf8ec7-62cc-4ab5-b35d-572d2a62974c"),
        "fromCatalogItemId": item["FromCatalogItemId"],
        "fromSubscriptionId": source,
        "toCatalogItemId": item["ToCatalogItemId"],
        "toSubscriptionId": source,
        "quantity": item["quantity"],
        "transitionType": item["transitionType"],
        "events": events,
    }


def stage_transition(stage: Stage, customer: str, source: str) -> None:
    body = stage.request["body"]
    monthly = {"termDuration": "P1M", "quantity": 5, "commitmentEndDate": "2026-11-30T00:00:00Z"}
    target = make_seats(
        customer, body["toSubscriptionId"], offerId=body["toCatalogItemId"], **monthly
    )
    origin = make_seats(customer, source, offerId=body["fromCatalogItemId"], **monthly)
    stage.world["subscriptions"] = [origin, target]
    stage.world["catalog"] = [make_item(body["toCatalogItemId"], term="P1M")]


def stage_eligibilities(stage: Stage, customer: str) -> None:
    """Set up what the two targets of the page say: services that conflict, a way left out."""
    first, second = stage.body["items"]
    conflict = {"licenseTransferConflicts": ["CFQ7TTC0LH18:0001"]}
    only = {"transitionTypes": ["transition_with_license_transfer"]}
    stage.world["catalog"] = [
        make_item(first["catalogItemId"], attributes=conflict),
        make_item(second["catalogItemId"], attributes=conflict | only),
    ]
    for number, candidate in enumerate(first.get("subscriptionEligibilities", [])):
        # The page lists the source itself as a candidate of another product.
        identity = f"50000000-0000-4000-8000-{number:012d}"
        row = make_seats(
            customer,
            identity,
            offerId=first["catalogItemId"],
            termDuration=candidate["subscriptionTermDuration"],
            commitmentEndDate="2026-12-15T00:00:00Z",
        )
        stage.world["subscriptions"].append(row)


def stage_migrations(stage: Stage) -> None:
    name, path = stage.recording["name"], parts_of(stage)
    customer = path[3]
    stage.world["customers"] = [make_customer(1, id=customer)]
    stage.world["catalog"] = [make_item("CFQ7TTC0LF8Q:0001:CFQ7TTC0KQDF")]
    if name.startswith("create-migration"):
        base = stage.request["body"]["currentSubscriptionId"]
        extra = [one["currentSubscriptionId"] for one in stage.body.get("addOnMigrations", [])]
        stage.world["subscriptions"] = [
            make_legacy(customer, base),
            *(make_legacy(customer, one, parentSubscriptionId=base) for one in extra),
        ]
        stage.switches["migration_seconds"] = 0 if "2021" in name else 300
        return
    paper = copy.deepcopy(stage.body[0] if isinstance(stage.body, list) else stage.body)
    if "schedules" not in path:
        seed(stage, customer, "migration", (paper["id"], paper))
        return
    # The recorded target date has long passed; on it the migration would have been carried out.
    paper |= {"status": "Created", "targetDate": "2027-01-30T00:00:00"}
    stage.world["subscriptions"] = [make_legacy(customer, paper["currentSubscriptionId"])]
    if stage.request["method"] == "PUT":
        stage.request["body"]["targetDate"] = "2027-01-30T00:00:00"
    seed(stage, customer, "migration_schedule", (paper["id"], paper))


def stage_transfers(stage: Stage) -> None:
    path = parts_of(stage)
    customer = path[3]
    stage.world["customers"] = [make_customer(1, id=customer)]
    if stage.recording["name"].startswith("create-a-transfer"):
        stage.world["subscriptions"] = [
            row for line in stage.body["lineItems"] for row in transferred(customer, line)
        ]
        return
    if stage.recording["name"].startswith("accept"):
        paper = acceptable(stage, customer, path[5])
        seed(stage, customer, "transfer", (path[5], paper))
        return
    if isinstance(stage.body, list):
        papers = [(one["id"], bare(one)) for one in stage.body]
    elif isinstance(stage.body, dict):
        papers = [(stage.body["id"], bare(stage.body))]
    else:
        papers = [(path[5], {"id": path[5], "status": "Active", "lineItems": []})]
    seed(stage, customer, "transfer", *papers)


def transferred(customer: str, line: dict[str, Any]) -> list[dict[str, Any]]:
    identity = line["subscriptionId"]
    parts = [
        make_legacy(customer, part["subscriptionId"], parentSubscriptionId=identity)
        for part in line["addonItems"]
    ]
    return [make_legacy(customer, identity), *parts]


def acceptable(stage: Stage, customer: str, identity: str) -> dict[str, Any]:
    """Return the transfer whose acceptance answers as recorded: two lines move, one cannot."""
    failed = stage.body["transferErrors"][0]["lineItems"][0]
    keys = ("id", "subscriptionId", "offerId", "billingCycle", "friendlyName", "quantity")
    stuck = {key: failed[key] for key in (*keys, "partnerIdOnRecord", "addonItems")}
    moving = [stuck | {"subscriptionId": f"moving-{number}"} for number in range(2)]
    stage.world["subscriptions"] = [
        make_legacy(customer, failed["subscriptionId"], status="suspended"),
        *(make_legacy(customer, line["subscriptionId"]) for line in moving),
    ]
    return {"id": identity, "status": "Active", "lineItems": [moving[0], stuck, moving[1]]}


def bare(paper: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in paper.items() if key not in ("links", "attributes")}


def seed(stage: Stage, customer: str, kind: str, *papers: tuple[str, dict[str, Any]]) -> None:
    """Have papers of an earlier time in the ledger when the recorded request comes."""

    def prepare(simulator: Simulator, caller: object, headers: dict[str, str]) -> None:
        for identity, paper in papers:
            simulator.ledger.record(f"{kind}_written", identity, customer=customer, paper=paper)

    stage.prepare = prepare


STAGES: dict[str, Callable[[Stage], None]] = {
    "subscriptions": stage_subscriptions,
    "transitions": stage_transitions,
    "migrations": stage_migrations,
    "transfers": stage_transfers,
}
DIFFERENCES: dict[str, dict[str, str]] = {
    # Bodies without an envelope and hand-made pages lack the links that their siblings show.
    "get-all-subscriptions-by-partner-1": {"links": "+"},
    "ps-getcustomersubscription": {"links": "+"},
    "create-scheduled-changes-1": {"links": "+"},
    "create-scheduled-changes-2021-1": {"links": "+"},
}
