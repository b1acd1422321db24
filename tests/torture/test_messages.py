"""What a stranger who can write to the broker achieves: nothing (H10–H13, B15)."""

import base64
import json
import pickle
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
import redis
import requests
from celery import Celery

from portal.core.jobs.kinds import QUEUES
from portal.core.jobs.transport import ASIDE_KEY
from portal.demo.servers import RunningServer
from tests.environment import MIGRATE_PASSWORD, WEB_PASSWORD
from tests.repetitions import TIMES
from tests.torture.rig import SECRETS, Rig, wait_until

pytestmark = [pytest.mark.processes, pytest.mark.timeout(900)]
Record = Callable[[str, Any], None]


def body(*positional: Any, named: Any = None, embedded: Any = None) -> str:
    content = [list(positional), named or {}, embedded or {}]
    return base64.b64encode(json.dumps(content).encode()).decode()


def message(**changes: Any) -> dict[str, Any]:
    """Return a message as Celery writes it, with some parts exchanged; None leaves one out."""
    made: dict[str, Any] = {
        "body": body(str(uuid4())),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": {"task": "portal.run_job", "id": str(uuid4()), "lang": "py", "retries": 0},
        "properties": {
            "correlation_id": str(uuid4()),
            "delivery_tag": str(uuid4()),
            "delivery_mode": 2,
            "delivery_info": {"exchange": "", "routing_key": "default"},
            "priority": 0,
            "body_encoding": "base64",
        },
    }
    for name, value in changes.items():
        key = name.replace("_", "-") if name.startswith("content") else name
        if value is None:
            del made[key]
        elif isinstance(value, dict) and isinstance(made[key], dict):
            made[key] = made[key] | value
        else:
            made[key] = value
    return made


GARBAGE: dict[str, bytes] = {
    "not JSON": b"\x00\xff garbage",
    "JSON list": b"[1, 2, 3]",
    "JSON string": b'"text"',
    "empty": b"",
    "null": b"null",
    "body a dict": json.dumps(message(body={"a": 1})).encode(),
    "bad base64": json.dumps(message(body="%%%")).encode(),
    "no properties": json.dumps(message(properties=None)).encode(),
    "unknown task": json.dumps(message(headers={"task": "os.system"})).encode(),
    "pickle": json.dumps(message(content_type="application/x-python-serialize")).encode(),
    "body not JSON": json.dumps(message(body=base64.b64encode(b"{").decode())).encode(),
    "wrong arity": json.dumps(message(body=body("a", "b", "c"))).encode(),
    "no headers": json.dumps(message(headers=None)).encode(),
    "absurd eta": json.dumps(message(headers={"eta": "9999-12-31T23:59:59"})).encode(),
    "depth 100,000": b"[" * 100_000 + b"]" * 100_000,
}


def put(broker: RunningServer, queue: str, entries: list[bytes]) -> None:
    with redis.Redis.from_url(broker.url) as client:
        client.lpush(queue, *entries)


def aside(broker: RunningServer) -> int:
    with redis.Redis.from_url(broker.url) as client:
        return int(client.llen(ASIDE_KEY))


def test_h10_garbage_is_put_aside(rig: Rig, broker: RunningServer, record_property: Record) -> None:
    for queue in QUEUES:
        put(broker, queue, list(GARBAGE.values()))
    expected = len(GARBAGE) * len(QUEUES)
    rig.tally.faults += expected
    worker = rig.worker()
    rig.relay()
    for _ in range(TIMES):
        assert rig.wait_for(rig.ask(3)) == {"done": 3}
    wait_until(lambda: aside(broker) == expected)
    assert worker.is_running
    assert worker.said().count(" ready.") == 1
    record_property(
        "figure",
        f"H10: {expected} of {expected} pieces of garbage ({len(GARBAGE)} kinds, {len(QUEUES)}"
        " queues) put aside, 3 of 3 healthy jobs done, 0 restarts",
    )


def test_h11_forged_messages_do_what_was_due_and_no_more(
    rig: Rig, broker: RunningServer, record_property: Record
) -> None:
    worker = rig.worker()
    done, waiting = rig.ask(1)[0], rig.ask(1)[0]
    rig.relay()
    assert rig.wait_for([done, waiting]) == {"done": 2}
    later = rig.ask(1)[0]
    rig.wait_for([later])
    not_due = rig.ask(1)[0]
    rig.sql("UPDATE core_job SET due_at = now() + interval '1 hour' WHERE id = %s", str(not_due))
    before = len(rig.effects([not_due]))
    copies = 10_000 if TIMES > 1 else 1_000
    forged = [str(uuid4()), str(done), str(not_due)] + [str(later)] * copies
    put(broker, "default", [json.dumps(message(body=body(job))).encode() for job in forged])
    rig.tally.faults += len(forged)
    with redis.Redis.from_url(broker.url) as client:
        wait_until(lambda: client.llen("default") == 0, 180)
    assert rig.wait_for(rig.ask(3)) == {"done": 3}
    assert rig.effects([done, later]) == {str(done): 1, str(later): 1}
    assert len(rig.effects([not_due])) == before
    assert worker.is_running
    rig.sql("UPDATE core_job SET due_at = now(), publish_at = now() WHERE id = %s", str(not_due))
    rig.wait_for([not_due])
    record_property("figure", f"H11: {len(forged)} forged messages, 0 effects that were not due")


