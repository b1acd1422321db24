"""Who the simulator lets in: fidelity rules 1 to 6."""

import re

import pytest

from partnercenter.simulator import Simulator
from partnercenter.simulator.access import check_access
from partnercenter.simulator.errors import Problem
from partnercenter.simulator.identity import Caller as Identity
from partnercenter.simulator.routes import ROUTES
from partnercenter.simulator.routing import Access, Route
from partnercenter.simulator.switches import Switches
from partnercenter.simulator.wire import Response
from tests.partnercenter.simulator.calls import (
    COMMERCE,
    GRAPH,
    RETIRED,
    Caller,
    Clock,
    app_caller,
    user_caller,
)
from tests.partnercenter.simulator.sample_worlds import customer_id

USER_ROUTES = [
    (route.method, route.path)
    for route in ROUTES
    if route.access is Access.USER and route.versioned
]


def test_rule_01_request_without_token_gets_401_with_challenge_and_no_data(
    simulator: Simulator,
) -> None:
    answer = Caller(simulator).get("/v1/customers")
    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert "items" not in answer.json()


@pytest.mark.parametrize("header", ["Bearer", "Bearer nonsense", "Basic YTpi", "Bearer a.b.c"])
def test_request_with_unusable_token_gets_401(simulator: Simulator, header: str) -> None:
    answer = Caller(simulator, {"Authorization": header}).get("/v1/customers")
    assert (answer.status, "www-authenticate" in answer.headers) == (401, True)


def test_token_of_another_simulator_is_refused(simulator: Simulator, app: Caller) -> None:
    other = Simulator(simulator.site.world)
    assert Caller(other, app.headers).get("/v1/customers").status == 401


def test_expired_token_gets_401(app: Caller, clock: Clock) -> None:
    clock.advance(seconds=3599)
    assert app.get("/v1/customers").status == 200
    clock.advance(seconds=1)
    assert app.get("/v1/customers").status == 401


def test_refresh_token_is_no_access_token(simulator: Simulator) -> None:
    token = simulator.site.signer.sign({"typ": "refresh", "tid": "t", "exp": 99999999999})
    answer = Caller(simulator, {"Authorization": f"Bearer {token}"}).get("/v1/customers")
    assert answer.status == 401


def test_rule_02_graph_token_is_refused_by_commerce_and_commerce_token_by_graph(
    simulator: Simulator,
) -> None:
    assert app_caller(simulator, resource=GRAPH).get("/v1/customers").status == 401
    graph_route = Route("GET", "/organization", lambda call: Response(), graph=True)
    commerce = Identity(tenant_id="t", client_id="c", audience=COMMERCE, user=None, methods=())
    with pytest.raises(Problem) as refused:
        check_access(commerce, graph_route, Switches())
    assert refused.value.status == 401


def test_rule_03_token_for_the_retired_directory_gets_900420(simulator: Simulator) -> None:
    answer = app_caller(simulator, resource=RETIRED).get("/v1/customers")
    assert (answer.status, answer.code) == (401, 900420)


def test_rule_04_user_without_second_factor_gets_the_empty_401(simulator: Simulator) -> None:
    answer = user_caller(simulator, amr="pwd").get("/v1/customers")
    assert (answer.status, answer.reason) == (401, "Unauthorized - MFA required")
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert answer.body == b""
    assert app_caller(simulator).get("/v1/customers").status == 200
    assert user_caller(simulator).get("/v1/customers").status == 200


def test_second_factor_is_not_needed_when_the_switch_is_off(simulator: Simulator) -> None:
    simulator.site.switches = simulator.site.switches.changed({"mfa_enforced": False})
    assert user_caller(simulator, amr="pwd").get("/v1/customers").status == 200


def test_rule_05_validate_mfa_adds_its_header(simulator: Simulator) -> None:
    simulator.site.switches = simulator.site.switches.changed({"mfa_enforced": False})
    ask = {"ValidateMfa": "true"}
    strong = user_caller(simulator).get("/v1/customers", headers=ask)
    weak = user_caller(simulator, amr="pwd").get("/v1/customers", headers=ask)
    silent = user_caller(simulator).get("/v1/customers")
    assert strong.headers["ismfacompliant"] == "true"
    assert weak.headers["ismfacompliant"] == "false"
    assert "ismfacompliant" not in silent.headers


@pytest.mark.parametrize(("method", "path"), USER_ROUTES)
def test_rule_06_app_alone_gets_900329_on_routes_that_need_a_user(
    app: Caller, method: str, path: str
) -> None:
    target = re.sub(r"\{\w+\}", customer_id(1), path)
    answer = app.send(method, f"/v1{target}", body={})
    assert (answer.status, answer.code) == (403, 900329)


def test_rule_06_names_the_routes_microsoft_names() -> None:
    expected = {
        ("GET", "/customers/{customer}/profiles/company"),
        ("PATCH", "/customers/{customer}"),
        ("GET", "/profiles/legalbusiness"),
        ("GET", "/profiles/mpn"),
        ("GET", "/invoices/{invoice}"),
        ("GET", "/invoices/{invoice}/documents/statement"),
        ("GET", "/invoices/summaries"),
        ("GET", "/agreements"),
        ("GET", "/agreementtemplates/{template}/document"),
        ("POST", "/customers/{customer}/agreements"),
        ("GET", "/customers/{customer}/agreements"),
        ("GET", "/customers/{customer}/directSignedMicrosoftCustomerAgreementStatus"),
        ("GET", "/relationships"),
        ("GET", "/customers/relationshiprequests"),
        ("POST", "/customers/{customer}/qualifications"),
        ("GET", "/customers/all/validations"),
        ("GET", "/customers/{customer}/orders/{order}/provisioningstatus"),
        ("GET", "/customers/{customer}/subscriptions/{subscription}/provisioningstatus"),
    }
    assert expected <= set(USER_ROUTES)


@pytest.mark.parametrize("version", ["v1", "v1.0", "V1"])
def test_every_spelling_of_the_version_reaches_the_route(app: Caller, version: str) -> None:
    assert app.get(f"/{version}/Customers").status == 200


def test_unknown_path_and_unknown_method_are_told_apart(app: Caller) -> None:
    assert app.get("/v1/nothing").status == 404
    answer = app.send("PUT", "/v1/customers")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, POST")
