"""A simulator that has something to sell."""

import pytest

from partnercenter.simulator import Simulator
from tests.partnercenter.simulator.calls import Caller, app_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.sample_catalogue import catalogue


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
