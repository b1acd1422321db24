"""The request limit: fidelity rule 73."""

from partnercenter.simulator import Simulator
from partnercenter.simulator.throttle import Throttle
from tests.partnercenter.simulator.calls import Caller, Clock, app_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.sample_worlds import customer_id

TARGET = f"/v1/customers/{customer_id(1)}"


def test_rule_73_the_501st_request_in_a_minute_is_refused(
    make_simulator: MakeSimulator, clock: Clock
) -> None:
    caller = app_caller(make_simulator(switches={"requests_per_minute": 500}))
    statuses = [caller.get(TARGET).status for _ in range(500)]
    assert set(statuses) == {200}
    clock.advance(seconds=3)
    refused = caller.get(TARGET)
    assert refused.status == 429
    assert refused.headers["retry-after"] == "57"
    assert refused.json() == {
        "statusCode": 429,
        "message": "Rate limit is exceeded. Try again in 57 seconds.",
    }
    assert caller.get("/v1/invoices").status == 200


def test_rule_73_refused_calls_count_and_waiting_as_told_helps(
    make_simulator: MakeSimulator, clock: Clock
) -> None:
    caller = app_caller(make_simulator(switches={"requests_per_minute": 3}))
    for _ in range(3):
        assert caller.get(TARGET).status == 200
        clock.advance(seconds=10)
    first = caller.get(TARGET)
    assert first.status == 429
    clock.advance(seconds=int(first.headers["retry-after"]) - 1)
    second = caller.get(TARGET)
    assert second.status == 429
    clock.advance(seconds=int(second.headers["retry-after"]))
    assert caller.get(TARGET).status == 200


def test_rule_73_another_tenant_is_not_affected(clock: Clock) -> None:
    throttle = Throttle()
    for _ in range(2):
        throttle.refuse(TARGET, tenant_id="one", limit=1, now=clock())
    assert throttle.refuse(TARGET, tenant_id="one", limit=1, now=clock()) is not None
    assert throttle.refuse(TARGET, tenant_id="two", limit=1, now=clock()) is None


def test_refused_create_has_no_effect(make_simulator: MakeSimulator) -> None:
    simulator: Simulator = make_simulator(switches={"requests_per_minute": 1})
    caller: Caller = app_caller(simulator)
    caller.get(TARGET)
    assert caller.send("DELETE", TARGET).status == 429
    assert simulator.ledger.find(kind="customer_deleted") == []
