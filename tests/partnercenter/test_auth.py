"""Tokens: where they are asked for, how long they are kept, and what a refusal means."""

import base64
import json
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partnercenter import errors
from partnercenter.client import AppCredentials, Endpoints, RetryPolicy
from tests.partnercenter.fake_service import (
    API,
    SECRET,
    TENANT,
    Asked,
    FakeService,
    Reply,
    replying,
)

OK = Reply(body={"items": []})


def _token(**changes: Any) -> Reply:
    return Reply(
        body={"token_type": "Bearer", "expires_in": 3600, "access_token": "opaque", **changes}
    )


def _jwt(header: dict[str, Any], claims: dict[str, Any]) -> str:
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in (header, claims)
    ]
    return ".".join([*parts, "c2lnbmF0dXJl"])


def _sign_in_error(reply: Reply) -> errors.PartnerCenterError:
    service = FakeService(replying(OK), token=lambda _: reply)
    with pytest.raises(errors.PartnerCenterError) as caught:
        service.client(policy=RetryPolicy(tries=2)).check_access()
    assert not service.calls
    return caught.value


def test_token_is_asked_of_the_tenant_for_the_api() -> None:
    service = FakeService(replying(OK))
    service.client().check_access()
    (asked,) = service.token_calls
    form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
    assert (asked.method, asked.path) == ("POST", f"/{TENANT}/oauth2/v2.0/token")
    assert form["grant_type"] == "client_credentials"
    assert form["scope"] == f"{API}/.default"
    assert (form["client_id"], form["client_secret"]) == ("the-app", SECRET)


def test_token_is_kept_until_shortly_before_it_ends() -> None:
    now = [1_000.0]
    service = FakeService(replying(OK))
    client = service.client(clock=lambda: now[0])
    for later in (0, 3_000, 299, 2):
        now[0] += later
        client.check_access()
    assert len(service.token_calls) == 2
    assert service.calls[2].headers["authorization"] == "Bearer token-1"
    assert service.calls[3].headers["authorization"] == "Bearer token-2"


def test_lifetime_as_text_is_read_like_a_number() -> None:
    service = FakeService(replying(OK), token=lambda _: _token(expires_in="3600"))
    client = service.client()
    client.check_access()
    client.check_access()
    assert len(service.token_calls) == 1


@pytest.mark.parametrize(
    ("number", "oauth_error", "kind"),
    [
        (7000215, "invalid_client", errors.SecretRefused),
        (7000222, "invalid_client", errors.SecretRefused),
        (700016, "unauthorized_client", errors.AppUnknown),
        (90002, "invalid_request", errors.TenantUnknown),
        (65001, "invalid_grant", errors.ConsentMissing),
        (50076, "interaction_required", errors.MfaRequired),
        (50078, "invalid_grant", errors.MfaRequired),
        (50079, "interaction_required", errors.MfaRequired),
        (50126, "invalid_grant", errors.ReconnectNeeded),
        (70008, "invalid_grant", errors.SignInExpired),
        (700082, "invalid_grant", errors.SignInExpired),
        (50173, "invalid_grant", errors.SignInExpired),
        (1, "invalid_grant", errors.ReconnectNeeded),
        (1, "invalid_scope", errors.ConfigurationError),
        (1, "temporarily_unavailable", errors.ServiceFailed),
    ],
)
@pytest.mark.parametrize("status", [400, 401])
def test_sign_in_error_names_what_to_do(
    number: int, oauth_error: str, kind: type[errors.PartnerCenterError], status: int
) -> None:
    description = f"AADSTS{number}: no.\r\nTrace ID: t"
    error = _sign_in_error(
        Reply(
            status,
            body={
                "error": oauth_error,
                "error_description": description,
                "error_codes": [number],
                "correlation_id": "c",
            },
        )
    )
    assert type(error) is kind
    assert error.code == f"AADSTS{number}"
    assert error.detail == f"AADSTS{number}: no. Trace ID: t"


def test_most_telling_number_decides_among_several() -> None:
    error = _sign_in_error(
        Reply(400, body={"error": "invalid_grant", "error_codes": [70002, 7000222]})
    )
    assert type(error) is errors.SecretRefused


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(503, body=b"<html>"), errors.ServiceFailed),
        (Reply(429, headers={"Retry-After": "1"}), errors.Throttled),
        (Reply(302, headers={"Location": "https://evil.test/"}), errors.RedirectRefused),
        (Reply(200, body=b"<html>sign in</html>"), errors.GatewayPage),
        (Reply(200, body=b'{"access_token": "a'), errors.TornAnswer),
        (Reply(200, body=[1]), errors.MalformedAnswer),
        (_token(access_token=None), errors.ConfigurationError),
        (_token(access_token=["x"]), errors.MalformedAnswer),
        (_token(access_token="a b"), errors.MalformedAnswer),
        (_token(access_token="a\r\nX: 1"), errors.MalformedAnswer),
        (_token(token_type="mac"), errors.MalformedAnswer),
        (_token(expires_in="soon"), errors.MalformedAnswer),
        (_token(expires_in=-1), errors.MalformedAnswer),
        (_token(expires_in=0), errors.MalformedAnswer),
    ],
)
def test_unusable_token_answer_is_refused(
    reply: Reply, kind: type[errors.PartnerCenterError]
) -> None:
    assert type(_sign_in_error(reply)) is kind


