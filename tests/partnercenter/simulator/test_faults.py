"""Scripted faults: every action, the choice of calls, and fidelity rule 79."""

import json
import uuid
from typing import Any

import pytest

from partnercenter.simulator import Simulator, SimulatorError
from partnercenter.simulator.fault_actions import ACTIONS
from partnercenter.simulator.faults import FaultScript, read_rule
from tests.partnercenter.simulator.calls import Answer, Caller, app_caller, ask_token
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.sample_worlds import customer_id
from tests.partnercenter.simulator.test_create_customer import create, order

LIST = "/v1/customers?size=2"
IDS = [customer_id(number) for number in range(1, 6)]


def script(caller: Caller, action: str, **rule: Any) -> None:
    caller.simulator.faults.add([{"path": "^/v1/customers", "action": action} | rule])


def ids_of(answer: Answer) -> list[str]:
    return [item["id"] for item in answer.json()["items"]]


def test_world_brings_its_own_faults(make_simulator: MakeSimulator) -> None:
    faults = [{"path": "^/v1/customers", "call": 2, "action": "status", "status": 503}]
    caller = app_caller(make_simulator(faults=faults))
    assert [caller.get(LIST).status for _ in range(3)] == [200, 503, 200]


@pytest.mark.parametrize(
    ("rule", "statuses"),
    [
        ({}, [500, 500, 500, 500]),
        ({"call": 3}, [200, 200, 500, 200]),
        ({"every": 2}, [200, 500, 200, 500]),
        ({"times": 2}, [500, 500, 200, 200]),
        ({"every": 2, "times": 1}, [200, 500, 200, 200]),
        ({"method": "post"}, [200, 200, 200, 200]),
        ({"path": "size=9"}, [200, 200, 200, 200]),
        ({"path": r"customers\?size=2$"}, [500, 500, 500, 500]),
    ],
)
def test_rule_chooses_its_calls(app: Caller, rule: dict[str, Any], statuses: list[int]) -> None:
    script(app, "status", **rule)
    assert [app.get(LIST).status for _ in statuses] == statuses


def test_status_comes_with_body_and_headers(app: Caller) -> None:
    script(app, "status", status=503, body={"code": 1}, headers={"Retry-After": "2"}, times=1)
    script(app, "status", status=418, body="no tea here")
    first, second = app.get(LIST), app.get(LIST)
    assert (first.status, first.json(), first.headers["retry-after"]) == (503, {"code": 1}, "2")
    assert (second.status, second.body) == (418, b"no tea here")


def test_throttle_tells_seconds_or_a_date(app: Caller) -> None:
    script(app, "throttle", seconds=7, times=1)
    script(app, "throttle", seconds=7, as_date=True)
    assert app.get(LIST).headers["retry-after"] == "7"
    dated = app.get(LIST)
    assert dated.headers["retry-after"].endswith("GMT")
    assert dated.json()["statusCode"] == 429


def test_html_page_of_a_gateway(app: Caller) -> None:
    script(app, "html", status=504)
    answer = app.get(LIST)
    assert (answer.status, answer.headers["content-type"]) == (504, "text/html")
    assert answer.body.startswith(b"<!DOCTYPE html>")


def test_delay_only_delays(app: Caller) -> None:
    script(app, "delay", seconds=0.001)
    assert ids_of(app.get(LIST)) == IDS[:2]


def test_drop_has_no_effect(simulator: Simulator, app: Caller) -> None:
    script(app, "drop", method="DELETE")
    with pytest.raises(ConnectionResetError):
        app.send("DELETE", f"/v1/customers/{IDS[0]}")
    assert simulator.ledger.find(kind="customer_deleted") == []


