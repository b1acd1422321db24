"""Workers killed, stalled, poisoned, with a wrong clock, of two releases: H01, H02, H07–9, H18."""

import os
import signal
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests import work
from tests.repetitions import TIMES
from tests.torture.rig import LEASE_SECONDS, Rig, wait_until

pytestmark = [pytest.mark.processes, pytest.mark.timeout(1800)]
Record = Callable[[str, Any], None]
TWO_HOURS = "7200"


def two_run(rig: Rig, jobs: list[Any]) -> bool:
    return running(rig, jobs) >= 2


def running(rig: Rig, jobs: list[Any]) -> int:
    return rig.states(jobs).get("running", 0)


def test_h01_work_outlives_a_killed_worker(rig: Rig, record_property: Record) -> None:
    rig.relay()
    for _ in range(TIMES):
        worker = rig.worker()
        jobs = rig.ask(22, seconds=0.3)
        wait_until(partial(two_run, rig, jobs))
        worker.kill()
        rig.tally.faults += 1
        replacement = rig.worker()
        assert rig.wait_for(jobs) == {"done": 22}
        replacement.kill()
    record_property("figure", f"H01: {22 * TIMES} of {22 * TIMES} jobs done, none twice, {TIMES} ×")


def test_h02_work_outlives_a_killed_child(rig: Rig, record_property: Record) -> None:
    rig.relay()
    worker = rig.worker()
    for _ in range(TIMES):
        jobs = rig.ask(22, seconds=0.3)
        wait_until(partial(two_run, rig, jobs))
        os.kill(worker.children()[0], signal.SIGKILL)
        rig.tally.faults += 1
        assert rig.wait_for(jobs) == {"done": 22}
    assert worker.is_running
    record_property("figure", f"H02: {22 * TIMES} of {22 * TIMES} jobs done, none twice, {TIMES} ×")


def test_h07_a_job_longer_than_lease_and_visibility_has_one_effect(
    rig: Rig, record_property: Record
) -> None:
    rig.relay()
    for _ in range(2):
        rig.worker(env={"TENANTRY_VISIBILITY": "2"})
    jobs = rig.ask(2 * TIMES, seconds=LEASE_SECONDS + 3)
    rig.tally.faults += len(jobs)
    assert rig.wait_for(jobs, 60 + 30 * TIMES) == {"done": len(jobs)}
    record_property(
        "figure",
        f"H07: {len(jobs)} of {len(jobs)} jobs of {LEASE_SECONDS + 3} s done once, with a lease of"
        f" {LEASE_SECONDS} s and a visibility time-out of 2 s",
    )


@pytest.mark.parametrize("point", ["lease.taken", "step.before_commit", "outcome.before_commit"])
def test_a_stalled_worker_is_followed_and_overwrites_nothing(
    rig: Rig, record_property: Record, point: str
) -> None:
    """Stopped past its lease, it goes on when another has done the work: the fence refuses it."""
    rig.relay()
    rig.worker(concurrency=1, env=rig.fault(f"{point}=stall"))
    jobs = rig.ask(1)
    wait_until(lambda: rig.injected() == [point])
    second = rig.worker(concurrency=1)
    rig.tally.faults += 1
    assert rig.wait_for(jobs) == {"done": 1}
    for program in rig.programs:
        for child in program.children():
            os.kill(child, signal.SIGCONT)
    more = rig.ask(5)
    assert rig.wait_for(more) == {"done": 5}
    assert second.is_running
    record_property("figure", f"fence: stalled at {point}, followed, 0 overwritten")


def test_h08_a_wrong_clock_changes_nothing(rig: Rig, record_property: Record) -> None:
    rig.relay({"TENANTRY_CLOCK": f"-{TWO_HOURS}"})
    for shift in ("0", TWO_HOURS, f"-{TWO_HOURS}"):
        rig.worker(concurrency=1, env={"TENANTRY_CLOCK": shift})
    rig.tally.faults += 3
    jobs = rig.ask(60 * TIMES, seconds=0.05)
    assert rig.wait_for(jobs) == {"done": 60 * TIMES}
    record_property(
        "figure",
        f"H08: {60 * TIMES} of {60 * TIMES} jobs done once, clocks 0, +2 h, −2 h, relay −2 h",
    )


def test_h09_poison_ends_with_a_person_and_stops_nothing(rig: Rig, record_property: Record) -> None:
    rig.relay()
    worker = rig.worker(
        env={
            "PORTAL_JOB_BACKOFF_SECONDS": "1",
            "PORTAL_JOB_SOFT_SECONDS": "2",
            "PORTAL_JOB_HARD_SECONDS": "3",
        }
    )
    poison = {
        how: rig.ask(1, dies=how)[0] for how in ("kill", "memory", "exit", "fork", "leak", "deaf")
    }
    rig.tally.faults += len(poison)
    healthy = rig.ask(20)
    assert rig.wait_for(healthy) == {"done": 20}
    assert rig.wait_for(poison.values()) == {"needs_person": len(poison)}
    assert worker.is_running
    attempts = rig.sql(
        "SELECT max(attempts) FROM core_job WHERE id = ANY (%s::uuid[])",
        [str(job) for job in poison.values()],
    )[0][0]
    assert attempts <= work.EFFECT.max_attempts
    record_property(
        "figure",
        f"H09: {len(poison)} of {len(poison)} poisonous jobs need a person after {attempts} tries,"
        " 20 of 20 healthy ones done, worker still the same process",
    )


def test_h18_two_releases_side_by_side(rig: Rig, record_property: Record) -> None:
    rig.relay()
    rig.worker()
    rig.worker(env={"TENANTRY_RELEASE": "next"})
    number = 50 * TIMES
    known, new = rig.ask(number), rig.ask(4, kind=work.UNKNOWN)
    rig.tally.faults += 1
    assert rig.wait_for(known) == {"done": number}
    assert rig.wait_for(new, 180) == {"done": 4}
    record_property(
        "figure",
        f"H18: {number} of {number} jobs of both releases, 4 of 4 of the newer alone, done once",
    )


def test_soft_stop_gives_jobs_back_and_loses_none(rig: Rig, record_property: Record) -> None:
    """A deploy in the middle of the work: TERM, a new worker, nothing killed, nothing lost."""
    rig.relay()
    jobs = rig.ask(40 * TIMES, seconds=0.2)
    for _ in range(2 * TIMES):
        worker = rig.worker()
        wait_until(lambda: running(rig, jobs) >= 1)
        assert worker.stop() == 0
        rig.tally.faults += 1
        assert "SIGKILL" not in worker.said()
    rig.worker()
    assert rig.wait_for(jobs) == {"done": 40 * TIMES}
    worst = rig.sql("SELECT max(attempts) FROM core_job")[0][0]
    assert worst == 1, "a job that was given back keeps its attempts"
    record_property("figure", f"soft stop: {40 * TIMES} jobs done over {2 * TIMES} deploys")
