"""The ledger, the control routes over it, and what survives a restart."""

import json
from pathlib import Path

import pytest

from partnercenter.simulator import Simulator, SimulatorError
from tests.partnercenter.simulator.calls import (
    Caller,
    Clock,
    app_caller,
    ask_token,
    sign_in,
    user_caller,
)
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.sample_catalogue import catalogue, check_out, line, new_cart
from tests.partnercenter.simulator.sample_worlds import customer_id, make_customer, write_world
from tests.partnercenter.simulator.test_create_customer import create, order


def test_effects_name_request_time_and_subject(
    simulator: Simulator, app: Caller, clock: Clock
) -> None:
    clock.advance(minutes=5)
    answer = create(app, order(), request_id="0b6f039c-e4b5-4b9e-bdac-b39077bb60da")
    (effect,) = simulator.ledger.find(kind="customer_created")
    assert effect.subject == answer.json()["id"]
    assert effect.time == clock().isoformat()
    assert effect.request_id == "0b6f039c-e4b5-4b9e-bdac-b39077bb60da"
    assert effect.correlation_id == answer.headers["ms-correlationid"]


def test_effects_are_found_by_every_property(simulator: Simulator, app: Caller) -> None:
    create(app, order(), request_id="aaaa")
    app.send("DELETE", f"/v1/customers/{customer_id(1)}")
    ledger = simulator.ledger
    assert [effect.kind for effect in ledger.find(subject=customer_id(1).upper())] == [
        "customer_deleted"
    ]
    assert {effect.kind for effect in ledger.find(request_id="AAAA")} == {
        "customer_created",
        "answer_remembered",
    }
    assert [effect.kind for effect in ledger.find(after=ledger.sequence - 1)] == [
        "customer_deleted"
    ]


def test_tokens_are_in_the_ledger(simulator: Simulator) -> None:
    sign_in(simulator)
    kinds = [effect.kind for effect in simulator.ledger.find()]
    assert kinds == ["consent_given", "token_issued"]


def test_reading_has_no_effect(simulator: Simulator, app: Caller) -> None:
    before = simulator.ledger.sequence
    app.get("/v1/customers")
    app.get(f"/v1/customers/{customer_id(1)}")
    app.send("HEAD", "/v1/domains/sample1.onmicrosoft.com")
    assert simulator.ledger.sequence == before


def test_ledger_can_be_read_over_the_control_route(app: Caller) -> None:
    app.send("DELETE", f"/v1/customers/{customer_id(1)}")
    body = app.get("/_simulator/ledger?kind=customer_deleted").json()
    assert body["count"] == 1
    assert body["items"][0]["subject"] == customer_id(1)


def test_faults_and_switches_are_set_over_control_routes(app: Caller) -> None:
    rule = {"path": "^/v1/customers", "action": "html"}
    assert app.post("/_simulator/faults", rule).status == 200
    assert app.get("/v1/customers").status == 502
    report = app.get("/_simulator/faults").json()["items"]
    assert report == [rule | {"met": 1, "fired": 1}]
    app.send("DELETE", "/_simulator/faults")
    assert app.get("/v1/customers").status == 200
    assert app.post("/_simulator/switches", {"bom": True}).json()["bom"] is True
    assert app.get("/v1/customers").body[:3] == b"\xef\xbb\xbf"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("faults", {"action": "explode"}),
        ("faults", ["x"]),
        ("switches", {"nothing": 1}),
        ("switches", [1]),
        ("revoke", {"code": "x"}),
    ],
)
def test_wrong_control_input_is_refused_with_what_is_wrong(
    app: Caller, path: str, body: object
) -> None:
    answer = app.post(f"/_simulator/{path}", body)
    assert answer.status == 400
    assert answer.json()["description"]


def test_control_routes_answer_this_machine_only(app: Caller) -> None:
    for peer in ("10.0.0.7", "::ffff:10.0.0.7", "nowhere"):
        assert app.get("/_simulator/ledger", peer=peer).status == 403
    assert app.get("/_simulator/ledger", peer="::1").status == 200
    assert app.get("/_simulator/nothing").status == 404


def test_revocation_over_the_control_route_ends_refresh_tokens(simulator: Simulator) -> None:
    token = sign_in(simulator)["refresh_token"]
    assert Caller(simulator).post("/_simulator/revoke", {"code": 65001}).status == 204
    answer = ask_token(simulator, grant_type="refresh_token", refresh_token=token)
    assert answer.json()["error_codes"] == [65001]


def test_reset_returns_to_the_world_and_keeps_tokens(make_simulator: MakeSimulator) -> None:
    simulator = make_simulator(faults=[{"path": "/v1/invoices", "action": "html"}])
    caller = user_caller(simulator)
    refresh = sign_in(simulator)["refresh_token"]
    customers = caller.get("/v1/customers").body
    create(caller, order(), request_id="aaaa")
    caller.send("DELETE", f"/v1/customers/{customer_id(1)}")
    caller.send("PUT", "/v1/profiles/support", body={"telephone": "1"})
    simulator.faults.replace([])
    simulator.revoke_refresh_tokens()
    assert caller.post("/_simulator/reset").status == 204
    assert simulator.ledger.find() == []
    assert caller.get("/v1/customers").body == customers
    assert caller.send("HEAD", "/v1/domains/newharbour.onmicrosoft.com").status == 404
    assert caller.get("/v1/profiles/support").json()["telephone"] != "1"
    assert caller.get("/v1/invoices").status == 502
    assert ask_token(simulator, grant_type="refresh_token", refresh_token=refresh).status == 200
    assert create(caller, order(), request_id="aaaa").status == 201
    assert len(simulator.ledger.find(kind="customer_created")) == 1


