"""A backlog of one reseller, one queue or one missed night delays nobody else (H14, H17)."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from portal.core.access import acting
from portal.core.identity.models import Reseller
from tests import work
from tests.factories.core import Person
from tests.factories.tenants import make_connection
from tests.repetitions import TIMES
from tests.torture.rig import Rig, wait_until

pytestmark = [pytest.mark.processes, pytest.mark.timeout(900)]
Record = Callable[[str, Any], None]
BACKLOG = 50_000


def test_h14_an_order_passes_fifty_thousand_syncs(rig: Rig, record_property: Record) -> None:
    north, south = rig.people
    rig.sql(
        "INSERT INTO core_job (id, reseller_id, kind, queue, title, payload, result, state,"
        " attempts, max_attempts, fence, done, note, error_code, error, asked_by, correlation_id,"
        " created_at)"
        " SELECT gen_random_uuid(), %s, %s, 'sync', 'backlog', '{}', '{}', 'waiting', 0, 3, 0, 0,"
        " '', '', '', 'test', '', now() FROM generate_series(1, %s)",
        north.actor.reseller_id,
        work.SYNC.name,
        BACKLOG,
    )
    rig.sql("ANALYZE core_job")
    rig.relay()
    rig.worker(queues=["sync"])
    rig.worker(queues=["money", "mail", "default"])
    backlog = "SELECT count(*) FROM core_job WHERE title = 'backlog' AND state = 'done'"
    wait_until(lambda: rig.sql(backlog)[0][0] > 200, 60)
    waits: dict[str, list[float]] = {"order": [], "sync": []}
    ran_before = []
    for _ in range(3 * TIMES):
        for name, kind in (("order", work.MONEY), ("sync", work.SYNC)):
            before, began = rig.sql(backlog)[0][0], time.monotonic()
            assert rig.wait_for(rig.ask(1, kind=kind, person=south)) == {"done": 1}
            waits[name].append(time.monotonic() - began)
            ran_before.append(rig.sql(backlog)[0][0] - before)
    left = BACKLOG - rig.sql(backlog)[0][0]
    assert left > BACKLOG // 2, "the backlog was worked off before, and nothing was shown"
    aside = sum(program.said().count("message_put_aside") for program in rig.programs)
    assert aside == 0, "the portal's own messages pass its guard"
    rig.stop_all()
    rig.sql("DELETE FROM core_job WHERE title = 'backlog'")
    record_property(
        "figure",
        f"H14: behind {left:,} waiting syncs of another reseller an order was done after"
        f" {max(waits['order']):.2f} s at worst, a sync after {max(waits['sync']):.2f} s;"
        f" at most {max(ran_before)} of the backlog ran meanwhile",
    )


def reseller_of(person: Person) -> Reseller:
    with acting(person.actor), transaction.atomic():
        return person.membership.reseller


def taken(rig: Rig) -> list[str]:
    said = "".join(program.said() for program in rig.programs if program.name == "worker")
    # What is due every minute is taken many times in a test.
    return re.findall(r"event='slot_taken' schedule='nightly discovery' slot='[^']*'", said)


def test_h17_two_beats_and_a_missed_night(rig: Rig, record_property: Record) -> None:
    connections = [make_connection(reseller_of(person)) for person in rig.people]
    schedule = rig.folder / "beat-schedule"
    rig.worker(queues=["default", "money"])
    for number in range(2):
        rig.start(
            "beat",
            [
                *("celery", "--app=tests.ticking", "--skip-checks", "beat", "--loglevel=INFO"),
                f"--schedule={schedule}-{number}",
                "--pidfile=",
            ],
            ready=lambda said: "beat: Starting" in said,
        )
    wait_until(lambda: len(taken(rig)) == 1)
    wait_until(lambda: sum(it.said().count("Sending due task") for it in rig.programs) >= 12)
    assert len(taken(rig)) == 1, "one night, one slot, however often it ticks"
    rig.sql("UPDATE core_job SET state = 'done', finished_at = now() WHERE kind LIKE 'tenants.%%'")
    rig.sql("UPDATE core_slot SET slot = slot - interval '3 days'")
    rig.tally.faults += 2
    wait_until(lambda: len(taken(rig)) == 2)
    time.sleep(2)
    assert len(taken(rig)) == 2, "three missed nights are caught up once"
    asked = rig.sql("SELECT count(*) FROM core_job WHERE kind = 'tenants.discover'")[0][0]
    assert asked == 2 * len(connections)
    record_property(
        "figure",
        f"H17: two beats, {sum(it.said().count('Sending due task') for it in rig.programs)} ticks:"
        f" 1 slot taken once, 3 missed nights caught up once, {asked} discoveries asked for",
    )
