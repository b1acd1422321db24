"""What rules about years need: simulators whose tokens outlive them."""

from typing import Any

import pytest

from partnercenter.simulator import Simulator
from tests.partnercenter.simulator.conftest import MakeSimulator


@pytest.fixture
def make_lasting(make_simulator: MakeSimulator) -> MakeSimulator:
    """Return a maker of simulators whose tokens outlive the years these tests let pass."""

    def make(*, switches: dict[str, Any] | None = None, **files: Any) -> Simulator:
        lasting = {"access_token_seconds": 10**9}
        return make_simulator(switches=lasting | (switches or {}), **files)

    return make
