"""One call on the wire: headers, retries, tokens, bounds."""

import gzip
import hashlib
import json
from typing import Any
from uuid import UUID

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from partnercenter import errors
from partnercenter.client import Limits, RetryPolicy
from partnercenter.transport import join_path
from tenants.connections.failures import sentence_of
from tests.partnercenter.fake_service import GUIDS, SECRET, Asked, FakeService, Reply, replying

OK = Reply(body={"fine": True})


def test_call_carries_ids_locale_and_token() -> None:
    service = FakeService(replying(OK))
    service.client().transport.get("/v1/profiles/organization", params={"a": "x y&z"}, read=dict)
    asked = service.calls[0]
    assert asked.headers["authorization"] == "Bearer token-1"
    assert asked.headers["accept"] == "application/json"
    assert asked.headers["x-locale"] == "en-US"
    assert UUID(asked.headers["ms-requestid"]) != UUID(asked.headers["ms-correlationid"])
    assert asked.query == {"a": "x y&z"}


def test_tries_share_the_request_id_and_calls_do_not() -> None:
    service = FakeService(replying(Reply(503), Reply(503), OK))
    client = service.client(correlation_id="job-7")
    client.transport.get("/v1/customers", read=dict)
    client.transport.get("/v1/customers", read=dict)
    ids = [asked.headers["ms-requestid"] for asked in service.calls]
    assert len(ids) == 4
    assert len(set(ids[:3])) == 1
    assert ids[3] != ids[0]
    assert {asked.headers["ms-correlationid"] for asked in service.calls} == {"job-7"}


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_reading_is_tried_again_after_a_passing_failure(status: int) -> None:
    service = FakeService(replying(Reply(status), OK))
    assert service.client().transport.get("/v1/customers", read=dict) == {"fine": True}
    assert len(service.slept) == 1


@pytest.mark.parametrize("status", [400, 403, 404, 409, 412, 501])
def test_a_clear_no_is_not_tried_again(status: int) -> None:
    service = FakeService(replying(Reply(status), OK))
    with pytest.raises(errors.PartnerCenterError) as caught:
        service.client().transport.get("/v1/customers", read=dict)
    assert caught.value.status == status
    assert not caught.value.transient
    assert len(service.calls) == 1


def test_endless_throttling_ends_with_the_policy() -> None:
    service = FakeService(replying(Reply(429, headers={"Retry-After": "2"})))
    with pytest.raises(errors.Throttled) as caught:
        service.client(policy=RetryPolicy(tries=3)).transport.get("/v1/customers", read=dict)
    assert caught.value.retry_after == 2
    assert len(service.calls) == 3
    assert all(2 <= wait <= 2.2 for wait in service.slept)


def _raising(error: Exception) -> Any:
    def answer(_: Asked) -> Reply:
        raise error

    return answer


def test_write_whose_effect_is_unknown_is_sent_once_and_says_so() -> None:
    service = FakeService(_raising(requests.ReadTimeout("late")))
    with pytest.raises(errors.ConnectionTimedOut) as caught:
        service.client().transport.call("POST", "/v1/customers", body={}, request_id="mine")
    assert caught.value.outcome_unknown
    assert caught.value.request_id == "mine"
    assert len(service.calls) == 1


def test_idempotent_write_is_repeated_with_the_callers_id() -> None:
    service = FakeService(replying(Reply(502, body=b"<html>"), Reply(201, body={"id": 1})))
    answer = service.client().transport.call(
        "POST", "/v1/customers", body={"a": "ü"}, request_id="mine", idempotent=True
    )
    assert answer.status == 201
    assert [asked.headers["ms-requestid"] for asked in service.calls] == ["mine", "mine"]
    assert service.calls[0].body == service.calls[1].body == b'{"a": "\\u00fc"}'
    assert service.calls[0].headers["content-type"] == "application/json"


def test_refused_write_has_a_known_outcome() -> None:
    service = FakeService(replying(Reply(400, body={"code": 800002, "description": "no"})))
    with pytest.raises(errors.InvalidRequest) as caught:
        service.client().transport.call("POST", "/v1/customers", body={})
    assert not caught.value.outcome_unknown


def test_refused_token_is_renewed_once() -> None:
    service = FakeService(replying(Reply(401), OK, OK))
    client = service.client()
    client.transport.get("/v1/customers", read=dict)
    client.transport.get("/v1/customers", read=dict)
    tokens = [asked.headers["authorization"] for asked in service.calls]
    assert tokens == ["Bearer token-1", "Bearer token-2", "Bearer token-2"]
    assert len(service.token_calls) == 2


def test_token_refused_twice_needs_a_person() -> None:
    service = FakeService(replying(Reply(401, body={"code": "800001", "description": "no"})))
    with pytest.raises(errors.TokenRefused) as caught:
        service.client().check_access()
    assert caught.value.code == "800001"
    assert len(service.calls) == 2


