"""Every recorded exchange of these areas, asked of the simulator again: same status, same shape.

Each part in replay/ builds the world in which its recordings make sense, from the recordings' own
bodies. Where a recording contradicts itself or a fidelity rule, DIFFERENCES or a stage says so.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from _pytest.mark.structures import ParameterSet

from partnercenter.simulator import Simulator
from tests.partnercenter.simulator.calls import (
    Answer,
    Caller,
    ask_token,
    sign_in,
    user_caller,
)
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.replay import (
    access,
    billing_exports,
    commerce,
    countries,
    customers,
    directories,
    invoices,
    notices,
    programme,
    subscriptions,
    usage,
)
from tests.partnercenter.simulator.replay.stage import Stage, shape_of
from tests.partnercenter.simulator.sample_worlds import PARTNER, make_customer
from tests.shared_material import recordings

PARTS = (
    access,
    billing_exports,
    commerce,
    countries,
    customers,
    directories,
    invoices,
    notices,
    programme,
    subscriptions,
    usage,
)
STAGES: dict[str, Callable[[Stage], None]] = {
    area: stage for part in PARTS for area, stage in part.STAGES.items()
}
DIFFERENCES: dict[str, dict[str, str]] = {
    name: keys for part in PARTS for name, keys in part.DIFFERENCES.items()
}


def is_write(parameter: ParameterSet) -> bool:
    """Tell whether a recording creates or updates; the stand-in for absent ones passes."""
    return str(parameter.id).partition("/")[2][:6] in ("", "create", "update")


def replay(stage: Stage, simulator: Simulator) -> Answer:
    request = stage.request
    if stage.answer is not None:
        return stage.answer(simulator)
    if "oauth2" in request["path"]:
        return replay_token(stage, simulator)
    caller = user_caller(simulator, **stage.signed_in)
    own = ("authorization", "ms-continuationtoken", "host", "date")
    headers = {name: value for name, value in request["headers"].items() if name.lower() not in own}
    if stage.prepare is not None:
        stage.prepare(simulator, caller, headers)
    return caller.send(
        request["method"], stage.path or request["path"], headers=headers, body=request["body"]
    )


def replay_token(stage: Stage, simulator: Simulator) -> Answer:
    form = {name: values[0] for name, values in parse_qs(stage.request["body"]).items()}
    form["client_secret"] = str(PARTNER["clientSecret"])
    if "refresh_token" in form:
        form["refresh_token"] = sign_in(simulator)["refresh_token"]
        return ask_token(simulator, **form)
    return Caller(simulator).post(stage.request["path"], urlencode(form).encode())


def assert_same_shape(recorded: Any, answered: Any, name: str) -> None:
    if DIFFERENCES.get(name) == {"*": "+"}:
        # A list of names that has grown since: those recorded must still be in it.
        assert set(recorded) <= set(answered)
        return
    expected, found = shape_of(recorded), shape_of(answered)
    for key, sign in DIFFERENCES.get(name, {}).items():
        (found if sign == "+" else expected).pop(key)
    if isinstance(expected, dict) and "items" in expected:
        # A recorded page may hold another number of items than its own request asks for.
        pairs = list(zip(expected.pop("items"), found.pop("items"), strict=False))
        assert pairs or not recorded["items"]
        for wanted, item in pairs:
            assert item == wanted
    assert found == expected


@pytest.mark.parametrize("path", recordings(*STAGES))
def test_recorded_exchange_is_answered_alike(path: Path, make_simulator: MakeSimulator) -> None:
    recording = json.loads(path.read_text(encoding="utf-8"))
    stage = Stage(recording)
    STAGES[path.parent.name](stage)
    stage.world.setdefault("customers", [make_customer(1)])
    simulator = make_simulator(switches=stage.switches, **stage.world)
    answer = replay(stage, simulator)
    recorded = recording["response"]
    assert answer.status == recorded["status"], answer.body
    if recorded["body"] is None:
        assert answer.body == b""
    elif isinstance(recorded["body"], str):
        assert answer.headers["content-type"] == recorded["body"].strip("<>").split()[0]
        assert answer.body.startswith(b"%PDF-")
    else:
        assert_same_shape(recorded["body"], answer.json(), recording["name"])
    for header in ("WWW-Authenticate", "Retry-After", "MS-RequestId", "MS-CorrelationId"):
        sent = recording["request"]["headers"].get(header, recorded["headers"].get(header))
        if sent is not None:
            assert answer.headers[header.lower()] == sent


@pytest.mark.parametrize(
    "path", [one for one in recordings("customers", "profiles") if is_write(one)]
)
def test_values_a_recorded_write_determines_come_back(
    path: Path, make_simulator: MakeSimulator
) -> None:
    recording = json.loads(path.read_text(encoding="utf-8"))
    stage = Stage(recording)
    STAGES[path.parent.name](stage)
    stage.world.setdefault("customers", [make_customer(1)])
    answered = replay(stage, make_simulator(**stage.world)).json()
    ours = ("id", "commerceid", "tenantid", "attributes", "password", "relationshiptopartner")
    assert leaves(answered, leaving_out=ours) == leaves(
        recording["response"]["body"], leaving_out=ours
    )


def leaves(value: Any, *, leaving_out: tuple[str, ...], at: str = "") -> dict[str, str]:
    """Return every value by its place, in lower case, except those the service makes up."""
    if isinstance(value, dict):
        found: dict[str, str] = {}
        for key, inner in value.items():
            if key.lower() not in (*leaving_out, "links"):
                found |= leaves(inner, leaving_out=leaving_out, at=f"{at}/{key}")
        return found
    return {at: str(value).lower()}
