"""A broker that is emptied, killed, slow, deaf, full or evicting (H03–H06, H15, H16)."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
import redis
import requests

from portal.demo.servers import RunningServer, start_valkey
from tests.faultproxy import FaultProxy, fault_proxy
from tests.repetitions import TIMES
from tests.torture.rig import Rig, wait_until

pytestmark = [pytest.mark.processes, pytest.mark.timeout(1800)]
Record = Callable[[str, Any], None]
OUTAGES = (0.3, 1.0, 3.0, 6.0, 30.0) if TIMES > 1 else (0.3, 3.0)
FINAL_ERROR = "as a test has it"


def fail_all(rig: Rig, jobs: list[Any]) -> None:
    """Make jobs look as if they had failed, so that people may have them tried again."""
    rig.sql(
        "UPDATE core_job SET state = 'failed', finished_at = now(), error = %s, lease_until = NULL"
        " WHERE id = ANY (%s::uuid[])",
        FINAL_ERROR,
        [str(job) for job in jobs],
    )


def retry_all(rig: Rig, web: str, jobs: list[Any]) -> list[int]:
    """Have each job tried again through the API; return the statuses."""
    tokens = {person.actor.reseller_id: person.token() for person in rig.people}
    owners = dict(rig.sql("SELECT id::text, reseller_id FROM core_job"))
    statuses = []
    for job in jobs:
        answer = requests.post(
            f"{web}/api/v1/jobs/{job}/retry/",
            headers={"Authorization": f"Bearer {tokens[owners[str(job)]]}", "Host": "testserver"},
            timeout=30,
        )
        statuses.append(answer.status_code)
    return statuses


@contextmanager
def between(rig: Rig, broker: RunningServer) -> Iterator[FaultProxy]:
    """Put a proxy before the broker for every program started from now on."""
    with fault_proxy(("127.0.0.1", broker.port)) as proxy:
        url = broker.url.replace(f":{broker.port}", f":{proxy.port}")
        rig.env |= {"REDIS_URL": url, "CACHE_URL": url}
        yield proxy


def test_h03_emptying_the_broker_and_killing_workers_loses_nothing(
    rig: Rig, broker: RunningServer, record_property: Record
) -> None:
    rig.relay()
    worker = rig.worker()
    number = 500 if TIMES > 1 else 150
    jobs = rig.ask(number, seconds=0.02)

    def reached(share: int) -> bool:
        return rig.states(jobs).get("done", 0) >= share

    with redis.Redis.from_url(broker.url) as client:
        for round_ in range(5):
            share = number * (round_ + 1) // 8
            wait_until(partial(reached, share), 120)
            client.flushall()
            rig.tally.faults += 1
            if round_ % 2 == 0:
                worker.kill()
                rig.tally.faults += 1
                worker = rig.worker()
    assert rig.wait_for(jobs, 240) == {"done": number}
    record_property("figure", f"H03: {number} of {number} done once, 5 FLUSHALL and 3 kills")


@pytest.mark.parametrize("durable", [False, True], ids=["memory", "append-only"])
def test_h04_work_goes_on_after_the_broker_was_killed(
    rig: Rig, record_property: Record, durable: bool
) -> None:
    server = start_valkey(rig.folder, durable=durable)
    rig.env |= {"REDIS_URL": server.url, "CACHE_URL": server.url}
    rig.relay()
    rig.worker()
    assert rig.wait_for(rig.ask(2)) == {"done": 2}
    waits = []
    for outage in OUTAGES:
        server.process.kill()
        server.stop()
        rig.tally.faults += 1
        jobs = rig.ask(10)
        time.sleep(outage)
        server = start_valkey(rig.folder, durable=durable)
        back = time.monotonic()
        assert rig.wait_for(jobs) == {"done": 10}
        waits.append(time.monotonic() - back)
    server.stop()
    record_property(
        "figure",
        f"H04: {10 * len(OUTAGES)} of {10 * len(OUTAGES)} jobs done after outages of {OUTAGES} s"
        f" ({'with' if durable else 'without'} persistence), 10 done at worst {max(waits):.1f} s"
        " after the broker was back",
    )


def test_h05_a_deaf_slow_or_broken_line_to_the_broker(
    rig: Rig, broker: RunningServer, record_property: Record
) -> None:
    with between(rig, broker) as proxy:
        web, _, _ = rig.web(), rig.relay(), rig.worker()
        jobs = rig.ask(30)
        assert rig.wait_for(jobs) == {"done": 30}
        statuses = []

        def ask_through_the_web() -> list[Any]:
            asked = rig.ask(5)
            fail_all(rig, asked)
            statuses.extend(retry_all(rig, web.url, asked))
            return asked

        proxy.black_hole = True
        asked = ask_through_the_web()
        time.sleep(60 if TIMES > 1 else 6)
        proxy.black_hole = False
        proxy.cut()
        proxy.latency = 0.5
        asked += ask_through_the_web()
        time.sleep(4)
        proxy.latency = 0
        for _ in range(3 * TIMES):
            asked += ask_through_the_web()
            proxy.cut()
            time.sleep(2)
        assert set(statuses) == {200}

        def over() -> bool:
            revived.append(rig.revive())
            return rig.states(asked) == {"done": len(asked)}

        revived: list[int] = []
        wait_until(over, 180)
        rig.tally.faults += proxy.faults
        rig.tally.operations += len(statuses)
    record_property(
        "figure",
        f"H05: {len(statuses)} of {len(statuses)} requests answered 200 through black hole, 500 ms"
        f" and resets; {len(asked)} of {len(asked)} jobs done once; {sum(revived)} programs ended"
        " themselves and were started again",
    )


def test_h06_without_a_broker_work_is_accepted_and_done_later(
    rig: Rig, broker: RunningServer, record_property: Record
) -> None:
    web = rig.web()
    rig.relay()
    rig.worker()
    broker.process.kill()
    broker.stop()
    rig.tally.faults += 1
    jobs = rig.ask(20 * TIMES)
    fail_all(rig, jobs)
    statuses = retry_all(rig, web.url, jobs)
    time.sleep(600 if TIMES > 1 else 3)
    assert set(statuses) == {200}
    again = start_valkey(rig.folder, durable=False)
    try:
        assert rig.wait_for(jobs, 180) == {"done": len(jobs)}
    finally:
        again.stop()
    record_property(
        "figure",
        f"H06: {len(statuses)} of {len(statuses)} accepted with no broker, all done after; 0 × 500",
    )


def test_h15_nothing_is_kept_as_a_result(
    rig: Rig, broker: RunningServer, record_property: Record
) -> None:
    rig.relay()
    rig.worker()
    assert rig.wait_for(rig.ask(20)) == {"done": 20}
    with redis.Redis.from_url(broker.url) as client:
        keys = sorted(key.decode() for key in client.scan_iter())
    assert not [key for key in keys if "result" in key or "meta" in key]
    record_property("figure", f"H15: 20 of 20 done, 0 results kept; the broker holds only {keys}")


def test_h16_an_evicting_broker_is_refused(
    rig: Rig, broker: RunningServer, record_property: Record
) -> None:
    with redis.Redis.from_url(broker.url) as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
    refused = [rig.worker(wait=False), rig.relay(), rig.beat()]
    rig.tally.faults += len(refused)
    for program in refused:
        assert program.process.wait(60) != 0
        assert "allkeys-lru" in program.said()
        assert "noeviction" in program.said()
    record_property(
        "figure", f"H16: {len(refused)} of {len(refused)} programs refuse an evicting broker"
    )


def test_h16_a_full_broker_refuses_nobody(
    rig: Rig, broker: RunningServer, record_property: Record
) -> None:
    web = rig.web()
    rig.relay()
    rig.worker()
    assert rig.wait_for(rig.ask(2)) == {"done": 2}
    jobs = rig.ask(10)
    rig.wait_for(jobs)
    rig.sql("DELETE FROM tests_effect")
    rig.sql("UPDATE core_job SET done = 0")
    fail_all(rig, [job for (job,) in rig.sql("SELECT id FROM core_job")])
    jobs = [job for (job,) in rig.sql("SELECT id FROM core_job")]
    with redis.Redis.from_url(broker.url) as client:
        client.config_set("maxmemory", "100kb")
        rig.tally.faults += 1
        statuses = retry_all(rig, web.url, jobs)
        assert set(statuses) == {200}
        client.config_set("maxmemory", "0")
    assert rig.wait_for(jobs) == {"done": len(jobs)}
    record_property(
        "figure", f"H16: {len(jobs)} of {len(jobs)} accepted by a full broker, done after"
    )


def test_a_relay_that_hangs_ends_itself_and_its_successor_goes_on(
    rig: Rig, record_property: Record
) -> None:
    rig.env["PORTAL_JOB_PATIENCE_SECONDS"] = "3"
    plan = rig.fault("relay.before_publish=hang")
    relay = rig.relay(env=plan)
    jobs = rig.ask(3)
    wait_until(lambda: rig.injected() == ["relay.before_publish"])
    rig.tally.faults += 1
    assert relay.process.wait(30) == 75
    assert "relay_stands_still" in relay.said()
    rig.worker()
    rig.relay(env=plan)
    assert rig.wait_for(jobs) == {"done": 3}
    record_property("figure", "relay: hung, ended itself with status 75, 3 of 3 jobs done after")


def test_a_worker_that_hears_nothing_ends_itself_and_its_successor_goes_on(
    rig: Rig, broker: RunningServer, record_property: Record
) -> None:
    rig.env["PORTAL_JOB_PATIENCE_SECONDS"] = "2"
    rig.relay()
    deaf = rig.worker(env={"TENANTRY_DEAF": "1"})
    jobs = rig.ask(3)
    rig.tally.faults += 1
    assert deaf.process.wait(30) == 75
    assert "worker_takes_no_work" in deaf.said()
    rig.worker()
    assert rig.wait_for(jobs) == {"done": 3}
    record_property("figure", "worker: deaf, ended itself with status 75, 3 of 3 jobs done after")


def test_a_worker_whose_processes_all_work_is_left_alone(
    rig: Rig, broker: RunningServer, record_property: Record
) -> None:
    rig.env["PORTAL_JOB_PATIENCE_SECONDS"] = "1"
    rig.relay()
    worker = rig.worker(concurrency=1)
    jobs = rig.ask(3, seconds=3)
    assert rig.wait_for(jobs) == {"done": 3}
    assert worker.is_running
    record_property("figure", "worker: 3 jobs of three times its patience each, never ended")


def test_a_worker_whose_acknowledgements_are_lost_goes_on(
    rig: Rig, broker: RunningServer, record_property: Record
) -> None:
    rig.relay()
    with between(rig, broker) as proxy:
        worker = rig.worker()
        proxy.swallowing = True
        proxy.when_sent = lambda data: b"ZREM" in data and proxy.faults < 6
        jobs = rig.ask(20)
        assert rig.wait_for(jobs) == {"done": 20}
        assert "message_not_acknowledged" in worker.said()
        rig.tally.faults += proxy.faults
    record_property("figure", "worker: 6 acknowledgements lost, 20 of 20 jobs done, none restarted")
