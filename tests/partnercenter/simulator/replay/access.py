"""Recordings of signing in, and of refusals that any route may give."""

from collections.abc import Callable
from datetime import timedelta

from partnercenter.simulator import Simulator
from tests.partnercenter.simulator.calls import user_caller
from tests.partnercenter.simulator.replay.stage import Stage, customer_in_path
from tests.partnercenter.simulator.sample_worlds import make_customer


def stage_auth(stage: Stage) -> None:
    name = stage.recording["name"]
    if name.startswith("api-mfa"):
        stage.signed_in = {"amr": "pwd"}
        return
    tenant = stage.request["path"].split("/")[1]
    stage.switches["bad_password_status"] = 401
    named = {"tenantId": tenant} if "." not in tenant else {"domain": tenant}
    stage.world["partner"] = {**named, "clientId": "00000000-0000-4000-8000-000000000011"}


def stage_errors(stage: Stage) -> None:
    name = stage.recording["name"]
    stage.switches["no_relationship_status"] = 400
    if name.startswith("throttled"):
        stage.switches["requests_per_minute"] = 2
        stage.world["customers"] = [make_customer(1, id=customer_in_path(stage))]
        stage.prepare = lambda simulator, caller, headers: spend_the_minute(simulator, stage)
    elif name.startswith("order-status-none"):
        stage.world["customers"] = [make_customer(1, id=customer_in_path(stage))]


def spend_the_minute(simulator: Simulator, stage: Stage) -> None:
    caller = user_caller(simulator)
    for _ in range(2):
        assert caller.get(stage.request["path"]).status == 200
    left = int(stage.recording["response"]["headers"]["Retry-After"])
    simulator.advance(timedelta(seconds=60 - left))


STAGES: dict[str, Callable[[Stage], None]] = {
    "auth": stage_auth,
    "errors": stage_errors,
}
DIFFERENCES = {
    # A redeemed refresh token is answered with the next one (rule 8); the page left it out.
    "token-refresh": {"refresh_token": "+"},
}