def test_trouble_with_signing_in_is_not_multiplied_nor_taken_for_a_lost_write() -> None:
    service = FakeService(replying(OK), token=lambda _: Reply(503))
    with pytest.raises(errors.ServiceFailed) as caught:
        service.client(policy=RetryPolicy(tries=3)).transport.call("POST", "/v1/customers", body={})
    assert len(service.token_calls) == 3
    assert not service.calls
    assert not caught.value.outcome_unknown
    assert caught.value.request_id


def test_redirect_is_not_followed() -> None:
    inward = Reply(302, headers={"Location": "http://169.254.169.254/latest"})
    service = FakeService(replying(inward, OK))
    with pytest.raises(errors.RedirectRefused):
        service.client().transport.get("/v1/ratecards/azure", read=dict)
    assert len(service.calls) == 1


def test_answer_to_another_call_is_not_used() -> None:
    stranger = Reply(body={"secret": 1}, headers={"MS-RequestId": "another"}, echo=False)
    service = FakeService(replying(stranger, OK))
    assert service.client().transport.get("/v1/customers", read=dict) == {"fine": True}
    service = FakeService(replying(stranger))
    with pytest.raises(errors.MixedUpAnswer):
        service.client().transport.get("/v1/customers", read=dict)


def test_answer_larger_than_the_bound_is_refused() -> None:
    service = FakeService(replying(Reply(body=b'"' + b"x" * 5_000 + b'"')))
    with pytest.raises(errors.AnswerTooLarge):
        service.client(limits=Limits(size=4_000)).transport.get("/v1/customers", read=dict)


def test_compressed_answer_counts_unpacked() -> None:
    bomb = Reply(body=gzip.compress(b" " * 10_000_000), headers={"Content-Encoding": "gzip"})
    assert len(bomb.encoded()) < 20_000
    with pytest.raises(errors.AnswerTooLarge):
        FakeService(replying(bomb)).client(limits=Limits(size=1_000_000)).transport.get(
            "/v1/x", read=dict
        )


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b'{"items": []}', errors.MalformedAnswer),
        (gzip.compress(json.dumps({"items": GUIDS[:200]}).encode())[:-300], errors.TornAnswer),
    ],
)
def test_damaged_compression_is_refused(body: bytes, error: type[Exception]) -> None:
    service = FakeService(replying(Reply(body=body, headers={"Content-Encoding": "gzip"})))
    with pytest.raises(error):
        service.client().transport.get("/v1/customers", read=dict)


def test_answer_that_trickles_is_given_up() -> None:
    ticks = iter(range(0, 100_000, 1_000))
    service = FakeService(replying(Reply(body={"items": []})))
    with pytest.raises(errors.ConnectionTimedOut):
        service.client(clock=lambda: float(next(ticks))).transport.get("/v1/customers", read=dict)


def test_torn_answer_is_asked_for_again() -> None:
    service = FakeService(replying(Reply(body=b'{"items": [{"id'), OK))
    assert service.client().transport.get("/v1/customers", read=dict) == {"fine": True}


def test_gateway_page_in_place_of_data_is_named() -> None:
    service = FakeService(replying(Reply(body=b"<html>maintenance</html>")))
    with pytest.raises(errors.GatewayPage) as caught:
        service.client().transport.get("/v1/customers", read=dict)
    assert caught.value.request_id == service.calls[0].headers["ms-requestid"]


@pytest.mark.parametrize("body", [b"<html>maintenance</html>", b'{"items": NaN}', b"[" * 5_000])
def test_j10_an_answer_not_believed_is_told_by_its_fingerprint(body: bytes) -> None:
    service = FakeService(replying(Reply(body=body)))
    with pytest.raises(errors.AnswerRefused) as caught:
        service.client().transport.get("/v1/customers", read=dict)
    assert caught.value.fingerprint == hashlib.sha256(body).hexdigest()
    assert caught.value.fingerprint in sentence_of(caught.value)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "v1",
        "/v1/../secret",
        "/v1//x",
        "//host/v1",
        "/v1?x=1",
        "/v1#x",
        "/v1/a b",
        "/v1\\x",
        "/v1/..",
    ],
)
def test_path_that_could_lead_elsewhere_is_never_sent(path: str) -> None:
    service = FakeService(replying(OK))
    with pytest.raises(errors.InvalidRequest):
        service.client().transport.get(path, read=dict)
    assert not service.calls


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\x00", "ü"])
def test_header_value_that_could_split_is_never_sent(value: str) -> None:
    service = FakeService(replying(OK))
    with pytest.raises(errors.InvalidRequest):
        service.client().transport.call("GET", "/v1/x", headers={"If-Match": value})
    assert not service.calls


@given(st.text(max_size=40))
def test_any_identifier_stays_one_segment_of_the_path(identifier: str) -> None:
    try:
        path = join_path("v1", "domains", identifier)
    except errors.InvalidRequest:
        return
    service = FakeService(replying(OK))
    service.client().transport.call("HEAD", path)
    assert service.calls[0].path == path
    assert path.count("/") == 3


def test_secret_is_sent_to_the_authority_only() -> None:
    service = FakeService(replying(Reply(body={"items": []})))
    service.client().check_access()
    assert SECRET.encode() in service.token_calls[0].body
    assert all(SECRET not in str(asked) for asked in service.calls)
