"""The token endpoints: fidelity rules 7 and 8, and every refusal."""

import base64
import hashlib
import json
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from partnercenter.simulator import Simulator
from tests.partnercenter.simulator.calls import (
    COMMERCE,
    GRAPH,
    HOME,
    Answer,
    Caller,
    Clock,
    ask_token,
    authorization_code,
    sign_in,
)


def refusal_of(answer: Answer) -> tuple[int, str, int]:
    body = answer.json()
    assert body["error_description"].startswith("AADSTS")
    return answer.status, body["error"], body["error_codes"][-1]


def test_rule_07_v1_counts_in_text_and_v2_in_numbers(simulator: Simulator) -> None:
    first = ask_token(simulator, version=1, grant_type="client_credentials").json()
    second = ask_token(simulator, version=2, grant_type="client_credentials").json()
    numbers = ("expires_in", "ext_expires_in", "expires_on", "not_before")
    assert all(isinstance(first[name], str) for name in numbers)
    assert [type(second[name]) for name in ("expires_in", "ext_expires_in")] == [int, int]
    for body in (first, second):
        caller = Caller(simulator, {"Authorization": f"Bearer {body['access_token']}"})
        assert caller.get("/v1/customers").status == 200
        assert "refresh_token" not in body


def test_rule_08_redeeming_returns_another_refresh_token(simulator: Simulator) -> None:
    first = sign_in(simulator)["refresh_token"]
    answer = ask_token(simulator, grant_type="refresh_token", refresh_token=first)
    assert answer.status == 200
    assert answer.json()["refresh_token"] != first


def test_rule_08_refresh_token_unused_for_over_90_days_is_refused(
    simulator: Simulator, clock: Clock
) -> None:
    token = sign_in(simulator)["refresh_token"]
    clock.advance(days=90)
    assert ask_token(simulator, grant_type="refresh_token", refresh_token=token).status == 200
    clock.advance(days=90)
    assert ask_token(simulator, grant_type="refresh_token", refresh_token=token).status == 200
    clock.advance(days=90, seconds=1)
    answer = ask_token(simulator, grant_type="refresh_token", refresh_token=token)
    assert refusal_of(answer) == (400, "invalid_grant", 700082)


def test_rule_08_revoked_refresh_token_is_refused_and_a_later_one_is_good(
    simulator: Simulator,
) -> None:
    token = sign_in(simulator)["refresh_token"]
    simulator.revoke_refresh_tokens()
    answer = ask_token(simulator, grant_type="refresh_token", refresh_token=token)
    assert refusal_of(answer) == (400, "invalid_grant", 50173)
    later = sign_in(simulator)["refresh_token"]
    assert ask_token(simulator, grant_type="refresh_token", refresh_token=later).status == 200


def test_one_refresh_token_serves_several_audiences(simulator: Simulator) -> None:
    token = sign_in(simulator, resource=COMMERCE)["refresh_token"]
    graph = ask_token(simulator, grant_type="refresh_token", refresh_token=token, resource=GRAPH)
    assert graph.json()["resource"] == GRAPH
    kept = ask_token(simulator, grant_type="refresh_token", refresh_token=token, resource="")
    assert kept.json()["resource"] == COMMERCE


def test_domain_of_the_partner_is_a_tenant_name_too(simulator: Simulator) -> None:
    domain = simulator.site.world.partner.domain
    assert ask_token(simulator, tenant=domain, grant_type="client_credentials").status == 200


@pytest.mark.parametrize(
    ("tenant", "form", "refused"),
    [
        ("nowhere.example", {}, (400, "invalid_request", 90002)),
        ("common", {}, (400, "invalid_request", 90002)),
        ("", {"client_id": "other"}, (400, "unauthorized_client", 700016)),
        ("", {"client_id": ""}, (400, "invalid_request", 900144)),
        ("", {"client_secret": "wrong"}, (401, "invalid_client", 7000215)),
        ("", {"resource": "https://elsewhere.example"}, (400, "invalid_resource", 500011)),
        ("", {"resource": ""}, (400, "invalid_request", 900144)),
        ("", {"grant_type": "device_code"}, (400, "unsupported_grant_type", 70003)),
        ("", {"grant_type": "password", "username": "a"}, (400, "invalid_grant", 50126)),
        ("", {"grant_type": "refresh_token", "refresh_token": "x"}, (400, "invalid_grant", 70000)),
        ("", {"grant_type": "authorization_code", "code": "x"}, (400, "invalid_grant", 70000)),
    ],
)
def test_wrong_token_request_is_refused_with_its_code(
    simulator: Simulator, tenant: str, form: dict[str, str], refused: tuple[int, str, int]
) -> None:
    asked: dict[str, Any] = {"grant_type": "client_credentials"} | form
    assert refusal_of(ask_token(simulator, tenant=tenant, **asked)) == refused