def test_passing_trouble_of_the_token_endpoint_is_waited_out() -> None:
    left = [Reply(503), Reply(429, headers={"Retry-After": "7"}), _token()]
    service = FakeService(replying(OK), token=lambda _: left.pop(0))
    service.client().check_access()
    assert len(service.token_calls) == 3
    assert 7 <= service.slept[1] <= 7.7


@pytest.mark.parametrize(
    ("header", "claims", "kind"),
    [
        ({"alg": "none"}, {}, errors.MalformedAnswer),
        ({"alg": "RS256"}, {"tid": TENANT.replace("1", "9")}, errors.MalformedAnswer),
        ({"alg": "RS256"}, {"aud": "https://graph.microsoft.com"}, errors.WrongAudience),
    ],
)
def test_token_of_another_tenant_or_service_is_not_used(
    header: dict[str, Any], claims: dict[str, Any], kind: type[errors.PartnerCenterError]
) -> None:
    assert type(_sign_in_error(_token(access_token=_jwt(header, claims)))) is kind


@pytest.mark.parametrize("audience", [API, f"{API}/", "fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd"])
def test_token_made_for_us_is_used(audience: str) -> None:
    token = _jwt({"alg": "RS256"}, {"aud": audience, "tid": TENANT.upper()})
    service = FakeService(replying(OK), token=lambda _: _token(access_token=token))
    service.client().check_access()
    assert service.calls[0].headers["authorization"] == f"Bearer {token}"


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60, deadline=None)
@given(
    st.integers(200, 599),
    st.binary(max_size=60)
    | st.dictionaries(
        st.sampled_from(["access_token", "expires_in", "error", "error_codes", "token_type"]),
        st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.lists(st.integers()),
    ),
)
def test_damaged_token_answer_never_raises_anything_foreign(status: int, body: Any) -> None:
    service = FakeService(replying(OK), token=lambda _: Reply(status, body=body))
    try:
        service.client(policy=RetryPolicy(tries=1)).check_access()
    except errors.PartnerCenterError as error:
        assert error.correlation_id


@pytest.mark.parametrize("tenant", ["", "a/../b", "a?b=c", "common", "Organizations", ".x", "a b"])
def test_tenant_that_would_alter_the_address_is_refused(tenant: str) -> None:
    credentials = AppCredentials(tenant=tenant, client_id="app", client_secret=SECRET)
    with pytest.raises(errors.ConfigurationError):
        FakeService(replying(OK)).client(credentials=credentials)


def test_secret_is_masked_when_shown() -> None:
    credentials = AppCredentials(tenant=TENANT, client_id="app", client_secret=SECRET)
    assert SECRET not in repr(credentials) + str(credentials)
    assert "***" in repr(credentials)


@pytest.mark.parametrize(
    ("api", "accepted"),
    [
        ("https://api.example.test", True),
        ("https://api.example.test:8443/sim", True),
        ("http://127.0.0.1:8001", True),
        ("http://localhost:8001", True),
        ("http://[::1]:8001", True),
        ("http://api.example.test", False),
        ("http://localhost.evil.test", False),
        ("https://user@api.example.test", False),
        ("https://api.example.test?x=1", False),
        ("ftp://api.example.test", False),
        ("https://api.example.test:port", False),
        ("api.example.test", False),
        ("", False),
    ],
)
def test_credentials_go_to_safe_addresses_only(api: str, accepted: bool) -> None:
    endpoints = Endpoints(api=api, authority="https://login.example.test", graph="https://g.test")
    if accepted:
        endpoints.check()
    else:
        with pytest.raises(errors.ConfigurationError):
            FakeService(replying(OK)).client(endpoints=endpoints)


def test_simulator_on_another_host_needs_plain_http_allowed() -> None:
    def answer(asked: Asked) -> Reply:
        return OK if "/v1/" in asked.path else _token()

    service = FakeService(answer)
    endpoints = Endpoints(
        api="http://simulator:8001",
        authority="http://simulator:8001",
        graph="http://simulator:8001",
        plain_http=True,
    )
    service.client(endpoints=endpoints).check_access()
    assert [asked.host for asked in service.calls] == ["simulator:8001"] * 2


@pytest.mark.parametrize(
    "endpoints", [Endpoints.global_(), Endpoints.us_government(), Endpoints.china()]
)
def test_each_cloud_has_addresses_of_its_own(endpoints: Endpoints) -> None:
    endpoints.check()
    assert endpoints.audience == endpoints.api
    assert ("china" in endpoints.graph) == endpoints.authority.endswith(".cn")