@pytest.mark.parametrize("action", ["drop_after", "fail_after"])
def test_rule_79_lost_answer_to_a_create_does_not_double_it(
    simulator: Simulator, app: Caller, action: str
) -> None:
    script(app, action, method="POST", times=1)
    request_id = str(uuid.uuid4())
    if action == "drop_after":
        with pytest.raises(ConnectionResetError):
            create(app, order(), request_id=request_id)
    else:
        assert create(app, order(), request_id=request_id).status == 502
    assert len(simulator.ledger.find(kind="customer_created")) == 1
    retried = create(app, order(), request_id=request_id)
    assert retried.status == 201
    created = simulator.ledger.find(kind="customer_created")
    assert [effect.subject for effect in created] == [retried.json()["id"]]


def test_torn_page_looks_complete_but_is_no_json(app: Caller) -> None:
    script(app, "torn", fraction=0.5)
    answer = app.get(LIST)
    assert int(answer.headers["content-length"]) == len(answer.body)
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_cut_body_ends_before_its_announced_length(app: Caller) -> None:
    script(app, "cut")
    with pytest.raises(ConnectionResetError):
        app.get(LIST)


def test_bom_can_be_scripted(app: Caller) -> None:
    script(app, "bom", times=1)
    assert app.get(LIST).body[:3] == b"\xef\xbb\xbf"
    assert app.get(LIST).body[:1] == b"{"


def test_repeated_page(app: Caller) -> None:
    script(app, "repeat_page", call=2)
    first = app.get(LIST)
    second = app.follow(first.json()["links"]["next"])
    assert second.body == first.body
    assert ids_of(app.follow(second.json()["links"]["next"])) == IDS[2:4]


def test_duplicate_item(app: Caller) -> None:
    script(app, "duplicate_item")
    assert ids_of(app.get(LIST)) == [IDS[0], IDS[1], IDS[0]]


def test_empty_page_in_the_middle_loses_nothing(app: Caller) -> None:
    script(app, "empty_page", call=2)
    pages = [app.get(LIST)]
    while "next" in pages[-1].json()["links"]:
        pages.append(app.follow(pages[-1].json()["links"]["next"]))
    assert [len(ids_of(page)) for page in pages] == [2, 0, 2, 1]
    assert [one for page in pages for one in ids_of(page)] == IDS


def test_empty_first_page_loses_nothing(app: Caller) -> None:
    script(app, "empty_page", call=1)
    assert [item["id"] for item in app.all_items(LIST)] == IDS


def test_wrong_token_is_refused_when_followed(app: Caller) -> None:
    script(app, "wrong_token", call=1)
    assert app.follow(app.get(LIST).json()["links"]["next"]).status == 400


def test_endless_list_begins_anew_after_its_last_page(app: Caller) -> None:
    script(app, "endless")
    answer = app.get(LIST)
    seen = ids_of(answer)
    for _ in range(5):
        answer = app.follow(answer.json()["links"]["next"])
        seen += ids_of(answer)
    assert seen == IDS + IDS


def test_faults_reach_the_token_endpoint_too(simulator: Simulator) -> None:
    simulator.faults.add([{"path": "/oauth2/", "action": "html"}])
    assert ask_token(simulator, grant_type="client_credentials").status == 502


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        ({"action": "explode"}, "explode"),
        ({}, "None"),
        ({"action": "drop", "seconds": 1}, "seconds"),
        ({"action": "status", "status": "503"}, "status"),
        ({"action": "drop", "call": True}, "call"),
        ({"action": "drop", "call": -1}, "call"),
        ({"action": "drop", "path": "("}, "path"),
        ({"action": "status", "status": 1000}, "status"),
    ],
)
def test_wrong_rule_is_refused_with_its_place(rule: dict[str, Any], named: str) -> None:
    with pytest.raises(SimulatorError, match=f"faults.json, rule 2.*{named}"):
        FaultScript([{"action": "drop"}, rule], origin="faults.json")


def test_every_action_can_be_written_with_its_arguments() -> None:
    samples: dict[type, object] = {
        int: 503,
        float: 0.5,
        bool: True,
        dict: {},
        object: "text",
    }
    for name, action in ACTIONS.items():
        arguments = {key: samples[wanted] for key, wanted in action.arguments.items()}
        assert read_rule({"action": name} | arguments, where="here").arguments == arguments