def test_access_token_is_no_refresh_token(simulator: Simulator) -> None:
    token = sign_in(simulator)["access_token"]
    answer = ask_token(simulator, grant_type="refresh_token", refresh_token=token)
    assert refusal_of(answer)[2] == 70000


def test_request_without_secret_is_refused(simulator: Simulator) -> None:
    partner = simulator.site.world.partner
    form = {"client_id": partner.client_id, "grant_type": "client_credentials"}
    answer = Caller(simulator).post(f"/{partner.tenant_id}/oauth2/token", urlencode(form).encode())
    assert refusal_of(answer) == (401, "invalid_client", 7000218)


def test_authorization_code_is_good_once_and_for_ten_minutes(
    simulator: Simulator, clock: Clock
) -> None:
    def redeem(code: str) -> Answer:
        return ask_token(simulator, grant_type="authorization_code", code=code, redirect_uri=HOME)

    code = authorization_code(simulator)
    assert redeem(code).status == 200
    assert refusal_of(redeem(code))[2] == 54005
    late = authorization_code(simulator)
    clock.advance(minutes=10, seconds=1)
    assert refusal_of(redeem(late))[2] == 70008


def test_authorization_code_needs_its_redirect_address_and_verifier(simulator: Simulator) -> None:
    verifier = "a-verifier-long-enough-to-be-taken-for-a-real-one"
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    usual: dict[str, Any] = {
        "grant_type": "authorization_code",
        "redirect_uri": HOME,
        "code_verifier": verifier,
    }

    def redeem(**changes: str) -> Answer:
        code = authorization_code(simulator, code_challenge=challenge)
        return ask_token(simulator, **usual | {"code": code} | changes)

    assert redeem().status == 200
    assert refusal_of(redeem(redirect_uri="https://other.example"))[2] == 500112
    assert refusal_of(redeem(code_verifier="another"))[2] == 501481


def test_consent_can_be_asked_for_and_declined(simulator: Simulator) -> None:
    partner = simulator.site.world.partner
    query = {"client_id": partner.client_id, "redirect_uri": HOME, "state": "s1"}
    path = f"/{partner.tenant_id}/oauth2/v2.0/authorize"
    page = Caller(simulator).get(f"{path}?{urlencode(query | {'prompt': 'consent'})}")
    assert page.status == 200
    assert b'id="accept"' in page.body
    declined = Caller(simulator).get(f"{path}?{urlencode(query | {'error': 'access_denied'})}")
    answer = parse_qs(urlsplit(declined.headers["location"]).query)
    assert (answer["error"], answer["state"]) == (["access_denied"], ["s1"])


def test_consent_page_does_not_run_what_the_request_puts_into_it(simulator: Simulator) -> None:
    partner = simulator.site.world.partner
    hostile = '"><script>alert(1)</script>'
    query = {
        "client_id": partner.client_id,
        "redirect_uri": HOME,
        "prompt": "consent",
        "login_hint": hostile,
        "state": hostile,
    }
    page = Caller(simulator).get(f"/common/oauth2/authorize?{urlencode(query)}")
    assert b"<script" not in page.body


@pytest.mark.parametrize(
    "changes", [{"redirect_uri": "javascript:alert(1)"}, {"client_id": "somebody"}]
)
def test_authorize_refuses_to_lead_a_browser_astray(
    simulator: Simulator, changes: dict[str, str]
) -> None:
    query = {"client_id": simulator.site.world.partner.client_id, "redirect_uri": HOME} | changes
    answer = Caller(simulator).get(f"/common/oauth2/authorize?{urlencode(query)}")
    assert (answer.status, "location" in answer.headers) == (400, False)


@pytest.mark.parametrize(("path", "version"), [("", ""), ("/v2.0", "v2.0/")])
def test_metadata_names_the_endpoints_of_this_host(
    simulator: Simulator, path: str, version: str
) -> None:
    tenant = simulator.site.world.partner.tenant_id
    caller = Caller(simulator, {"Host": "localhost:8443"})
    body = caller.get(f"/{tenant}{path}/.well-known/openid-configuration").json()
    assert body["token_endpoint"] == f"https://localhost:8443/{tenant}/oauth2/{version}token"
    assert caller.get("/nowhere/.well-known/openid-configuration").status == 400


def test_identity_token_carries_nonce_and_client(simulator: Simulator) -> None:
    token = sign_in(simulator, nonce="n1")["id_token"]
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    partner = simulator.site.world.partner
    assert (claims["nonce"], claims["aud"], claims["tid"]) == (
        "n1",
        partner.client_id,
        partner.tenant_id,
    )