def test_h12_nothing_but_our_tasks_is_executed(
    rig: Rig, broker: RunningServer, record_property: Record
) -> None:
    proof = rig.folder / "executed"

    class Payload:
        def __reduce__(self) -> tuple[Any, ...]:
            return (open, (str(proof), "w"))

    pickled = base64.b64encode(pickle.dumps(Payload())).decode()
    yaml = base64.b64encode(f"!!python/object/apply:open ['{proof}', 'w']".encode()).decode()
    attempts = [
        message(body=pickled, content_type="application/x-python-serialize"),
        message(body=pickled),
        message(body=yaml, content_type="application/x-yaml"),
        message(headers={"task": "celery.backend_cleanup"}),
        message(headers={"task": "celery.chain"}),
        message(headers={"task": "celery.map"}),
        message(headers={"task": "subprocess.call"}),
        message(body=body(str(uuid4()), embedded={"callbacks": [{"task": "celery.map"}]})),
        message(body=body(str(uuid4()), named={"args": ["touch", str(proof)]})),
        message(headers={"timelimit": [1, 1]}),
    ]
    worker = rig.worker()
    rig.relay()
    put(broker, "default", [json.dumps(it).encode() for it in attempts])
    wait_until(lambda: aside(broker) == len(attempts))
    stranger = Celery(broker=broker.url)
    orders = ("shutdown", "pool_shrink", "rate_limit", "cancel_consumer", "revoke")
    for order in orders:
        stranger.control.broadcast(order, arguments={}, reply=False)
    rig.tally.faults += len(attempts) + len(orders)
    assert rig.wait_for(rig.ask(3)) == {"done": 3}
    assert worker.is_running
    assert not proof.exists()
    record_property(
        "figure", f"H12: 0 of {len(attempts)} foreign messages and {len(orders)} orders executed"
    )


def test_h13_the_broker_never_holds_a_secret(
    rig: Rig, broker: RunningServer, record_property: Record
) -> None:
    seen: list[bytes] = []
    with redis.Redis.from_url(broker.url) as client, client.monitor() as monitor:
        web = rig.web()
        rig.relay()
        rig.worker()
        rig.beat()
        jobs = rig.ask(20)

        token = rig.people[0].token()
        for path in ("", "jobs/", "organizations/", "health/ready/"):
            requests.get(
                f"{web.url}/{path}",
                headers={"Authorization": f"Bearer {token}", "Host": "testserver"},
                timeout=30,
            )
        assert rig.wait_for(jobs) == {"done": 20}
        client.set("the end", "1")
        for command in monitor.listen():
            seen.append(str(command["command"]).encode())
            if b"the end" in seen[-1]:
                break
    everything = b"\n".join(seen)
    hidden = (*SECRETS.values(), WEB_PASSWORD, MIGRATE_PASSWORD, token, "CANARY")
    assert not [text for text in hidden if text.encode() in everything]
    record_property(
        "figure", f"H13: 0 secrets and 0 names in {len(seen)} commands the broker was given"
    )


def test_b15_a_task_reaches_no_further_than_its_row(
    rig: Rig, broker: RunningServer, record_property: Record
) -> None:
    worker = rig.worker()
    gone = rig.ask(1)[0]
    rig.sql("DELETE FROM core_job WHERE id = %s", str(gone))
    rig.tally.operations -= 1
    north, south = rig.people
    theirs = rig.ask(1, person=south)[0]
    strange = [
        message(body=body(str(gone))),
        message(body=body(str(uuid4()))),
        message(body=body()),
        message(body=body(str(theirs))),
        message(body=body(str(north.membership.pk))),
        message(body=body(str(north.actor.reseller_id))),
    ]
    put(broker, "default", [json.dumps(it).encode() for it in strange])
    rig.relay()
    assert rig.wait_for([theirs]) == {"done": 1}
    rows = rig.sql("SELECT job::text, reseller_id FROM tests_effect")
    assert rows == [(str(theirs), south.actor.reseller_id)]
    wait_until(lambda: worker.said().count("job_unknown") >= 3)
    assert worker.is_running
    record_property("figure", f"B15: {len(strange)} strange ids, 0 effects, unknown ones logged")
