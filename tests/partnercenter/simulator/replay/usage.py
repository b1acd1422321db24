"""Recordings of Azure usage, budgets, rate cards and entitlements."""

import copy
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.partnercenter.simulator.calls import Caller
from tests.partnercenter.simulator.replay.stage import Stage, customer_in_path
from tests.partnercenter.simulator.sample_worlds import make_customer

NOW = "2026-11-03T00:00:00+00:00"
Row = dict[str, Any]


def stage_usage(stage: Stage) -> None:
    name = stage.recording["name"]
    if "entitlement" in name:
        stage_entitlements(stage)
    elif "ratecard" in name or "rates" in name:
        stage.world["meters"] = copy.deepcopy(stage.body["meters"])
    elif "utilization" in name:
        stage_utilizations(stage)
    elif name == "get-a-customer-s-usage-records-1":
        stage_all_customers(stage)
    elif "budget" in name:
        stage_budget(stage)
    else:
        stage_one_customer(stage)


def stage_entitlements(stage: Stage) -> None:
    customer_id = customer_in_path(stage)
    stage.world["customers"] = [make_customer(1, id=customer_id)]
    if "items" in stage.body:
        rows = [row | {"customerId": customer_id} for row in stage.body["items"]]
    else:
        resource = stage.request["path"].rsplit("/", 1)[1]
        rows = [{"customerId": customer_id, "artifacts": {resource: stage.body}}]
    stage.world["entitlements"] = copy.deepcopy(rows)


def stage_utilizations(stage: Stage) -> None:
    parts = urlsplit(stage.request["path"])
    query = parse_qs(parts.query)
    body = stage.body
    last = body["items"][-1]
    if "links" in last:
        # A brace on the page is misplaced: the end of the collection stands in its last item.
        body["links"], body["attributes"] = last.pop("links"), last.pop("attributes")
        last["attributes"] = last["instanceData"].pop("attributes")
    owner = {"customerId": customer_in_path(stage), "subscriptionId": parts.path.split("/")[5]}
    rows = [copy.deepcopy(row) | owner for row in body["items"]]
    if "2017-07-02" in query["start_time"][0]:
        # The page shows records of June for a request of July.
        for row in rows:
            row |= {"usageStartTime": "2017-07-07T17:00:00-07:00"}
            row |= {"usageEndTime": "2017-07-08T17:00:00-07:00"}
    stage.world["customers"] = [make_customer(1, id=owner["customerId"])]
    stage.world["usage"] = rows


def stage_all_customers(stage: Stage) -> None:
    """Set every recorded customer up: its subscription's kind, its budget and its currency."""
    stage.world |= {"customers": [], "subscriptions": [], "usage": []}
    for number, record in enumerate(stage.body["items"]):
        plan = record["isUpgraded"]
        set_customer(stage, number, record["id"], str(number) * 8, plan=plan)
    budgets = {one["id"]: one["budget"].get("amount") for one in stage.body["items"]}
    stage.prepare = lambda simulator, caller, headers: set_budgets(caller, budgets)


def stage_one_customer(stage: Stage) -> None:
    """Set the customer of a recording up with one subscription for each recorded one."""
    parts = stage.request["path"].split("/")
    stage.world |= {"customers": [], "subscriptions": [], "usage": []}
    body, customer = stage.body, customer_in_path(stage)
    named = [parts[5]] if len(parts) > 6 else []
    recorded = [one["id"] for one in body.get("items", ())]
    plan = "currencyCode" in body or any("currencyCode" in one for one in body.get("items", ()))
    resources = parts[-1] == "resources"
    for number, one in enumerate(named if resources else named or recorded or ["1" * 8]):
        set_customer(stage, number, customer, one, plan=plan)
    if resources:
        stage.world["usage"] = [
            row | {"resource": {"id": str(at), "name": "n", "category": "c", "subcategory": "s"}}
            for at, row in enumerate(stage.world["usage"] * 2)
        ]
    if "budget" in body:
        # The older page misspells the amount; the newer one and the table do not.
        budget = body["budget"]
        budget["amount"] = budget.pop("ammount", budget.get("amount"))
        stage.prepare = lambda simulator, caller, headers: set_budgets(
            caller, {customer: budget["amount"]}
        )


def stage_budget(stage: Stage) -> None:
    customer = customer_in_path(stage)
    stage.world["customers"] = [make_customer(1, id=customer)]
    if stage.request["method"] == "GET":
        stage.prepare = lambda simulator, caller, headers: set_budgets(caller, {customer: 100})
        return
    # The page shows ids in the answer that it left out of the request they echo.
    echoed = ("MS-RequestId", "MS-CorrelationId")
    sent = {name: stage.recording["response"]["headers"][name] for name in echoed}
    stage.prepare = lambda simulator, caller, headers: headers.update(sent)


def set_budgets(caller: Caller, budgets: dict[str, Any]) -> None:
    """Set the budget of every customer that is to have one."""
    for customer, amount in budgets.items():
        if amount is not None:
            answer = caller.send(
                "PATCH", f"/v1/customers/{customer}/usagebudget", body={"amount": amount}
            )
            assert answer.status == 200


def set_customer(
    stage: Stage, number: int, customer: str, subscription: str, *, plan: bool
) -> None:
    """Add a customer with a subscription that used something this month."""
    known = [one["id"] for one in stage.world["customers"]]
    if customer not in known:
        stage.world["customers"].append(make_customer(number, id=customer))
    uri = f"/customers/{customer}/subscriptions/{subscription}"
    stage.world["subscriptions"].append(
        {
            "id": subscription,
            "offerId": "DZH318Z0BPS6:0001:DZH318Z0BML6" if plan else "MS-AZR-0145P",
            "friendlyName": "Azure plan" if plan else "Microsoft Azure",
            "status": "active",
            "links": {"self": {"uri": uri, "method": "GET", "headers": []}},
        }
    )
    stage.world["usage"].append(
        {
            "customerId": customer,
            "subscriptionId": subscription,
            "usageStartTime": NOW,
            "usageEndTime": "2026-11-04T00:00:00+00:00",
            "resource": {"id": "r", "name": "n", "category": "c", "subcategory": "s"},
            "quantity": 1,
            "unit": "GB",
            "cost": 1.25,
            "usdCost": 1.4,
        }
    )


STAGES: dict[str, Callable[[Stage], None]] = {"usage": stage_usage}
DIFFERENCES: dict[str, dict[str, str]] = {}