def test_restart_keeps_effects_tokens_and_answers(
    simulator: Simulator, clock: Clock, tmp_path: Path
) -> None:
    world = simulator.site.world
    first = Simulator(world, clock=clock, state_folder=tmp_path / "state")
    tokens = sign_in(first)
    caller = Caller(first, {"Authorization": f"Bearer {tokens['access_token']}"})
    created = create(caller, order(), request_id="aaaa")
    caller.send("DELETE", f"/v1/customers/{customer_id(1)}")
    page = caller.get("/v1/customers?size=2").json()

    second = Simulator(world, clock=clock, state_folder=tmp_path / "state")
    again = Caller(second, caller.headers)
    assert second.ledger.find() == first.ledger.find()
    assert again.get("/v1/customers?size=2").json() == page
    assert again.follow(page["links"]["next"]).status == 200
    assert create(again, order(), request_id="aaaa").json() == created.json()
    assert again.get(f"/v1/customers/{customer_id(1)}").status == 404
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert ask_token(second, **form).status == 200


def test_line_torn_by_a_kill_is_dropped(simulator: Simulator, clock: Clock, tmp_path: Path) -> None:
    world, state = simulator.site.world, tmp_path / "state"
    app = app_caller(Simulator(world, clock=clock, state_folder=state))
    app.send("DELETE", f"/v1/customers/{customer_id(1)}")
    whole = app.simulator.ledger.find()
    with (state / "ledger.jsonl").open("a") as file:
        file.write('{"sequence": 9, "ti')
    again = Simulator(world, clock=clock, state_folder=state)
    assert again.ledger.find() == whole
    app_caller(again).send("DELETE", f"/v1/customers/{customer_id(2)}")
    third = Simulator(world, clock=clock, state_folder=state)
    assert len(third.ledger.find(kind="customer_deleted")) == 2


def test_unreadable_state_stops_the_start_with_its_place(
    simulator: Simulator, tmp_path: Path
) -> None:
    world, state = simulator.site.world, tmp_path / "state"
    Simulator(world, state_folder=state)
    (state / "ledger.jsonl").write_text("{}\n")
    with pytest.raises(SimulatorError, match="line 1"):
        Simulator(world, state_folder=state)
    (state / "ledger.jsonl").unlink()
    (state / "simulator.json").write_text("{}")
    with pytest.raises(SimulatorError, match=r"simulator\.json"):
        Simulator(world, state_folder=state)


def test_state_of_another_world_is_refused(make_simulator: MakeSimulator, tmp_path: Path) -> None:
    state = tmp_path / "state"
    Simulator(make_simulator().site.world, state_folder=state)
    other = make_simulator(partner={"tenantId": "00000000-0000-4000-8000-0000000000ff"})
    with pytest.raises(SimulatorError, match="belongs to the world"):
        Simulator(other.site.world, state_folder=state)


def test_state_that_is_no_folder_is_refused(simulator: Simulator, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SimulatorError, match="State folder"):
        Simulator(simulator.site.world, state_folder=tmp_path / "file" / "state")


def test_effects_name_who_asked_for_them_and_older_files_without_are_read(
    tmp_path: Path, clock: Clock
) -> None:
    world = write_world(tmp_path / "world", customers=[make_customer(1)])
    state = tmp_path / "state"
    first = Simulator(world, clock=clock, state_folder=state)
    app_caller(first).send("DELETE", f"/v1/customers/{customer_id(1)}")
    (effect,) = first.ledger.find(kind="customer_deleted")
    assert (effect.actor_user, effect.actor_application) == ("", world.partner.client_id)
    lines = [json.loads(entry) for entry in (state / "ledger.jsonl").read_text().splitlines()]
    for entry in lines:
        del entry["actor_user"], entry["actor_application"]
    (state / "ledger.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in lines))
    second = Simulator(world, clock=clock, state_folder=state)
    (record,) = app_caller(second).get("/v1/auditrecords").json()["items"]
    assert record["operationType"] == "delete_customer"
    assert "applicationId" not in record


def test_a_checkout_torn_by_a_kill_is_whole_or_was_never_there(tmp_path: Path) -> None:
    world = write_world(tmp_path / "world", customers=[make_customer(1)], catalog=catalogue())
    first = Simulator(world, state_folder=tmp_path / "state")
    caller = app_caller(first)
    cart = new_cart(caller, line(), line())
    path = tmp_path / "state" / "ledger.jsonl"
    before = path.read_bytes()
    assert check_out(caller, cart).status == 201
    after = path.read_bytes()
    added = after[len(before) :]
    assert added.count(b"\n") == 1
    kinds = ("order_created", "subscription_created", "charged", "cart_ordered")
    for kept in (0, 1, len(added) // 2, len(added) - 1, len(added)):
        path.write_bytes(before + added[:kept])
        again = Simulator(world, state_folder=tmp_path / "state")
        found = [len(again.ledger.find(kind=kind)) for kind in kinds]
        assert found == ([1, 2, 2, 1] if kept == len(added) else [0, 0, 0, 0])
        assert check_out(app_caller(again), cart).status == 201
        assert [len(again.ledger.find(kind=kind)) for kind in kinds] == [1, 2, 2, 1]
