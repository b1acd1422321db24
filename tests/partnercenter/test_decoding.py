"""Bodies to values: what is promised, and that nothing else comes out of damage."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnercenter import errors
from partnercenter.decoding import DEEPEST, MOST_CONTAINERS, decode_json

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


def test_byte_order_mark_is_skipped() -> None:
    assert decode_json(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


def test_number_with_a_point_stays_exact() -> None:
    value = decode_json(b'{"total": 586366.10, "small": 1e-7}')
    assert value == {"total": Decimal("586366.10"), "small": Decimal("1e-7")}
    assert str(value["total"]) == "586366.10"


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1, "a": 2}',
        b'{"items": [{"id": 1, "x": 0, "id": 1}]}',
        b'{"a": 1' + b"0" * 5_000 + b"}",
        b'{"a": 1.' + b"0" * 5_000 + b"}",
        b'{"a": 1e999999999999999999999}',
        b'{"a": "\xff\xfe"}',
        b'{"a": "raw \x00 control"}',
        b'{"a": 1} trailing',
        b"[" * (DEEPEST + 2) + b"]" * (DEEPEST + 2),
        b"[" * 100_000,
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
        b"[" + b"[]," * MOST_CONTAINERS + b"[]]",
    ],
    ids=lambda body: body[:24].decode("latin-1"),
)
def test_body_outside_the_limits_is_refused(body: bytes) -> None:
    with pytest.raises(errors.MalformedAnswer) as caught:
        decode_json(body)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_nesting_up_to_the_limit_is_read() -> None:
    body = b"[" * DEEPEST + b"]" * DEEPEST
    assert json.dumps(decode_json(body)).encode() == body


def test_brackets_in_texts_do_not_hide_or_feign_depth() -> None:
    assert decode_json(json.dumps({"name": "[{" * 200}).encode()) == {"name": "[{" * 200}
    hidden = b'["]",' * (DEEPEST + 2) + b'"["' + b"]" * (DEEPEST + 2)
    with pytest.raises(errors.MalformedAnswer):
        decode_json(hidden)


@pytest.mark.parametrize(
    "body", [b"", b"  ", b'{"items": [{"id": "a', b'{"items": [', b'{"a": "x\\']
)
def test_body_that_ends_early_is_torn_and_worth_another_try(body: bytes) -> None:
    with pytest.raises(errors.TornAnswer) as caught:
        decode_json(body)
    assert caught.value.transient


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"<html><body>502 Bad Gateway</body></html>", "text/html"),
        (b"\xef\xbb\xbf\r\n<!DOCTYPE html>", "application/json"),
        (b"upstream connect error", "text/html; charset=utf-8"),
    ],
)
def test_page_of_a_gateway_is_named_as_such(body: bytes, content_type: str) -> None:
    with pytest.raises(errors.GatewayPage) as caught:
        decode_json(body, content_type=content_type)
    assert caught.value.transient


def test_characters_no_database_stores_are_replaced() -> None:
    value = decode_json(b'{"na\\u0000me": ["a\\u0000b", "\\ud800", "\\ud83d\\ude00"]}')
    assert value == {"na\ufffdme": ["a\ufffdb", "\ufffd", "\U0001f600"]}


@given(JSON_VALUES)
def test_what_json_writes_is_read_back(value: Any) -> None:
    assert decode_json(json.dumps(value).encode()) == json.loads(
        json.dumps(value).replace("\\u0000", "\\ufffd")
    )


@given(
    st.binary(max_size=200) | st.text(alphabet='{}[]",:0123456789.eE+-\\untrfalsNI ', max_size=60)
)
def test_damage_gives_a_value_or_our_own_error(body: bytes | str) -> None:
    try:
        decode_json(body.encode() if isinstance(body, str) else body)
    except errors.MalformedAnswer as error:
        assert error.__context__ is None


@given(JSON_VALUES, st.data())
def test_cut_or_altered_json_gives_a_value_or_our_own_error(
    value: Any, data: st.DataObject
) -> None:
    body = bytearray(json.dumps({"items": [value]}).encode())
    place = data.draw(st.integers(0, len(body) - 1))
    body[place:] = data.draw(st.binary(max_size=3)) + (
        body[place + 1 :] if data.draw(st.booleans()) else b""
    )
    try:
        decode_json(bytes(body))
    except errors.MalformedAnswer:
        return
