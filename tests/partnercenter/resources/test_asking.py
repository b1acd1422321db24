"""What all rooms of commerce share: writes once, OK statuses that say no, whole lists."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnercenter import errors
from partnercenter.resources.asking import (
    ask,
    ask_by_post,
    country_code,
    same_id,
    whole,
    wire_values,
    write,
    write_and_look,
)
from partnercenter.resources.editing import edited, if_match
from tests.partnercenter.fake_service import GUIDS, REQUEST_ID, FakeService, Reply, replying

UNAVAILABLE = {"code": 400072, "description": "The item is not available."}


def _write(service: FakeService, **options: Any) -> Any:
    return write(
        service.client().transport,
        "POST",
        "/v1/things",
        **{
            "request_id": REQUEST_ID,
            "body": {"a": Decimal("1.5")},
            "read": lambda body: body,
            **options,
        },
    )


def _look(service: FakeService) -> Any:
    transport = service.client().transport
    return write_and_look(
        transport,
        "DELETE",
        "/v1/things/1",
        request_id=REQUEST_ID,
        read=lambda answer: answer.status,
    )


def test_write_carries_its_stored_id_and_plain_numbers() -> None:
    service = FakeService(replying(Reply(201, body={"ok": True})))
    assert _write(service, request_id=REQUEST_ID.upper()) == {"ok": True}
    (asked,) = service.calls
    assert asked.headers["ms-requestid"] == REQUEST_ID
    assert json.loads(asked.body) == {"a": 1.5}


def test_write_without_a_usable_id_is_not_sent() -> None:
    service = FakeService(replying(Reply()))
    with pytest.raises(errors.InvalidRequest):
        _write(service, request_id="again")
    assert not service.calls


@pytest.mark.parametrize(("idempotent", "calls"), [(False, 1), (True, 4)])
def test_write_of_unknown_outcome_is_repeated_only_where_that_is_safe(
    idempotent: bool, calls: int
) -> None:
    service = FakeService(replying(Reply(500)))
    with pytest.raises(errors.ServiceFailed) as caught:
        _write(service, idempotent=idempotent)
    assert caught.value.outcome_unknown
    assert [asked.headers["ms-requestid"] for asked in service.calls] == [REQUEST_ID] * calls


@pytest.mark.parametrize("body", [b"", b'{"id": ', b"<html>", b"[NaN]"])
def test_write_answered_unreadably_has_an_unknown_outcome(body: bytes) -> None:
    service = FakeService(replying(Reply(201, body=body)))
    with pytest.raises(errors.AnswerRefused) as caught:
        _write(service)
    assert len(service.calls) == 1
    assert caught.value.outcome_unknown
    assert caught.value.request_id == REQUEST_ID
    assert caught.value.correlation_id == service.calls[0].headers["ms-correlationid"]


def test_write_that_can_be_repeated_is_asked_again_for_a_readable_answer() -> None:
    service = FakeService(replying(Reply(201, body=b'{"id": '), Reply(201, body={"id": 1})))
    assert _write(service, idempotent=True) == {"id": 1}
    assert {asked.headers["ms-requestid"] for asked in service.calls} == {REQUEST_ID}


def test_write_told_by_its_status_needs_no_body_but_believes_no_bad_one() -> None:
    assert _look(FakeService(replying(Reply(204)))) == 204
    assert _look(FakeService(replying(Reply(202, body={"id": "x"})))) == 202
    service = FakeService(replying(Reply(200, body=b"{")))
    with pytest.raises(errors.MalformedAnswer) as caught:
        _look(service)
    assert caught.value.outcome_unknown
    assert caught.value.request_id == REQUEST_ID
    assert caught.value.correlation_id == service.calls[0].headers["ms-correlationid"]


def test_write_that_was_refused_has_a_known_outcome() -> None:
    service = FakeService(replying(Reply(409, body={"code": 800064})))
    with pytest.raises(errors.Conflict) as caught:
        _write(service)
    assert not caught.value.outcome_unknown


def test_ok_status_with_a_code_is_a_refusal_for_reads_and_writes() -> None:
    service = FakeService(replying(Reply(200, body=UNAVAILABLE)))
    with pytest.raises(errors.RequestRefused) as read:
        ask(service.client().transport, "/v1/things", read=lambda body: body)
    assert (read.value.code, read.value.detail) == ("400072", UNAVAILABLE["description"])
    with pytest.raises(errors.RequestRefused) as written:
        _write(service)
    assert written.value.code == "400072"
    assert not written.value.outcome_unknown
    with pytest.raises(errors.RequestRefused) as looked:
        _look(service)
    assert not looked.value.outcome_unknown


def test_ok_status_with_an_unknown_code_is_not_taken_for_the_thing() -> None:
    service = FakeService(replying(Reply(200, body={"code": "77", "description": "no"})))
    with pytest.raises(errors.PartnerCenterError) as caught:
        ask(service.client().transport, "/v1/things", read=lambda body: body)
    assert caught.value.code == "77"


def test_thing_that_has_a_code_of_its_own_is_no_refusal() -> None:
    thing = {"id": "x", "code": "12"}
    service = FakeService(replying(Reply(body=thing)))
    assert ask(service.client().transport, "/v1/things", read=lambda body: body) == thing


def test_question_asked_by_post_is_repeated_and_never_of_unknown_outcome() -> None:
    service = FakeService(replying(Reply(503), Reply(503), Reply(body=[1])))
    answer = ask_by_post(service.client().transport, "/v1/x", body={}, read=lambda body: body)
    assert answer == [1]
    failing = FakeService(replying(Reply(503)))
    with pytest.raises(errors.ServiceFailed) as caught:
        ask_by_post(failing.client().transport, "/v1/x", body={}, read=lambda body: body)
    assert not caught.value.outcome_unknown


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"items": None},
        {"items": {}},
        {"items": [1, 1]},
        {"items": ["A", "a"]},
        {"items": [1], "links": {"next": {"uri": "/things?seekOperation=Next"}}},
        {"items": [1], "continuationToken": "more"},
    ],
)
def test_list_that_is_not_whole_is_refused(body: Any) -> None:
    with pytest.raises(errors.PagingError):
        whole(body, read=lambda row: row, identity=str)


@pytest.mark.parametrize("body", [[], [1, 2], {"items": [1, 2]}, {"Items": [], "links": {}}])
def test_list_comes_bare_or_as_a_collection(body: Any) -> None:
    rows = body if isinstance(body, list) else next(iter(body.values()))
    assert whole(body, read=lambda row: row, identity=str) == tuple(rows)


def test_ids_are_the_same_in_any_case() -> None:
    assert same_id(GUIDS[9].upper(), "{" + GUIDS[9] + "}")
    assert same_id("CFQ7TTC0LH18", "cfq7ttc0lh18 ")
    assert not same_id(GUIDS[0], GUIDS[1])


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_received_goes_back_exactly(number: float) -> None:
    assert Decimal(str(wire_values(Decimal(str(number))))) == Decimal(str(number))


@pytest.mark.parametrize("text", ["0.1234567890123456789", "1e-400", "1.7e309"])
def test_number_that_would_arrive_otherwise_is_not_sent(text: str) -> None:
    number = Decimal(text)
    if number == number.to_integral_value():
        assert wire_values(number) == int(number)
    else:
        with pytest.raises(errors.InvalidRequest):
            wire_values([{"x": number}])


@pytest.mark.parametrize("country", ["", "USA", "U1", "Ü1", "../"])
def test_what_is_no_country_is_refused(country: str) -> None:
    assert country_code(" de ") == "DE"
    with pytest.raises(errors.InvalidRequest):
        country_code(country)


def test_edit_keeps_everything_else_and_its_spelling() -> None:
    raw = {"Id": "1", "Quantity": 5, "future": {"kept": True}, "gone": 1}
    body = edited(raw, {"quantity": 7, "gone": None, "never": None, "added": False})
    assert body == {"Id": "1", "Quantity": 7, "future": {"kept": True}, "added": False}
    assert raw["Quantity"] == 5


@pytest.mark.parametrize(
    ("etag", "sent"),
    [
        ("", None),
        ("-42", '"-42"'),
        ('"quoted"', '"quoted"'),
        ("W/\"datetime'2020'\"", "W/\"datetime'2020'\""),
    ],
)
def test_entity_tag_stands_in_quotes(etag: str, sent: str | None) -> None:
    assert if_match(etag).get("If-Match") == sent
