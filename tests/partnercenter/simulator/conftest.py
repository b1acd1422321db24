"""A simulator over five customers, and a way to make one over anything else."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from partnercenter.simulator import Simulator, Switches
from tests.partnercenter.simulator.calls import Caller, Clock, app_caller, user_caller
from tests.partnercenter.simulator.sample_catalogue import catalogue
from tests.partnercenter.simulator.sample_worlds import RESELLER, make_customer, write_world

MakeSimulator = Callable[..., Simulator]


@pytest.fixture
def clock() -> Clock:
    """Return a clock that stands still until told otherwise."""
    return Clock()


@pytest.fixture
def make_simulator(tmp_path: Path, clock: Clock) -> MakeSimulator:
    """Return a maker of simulators; all but `switches`, a mapping, goes into the world."""

    def make(*, switches: dict[str, Any] | None = None, **files: Any) -> Simulator:
        files.setdefault("customers", [make_customer(number) for number in range(1, 6)])
        files.setdefault("indirect_resellers", [RESELLER])
        world = write_world(tmp_path / "world", **files)
        return Simulator(world, clock=clock, switches=Switches().changed(switches or {}))

    return make


@pytest.fixture
def simulator(make_simulator: MakeSimulator) -> Simulator:
    """Return a simulator over five customers of an indirect provider's sandbox."""
    return make_simulator()


@pytest.fixture
def app(simulator: Simulator) -> Caller:
    """Return a caller that is an application alone."""
    return app_caller(simulator)


@pytest.fixture
def user(simulator: Simulator) -> Caller:
    """Return a caller with a signed-in user."""
    return user_caller(simulator)


@pytest.fixture
def shop(make_simulator: MakeSimulator) -> Simulator:
    """Return a simulator with the sample catalogue over the five sample customers.

    Its tokens outlive the days that tests let pass.
    """
    return make_simulator(catalog=catalogue(), switches={"access_token_seconds": 10**9})


@pytest.fixture
def buyer(shop: Simulator) -> Caller:
    """Return an application that buys in the shop."""
    return app_caller(shop)
