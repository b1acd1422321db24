"""The clock that can be moved on: by a call, over a restart, and never back."""

from datetime import timedelta
from pathlib import Path

import pytest

from partnercenter.simulator import Simulator, SimulatorError
from tests.partnercenter.simulator.calls import Caller, Clock
from tests.partnercenter.simulator.sample_worlds import write_world


def test_moving_on_is_kept_over_a_restart(tmp_path: Path, clock: Clock) -> None:
    world = write_world(tmp_path / "world")
    began = clock()
    first = Simulator(world, clock=clock, state_folder=tmp_path / "state")
    answer = Caller(first).post("/_simulator/clock", {"days": 30, "hours": 1.5})
    moved = began + timedelta(days=30, hours=1.5)
    assert answer.json() == {"now": moved.isoformat()}
    clock.advance(minutes=5)
    second = Simulator(world, clock=clock, state_folder=tmp_path / "state")
    assert second.clock() == moved + timedelta(minutes=5)
    second.reset()
    assert second.clock() == clock()


@pytest.mark.parametrize("body", [{}, {"weeks": 1}, {"days": "1"}, {"days": -1}, {"days": 1e12}])
def test_what_is_no_step_forward_is_refused(simulator: Simulator, body: dict[str, object]) -> None:
    before = simulator.clock()
    assert Caller(simulator).post("/_simulator/clock", body).status == 400
    assert simulator.clock() == before
    with pytest.raises(SimulatorError, match="forward"):
        simulator.advance(timedelta(seconds=-1))
