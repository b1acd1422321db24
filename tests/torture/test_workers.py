"""Workers that are killed, stalled, stopped, poisoned or of another release (H01, H02, H07–H09, H18)."""

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest

from tests import work
from tests.torture.rig import LEASE_SECONDS, TIMES, Rig, wait_until

pytestmark = pytest.mark.processes
Record = Callable[[str, Any], None]


def test_h01_work_outlives_a_killed_worker(rig: Rig, record_property: Record) -> None:
    rig.relay()
    done = 0
    for _ in range(TIMES):
        worker = rig.worker()
        jobs = rig.ask(22, seconds=0.3)
        wait_until(lambda: rig.states(jobs).get("running", 0) >= 2)
        worker.kill()
        rig.tally.faults += 1
        replacement = rig.worker()
        states = rig.wait_for(jobs)
        assert states == {"done": 22}
        done += states["done"]
        replacement.stop()
    record_property(
        "figure", f"H01: {done} of {22 * TIMES} jobs done after kill -9 of the worker, twice 0"
    )


def test_h02_work_outlives_a_killed_child(rig: Rig, record_property: Record) -> None:
    rig.relay()
    worker = rig.worker()
    done = 0
    for _ in range(TIMES):
        jobs = rig.ask(22, seconds=0.3)
        wait_until(lambda: rig.states(jobs).get("running", 0) >= 2)
        killed = worker.children()[0]
        os.kill(killed, signal.SIGKILL)
        rig.tally.faults += 1
        assert rig.wait_for(jobs) == {"done": 22}
        done += 22
    assert worker.is_running
    record_property("figure", f"H02: {done} of {22 * TIMES} jobs done after kill -9 of one child")
