"""Recordings of webhooks, the audit trail, support, sign-in reports, and what Graph took over."""

import copy
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from partnercenter.simulator import Simulator
from tests.partnercenter.simulator.calls import GRAPH, Answer, Caller, Clock, user_caller
from tests.partnercenter.simulator.replay.stage import Stage, customer_in_path, shape_of
from tests.partnercenter.simulator.sample_worlds import make_customer

INBOUND = "/webhooks/callback"
RECEIVER = "https://callback.example.com/webhooks/callback"


def send_shown_ids(stage: Stage) -> None:
    """Send the ids that a page shows in the answer alone: an answer echoes those of its call."""
    for name in ("MS-RequestId", "MS-CorrelationId"):
        shown = stage.recording["response"]["headers"].get(name)
        if shown:
            stage.request["headers"].setdefault(name, shown)


def stage_webhooks(stage: Stage) -> None:
    send_shown_ids(stage)
    if stage.request["path"] == INBOUND:
        stage.answer = lambda simulator: replay_event(stage, simulator)
    elif stage.request["method"] != "POST" or "validation" in stage.request["path"]:
        stage.prepare = lambda simulator, caller, headers: register(
            simulator, "subscription-updated", "test-created"
        )


def register(simulator: Simulator, *events: str) -> None:
    body = {"WebhookUrl": RECEIVER, "WebhookEvents": list(events)}
    answer = user_caller(simulator).post("/webhooks/v1/registration", body)
    assert answer.status == 200, answer.body


def replay_event(stage: Stage, simulator: Simulator) -> Answer:
    """Have the simulator send the recorded event and compare what arrives with what did then."""
    recorded = stage.request["body"]
    name = recorded["EventName"]
    register(simulator, name)
    arrived: list[tuple[dict[str, Any], Mapping[str, str]]] = []

    def receive(url: str, body: bytes, headers: Mapping[str, str]) -> int:
        assert url == RECEIVER
        arrived.append((json.loads(body), headers))
        return 200

    simulator.courier.post = receive
    ids = ids_in(recorded.get("ResourceUri") or "")
    if name == "reseller-relationship-accepted-by-customer":
        body = {"id": ids["customer"], "companyName": "Relecloud"}
        assert Caller(simulator).post("/_simulator/customers", body).status == 201
    elif name == "subscription-updated":
        identity = ids["subscription"]
        simulator.ledger.record(
            "subscription_changed",
            identity,
            customer=ids["customer"],
            subscription={"id": identity},
        )
    else:
        fired = Caller(simulator).post("/_simulator/events", {"event": name} | ids)
        assert fired.json() == {"event": name, "wanted": True}
    assert simulator.courier.deliver_due() == 1
    ((sent, headers),) = arrived
    assert shape_of(sent) == shape_of(recorded)
    for key in ("EventName", "ResourceName", "ResourceUri"):
        assert sent.get(key) == recorded.get(key)
    own = {key.lower() for key in headers}
    assert {key.lower() for key in stage.request["headers"]} - {"host"} == own
    return Answer(status=200, reason="OK", headers={}, body=b"")


def ids_in(uri: str) -> dict[str, str]:
    return {
        name: match.group(1)
        for name, pattern in {
            "customer": r"/customers/([0-9a-f-]{36})",
            "subscription": r"(?:/subscriptions/|SubscriptionId=)([0-9a-f-]{36})",
            "relationship": r"/granularAdminRelationships/([0-9a-f-]{73})",
            "assignment": r"/accessAssignments/([0-9a-f-]{36})",
            "referral": r"/referrals/([0-9a-f-]{36})",
        }.items()
        if (match := re.search(pattern, uri))
    }


def stage_audit(stage: Stage) -> None:
    """Set the recorded days to the latest ones: older than 90 days is refused (rule 76)."""
    records = copy.deepcopy(stage.body["items"])
    began = min(datetime.fromisoformat(record["operationDate"][:19]) for record in records)
    yesterday = Clock().now.replace(tzinfo=None) - timedelta(days=10)
    for record in records:
        moved = datetime.fromisoformat(record["operationDate"][:19]) - began + yesterday
        record["operationDate"] = f"{moved:%Y-%m-%dT%H:%M:%S}.0000001Z"
    stage.world["audit_records"] = records
    path = stage.request["path"]
    first = f"{yesterday:%-m/%-d/%Y} 12:00:00 AM" if "%20" in path else f"{yesterday:%Y-%m-%d}"
    last = f"{yesterday + timedelta(days=40):%Y-%m-%d}"
    path = re.sub(r"startDate=[^&]+", "startDate=" + first.replace(" ", "%20"), path)
    stage.path = re.sub(r"endDate=[^&]+", f"endDate={last}", path)


def stage_support(stage: Stage) -> None:
    customer = customer_in_path(stage)
    stage.world["customers"] = [make_customer(1, id=customer)]
    stage.world["service_requests"] = [
        row | {"customerId": customer} for row in copy.deepcopy(stage.body["items"])
    ]


def stage_sign_in(stage: Stage) -> None:
    send_shown_ids(stage)

    def prepare(simulator: Simulator, caller: Caller, headers: dict[str, str]) -> None:
        assert user_caller(simulator, amr="pwd").get("/v1/customers").status == 401
        assert caller.get("/v1/customers").status == 200

    stage.prepare = prepare


def stage_gdap(stage: Stage) -> None:
    stage.signed_in["resource"] = GRAPH
    stage.world["delegated_relationships"] = stage.body["value"]


def stage_health(stage: Stage) -> None:
    stage.signed_in["resource"] = GRAPH
    stage.world["service_health"] = stage.body["value"]


STAGES: dict[str, Callable[[Stage], None]] = {
    "webhooks": stage_webhooks,
    "audit": stage_audit,
    "support": stage_support,
    "security-mfa": stage_sign_in,
    "gdap": stage_gdap,
    "service-health": stage_health,
}
DIFFERENCES: dict[str, dict[str, str]] = {
    # The page lists three events; the contract knows 25. Those three must be among them.
    "partner-center-webhooks-1": {"*": "+"},
}
