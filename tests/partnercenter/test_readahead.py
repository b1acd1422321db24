"""Reading ahead changes when work is done and nothing else."""

import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnercenter.readahead import read_ahead


@given(st.lists(st.none() | st.integers(), max_size=30))
def test_items_come_whole_and_in_order(items: list[int | None]) -> None:
    assert list(read_ahead(iter(items))) == items


def test_a_failure_comes_after_the_items_before_it() -> None:
    def failing() -> Iterator[int]:
        yield 1
        raise LookupError("torn")

    ahead = read_ahead(failing())
    assert next(ahead) == 1
    with pytest.raises(LookupError, match="torn"):
        next(ahead)


def test_the_reader_ends_with_whoever_stops_early() -> None:
    before = threading.active_count()
    ahead = read_ahead(iter(range(1_000)))
    assert next(ahead) == 0
    ahead.close()
    assert threading.active_count() == before
