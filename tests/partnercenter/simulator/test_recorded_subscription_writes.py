"""What a recorded change of a subscription determines comes back with its value, not only shape."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.replay.stage import Stage
from tests.partnercenter.simulator.replay.subscriptions import STAGES
from tests.partnercenter.simulator.test_recordings_replayed import replay
from tests.shared_material import recordings

DETERMINED = {
    "PATCH": (
        "friendlyName",
        "quantity",
        "status",
        "autoRenewEnabled",
        "billingCycle",
        "termDuration",
        "scheduledNextTermInstructions",
    ),
    "PUT": (
        "supportTenantId",
        "supportMpnId",
        "name",
        "azureEntitlementId",
        "overageEnabled",
        "targetDate",
    ),
    "POST": (
        "targetOfferId",
        "toCatalogItemId",
        "toSubscriptionId",
        "transitionType",
        "termDuration",
        "billingCycle",
    ),
}


def folded(body: dict[str, Any]) -> dict[str, Any]:
    return {key.lower(): value for key, value in body.items()}


@pytest.mark.parametrize("path", recordings(*STAGES))
def test_values_a_recorded_change_determines_come_back(
    path: Path, make_simulator: MakeSimulator
) -> None:
    recording = json.loads(path.read_text(encoding="utf-8"))
    stage = Stage(recording)
    STAGES[path.parent.name](stage)
    simulator = make_simulator(switches=stage.switches, **stage.world)
    answer = replay(stage, simulator)
    sent, recorded = recording["request"]["body"], recording["response"]["body"]
    if not isinstance(sent, dict) or not isinstance(recorded, dict) or answer.status >= 300:
        # A read, an empty answer or a refusal: its status and shape are compared elsewhere.
        assert answer.status == recording["response"]["status"]
        return
    asked, answered, known = folded(sent), folded(answer.json()), folded(recorded)
    names = [name.lower() for name in DETERMINED[stage.request["method"]]]
    compared = [name for name in names if name in asked and name in known]
    assert {name: answered[name] for name in compared} == {name: asked[name] for name in compared}
