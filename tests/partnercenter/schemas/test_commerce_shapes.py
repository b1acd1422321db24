"""Every shape of commerce: read whole, read in any spelling, and never more than refused."""

import contextlib
import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnercenter.errors import MalformedAnswer
from tests.partnercenter.schemas.commerce_examples import READERS, received

_JUNK: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["0001-01-01T00:00:00", "9999-12-31T23:59:59Z", "1e400", "\ud800"])
    | st.just([])
    | st.just({})
    | st.just([{"id": []}, "x", None])
    | st.dictionaries(st.text(max_size=4), st.integers(), max_size=2)
)
IDS = [reader.__name__ for reader, _ in READERS]


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every value inside a value."""
    members = value.items() if isinstance(value, dict) else enumerate(value)
    found: list[tuple[Any, ...]] = []
    for key, member in members:
        found.append((*path, key))
        if isinstance(member, (dict, list)):
            found += _places(member, (*path, key))
    return found


def _pascal(value: Any) -> Any:
    if isinstance(value, dict):
        return {key[:1].upper() + key[1:]: _pascal(item) for key, item in value.items()}
    return [_pascal(item) for item in value] if isinstance(value, list) else value


def _facts(read: Any) -> dict[str, Any]:
    """Return what a read value holds, without what was received."""
    facts = {}
    for name in type(read).__slots__:
        value = getattr(read, name)
        if name == "raw":
            continue
        if isinstance(value, tuple):
            value = tuple(_facts(each) if hasattr(each, "raw") else each for each in value)
        facts[name] = value
    return facts


@pytest.mark.parametrize(("reader", "example"), READERS, ids=IDS)
def test_spelling_of_keys_makes_no_difference(reader: Any, example: dict[str, Any]) -> None:
    assert _facts(reader(received(example))) == _facts(reader(received(_pascal(example))))


@pytest.mark.parametrize(("reader", "example"), READERS, ids=IDS)
@pytest.mark.parametrize("body", [None, [], "x", 7])
def test_what_is_no_object_is_refused(reader: Any, example: Any, body: object) -> None:
    with pytest.raises(MalformedAnswer):
        reader(body)


@pytest.mark.parametrize(("reader", "example"), READERS, ids=IDS)
def test_what_is_received_is_kept_and_not_shown(reader: Any, example: dict[str, Any]) -> None:
    read = reader(received({**example, "futureField": "s3cret-later"}))
    if hasattr(read, "raw"):
        assert read.raw["futureField"] == "s3cret-later"
    assert "s3cret-later" not in repr(read)


@given(st.data())
def test_damaged_shape_is_read_or_refused(data: st.DataObject) -> None:
    reader, example = data.draw(st.sampled_from(READERS))
    damaged = received(example)
    for _ in range(data.draw(st.integers(1, 3))):
        *way, last = data.draw(st.sampled_from(_places(damaged)))
        inside: Any = damaged
        for step in way:
            inside = inside[step]
        inside[last] = copy.deepcopy(data.draw(_JUNK))
        if not _places(damaged):
            break
    with contextlib.suppress(MalformedAnswer):
        reader(damaged)
