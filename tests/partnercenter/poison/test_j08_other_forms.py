"""J08, J11, J15: new words, other forms, odd texts and odd dates are read, not stumbled over."""

import copy
import dataclasses
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnercenter.decoding import decode_json
from partnercenter.errors import MalformedAnswer, PartnerCenterError
from partnercenter.schemas.fields import as_moment
from tests.partnercenter.fake_service import FakeService, Reply
from tests.partnercenter.poison.readers import READERS, WHEN, Reader

Record = Callable[[str, object], None]
NAMES = list(READERS)


def _read(reader: Reader, body: Any) -> Any:
    return reader.read(decode_json(json.dumps(body).encode("utf-8", "surrogatepass")))


def _changed(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(body)
    here = changed
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = value
    return changed


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    members: Any = ()
    if isinstance(value, dict):
        members = value.items()
    elif isinstance(value, list):
        members = enumerate(value)
    for key, member in members:
        yield (*path, key)
        yield from _paths(member, (*path, key))


@pytest.mark.parametrize("name", NAMES)
def test_j08_absent_or_null_is_no_reason_to_stop(name: str) -> None:
    reader = READERS[name]
    for field in reader.body:
        without = {key: value for key, value in reader.body.items() if key != field}
        for body in (without, {**reader.body, field: None}):
            if field in reader.needs:
                with pytest.raises(MalformedAnswer):
                    _read(reader, body)
            else:
                _read(reader, body)


@pytest.mark.parametrize("name", NAMES)
def test_j08_new_field_changes_nothing_and_is_kept(name: str) -> None:
    reader = READERS[name]
    before: Any = _read(reader, reader.body)
    after: Any = _read(reader, {**reader.body, "futureField": {"kept": [1]}})
    # What a create call answers has the customer inside.
    holder: Any = after.customer if name == "created-customer" else after
    if not dataclasses.is_dataclass(after):
        assert name == "adoption" or after == before
        return
    assert holder.raw["futureField"] == {"kept": [1]}
    for field in dataclasses.fields(after):
        if field.name not in ("raw", "customer"):
            assert getattr(after, field.name) == getattr(before, field.name)


@pytest.mark.parametrize("name", NAMES)
def test_j08_case_of_keys_does_not_matter(name: str) -> None:
    reader = READERS[name]
    shouted = json.loads(json.dumps(reader.body))

    def capitals(value: Any) -> Any:
        if isinstance(value, dict):
            return {key[:1].upper() + key[1:]: capitals(member) for key, member in value.items()}
        return [capitals(member) for member in value] if isinstance(value, list) else value

    before, after = _read(reader, reader.body), _read(reader, capitals(shouted))
    if dataclasses.is_dataclass(after):
        for field in dataclasses.fields(after):
            first, second = getattr(before, field.name), getattr(after, field.name)
            if isinstance(first, (str, int, datetime)):
                assert first == second, field.name


def test_j08_unknown_words_and_numbers_as_texts_are_read(record_property: Record) -> None:
    read = refused = 0
    for reader in READERS.values():
        for path in _paths(reader.body):
            forms: tuple[Any, ...] = ("a_word_of_tomorrow", 7, "7", 7.5, [], {}, [None], True)
            for value in forms:
                try:
                    _read(reader, _changed(reader.body, path, value))
                    read += 1
                except MalformedAnswer:
                    # Only what identity, money or a promise hangs on may stop it.
                    assert path[0] in reader.needs | {"quantity", "unitPrice"}, path
                    refused += 1
    record_property(
        "figure",
        f"J08: {read + refused:,} other forms: {read:,} read, {refused} refused, 0 crashes",
    )
    assert read > 10 * refused


def _texts() -> list[str]:
    return [
        "x" * 1_000_000,
        "\ud800",
        "a\udfffb",
        "a\x00b",
        "\u202ecod.exe",
        "Con\u200btoso",
        "Соntоsо",
        "e\u0301" * 100,
        "\ufeffContoso",
        "\u2028\u2029\u0085",
        "<script>alert(1)</script>",
        "=1+1",
    ]


@pytest.mark.parametrize("number", range(len(_texts())))
def test_j11_odd_texts_can_be_stored_or_are_refused(number: int) -> None:
    text = _texts()[number]
    for reader in READERS.values():
        for path in _paths(reader.body):
            try:
                result = _read(reader, _changed(reader.body, path, text))
            except PartnerCenterError as error:
                assert len(str(error)) < 1_000
                continue
            # NUL and lone surrogates are what a database refuses.
            shown = repr(result)
            assert "\\x00" not in shown
            assert "\\ud800" not in shown
            assert "\\udfff" not in shown


MOMENTS = st.datetimes(min_value=datetime.min, max_value=datetime.max) | st.sampled_from(
    [datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999_999), datetime(2, 1, 1)]
)
ZONES = st.sampled_from(["", "Z", "+00:00", "-12:00", "+14:00", "+23:59", "-23:59", "+0530"])


@given(moment=MOMENTS, digits=st.integers(0, 7), zone=ZONES)
def test_j15_any_date_is_a_moment_in_utc_or_none(moment: datetime, digits: int, zone: str) -> None:
    text = moment.isoformat(timespec="microseconds")
    text = (text + "0")[: 19 + (digits and digits + 1)] + zone
    read = as_moment(text)
    if not 1 < moment.year < 9999:
        assert read is None
        return
    assert read is not None
    assert read.tzinfo is UTC
    if zone in ("", "Z", "+00:00"):
        assert abs(read.replace(tzinfo=None) - moment) < timedelta(seconds=1)


@given(text=st.text(max_size=40) | st.from_regex(r"[0-9T:+Z./ -]{0,40}"))
def test_j15_any_text_in_place_of_a_date_is_survived(text: str) -> None:
    as_moment(text)
    for name in ("customer-summary", "audit-record", "service-request", "line-item"):
        body = json.loads(json.dumps(READERS[name].body).replace(WHEN, "@"))
        for path in _paths(body):
            here: Any = body
            for step in path:
                here = here[step]
            if here == "@":
                _read(READERS[name], _changed(body, path, text))


@pytest.mark.parametrize("skew", [-3_600, -60, 0, 60, 3_600])
def test_j15_wait_is_counted_by_the_clock_that_asks_for_it(skew: int) -> None:
    theirs = datetime.now(UTC) + timedelta(seconds=skew)
    until = theirs + timedelta(seconds=7)
    form = "%a, %d %b %Y %H:%M:%S GMT"
    headers = {"Date": theirs.strftime(form), "Retry-After": until.strftime(form)}
    service = FakeService(
        lambda _: (
            Reply(429, headers=headers)
            if not service.slept
            else Reply(body={"value": [], "items": []})
        )
    )
    service.client().security.api_requests()
    assert len(service.slept) == 1
    assert 6 <= service.slept[0] <= 8
