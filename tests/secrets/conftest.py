"""What the tests of secrets share: a way to note a figure."""

from collections.abc import Callable

import pytest

Figure = Callable[[str], None]


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Figure:
    """Return a function that notes one line for the end of the run."""
    return lambda text: record_property("figure", text)
