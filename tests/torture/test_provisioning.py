"""Provisioning with real workers that are killed, deploys, and a Microsoft that loses answers.

G01, G02, G03, G09, G10, G11: whatever happens, each account gets one tenant, none two, and every
request ends, or waits for a person with a reason.
"""

import itertools
import signal
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests import faults
from tests.factories.core import make_person, make_reseller
from tests.repetitions import TIMES
from tests.torture.provisioning import (
    ANSWERED,
    CREATE,
    LOST,
    MANY,
    POINTS,
    QUEUE,
    REFUSED,
    Partner,
    Plans,
    Record,
    Round,
    connect,
    running_partner,
)
from tests.torture.rig import Rig, wait_until

pytestmark = [pytest.mark.processes, pytest.mark.timeout(3600)]
WAYS = ("stall", "cut", "ahead", "behind", "again", "kill")
RESELLERS, EACH, DYING = 5, 4, 2
"""So many resellers, provisionings of each, and resellers whose workers die."""


@pytest.fixture(scope="module")
def partner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Partner]:
    with running_partner(tmp_path_factory.mktemp("partner-of-provisioning")) as running:
        yield running


@pytest.fixture
def turn(rig: Rig, partner: Partner, settings: Any) -> Round:
    """Give a round whose programs look for faults of single jobs, and a relay."""
    settings.PARTNERCENTER_CLOUDS = {**settings.PARTNERCENTER_CLOUDS, "simulator": partner.cloud}
    folder = rig.folder / "faults"
    folder.mkdir()
    rig.env |= partner.env | {faults.FOLDER: str(folder), "TENANTRY_PROFILE": "differs"}
    rig.relay()
    return Round(rig, partner, folder)


def plans_for(point: str, way: str) -> Plans:
    """Return what has to go wrong for a provisioning to meet a fault at a point."""
    before = [(ANSWERED, "kill", 1)] if point in LOST else []
    return [*before, (point, way, MANY.get(point, 1))]


def rounds_of_ways() -> Iterator[list[str]]:
    """Yield what happens at each place: by turns, or in a long torture all of it six times."""
    if TIMES == 1:
        yield [WAYS[place % len(WAYS)] for place in range(len(POINTS))]
    else:
        for _ in range(max(1, TIMES * 6 // 10)):
            yield from ([way] * len(POINTS) for way in WAYS)


def test_g01_one_tenant_whatever_happens_to_the_worker_where(
    rig: Rig, partner: Partner, turn: Round, record_property: Record
) -> None:
    """Each place, and what can happen there: by turns, or (in ``make torture``) all of it."""
    person = rig.people[0]
    connection = connect(rig, partner, person, signs_in=True)
    for _ in range(2):
        rig.worker(queues=QUEUE, concurrency=2)
    number = itertools.count()
    with partner.says_passwords_once():
        for some in rounds_of_ways():
            # The one whose answer is cut comes first, so that it is its answer and no other's.
            for point, way in sorted(
                zip(POINTS, some, strict=True), key=lambda it: it[0] != REFUSED
            ):
                ask = turn.ask_and_cut if point == REFUSED else turn.ask
                plans = plans_for(point, way)
                ask(person, connection, f"variant{next(number)}x", plans=plans)
            wait_until(turn.settled, 180)
            partner.no_faults()
    wait_until(turn.has_woken_all, 30)
    people = turn.prove()
    met = turn.met()
    assert turn.unmet() == []
    assert {it.point for it in met} == {*POINTS}
    assert {it.action for it in met} == {*WAYS}
    rig.tally.faults += len(met)
    by_way = Counter(it.action for it in met)
    record_property(
        "figure",
        f"G01, G11: {len(met)} faults ({', '.join(f'{n} {way}' for way, n in by_way.items())}) at"
        f" {len(POINTS)} places in {len(turn.domains)} provisionings: tenants {len(turn.domains)},"
        f" doubled 0, passwords lost 0, {people} wait for a person",
    )


def hands() -> Iterator[tuple[str, ...]]:
    """Deal the places out to the provisionings that die; those after a lost answer come with it."""
    rest = [it for it in POINTS if it not in (*LOST, ANSWERED, REFUSED)]
    left = EACH * DYING - 3
    yield (REFUSED,)
    yield (ANSWERED, *LOST[:2])
    yield (ANSWERED, *LOST[2:])
    for start in range(left):
        yield tuple(rest[start::left])


def test_g09_twenty_of_five_resellers_and_a_death_at_every_place(
    rig: Rig, partner: Partner, turn: Round, record_property: Record
) -> None:
    """Workers die with the provisionings of two resellers; the others' go on beside them."""
    rig.people += [
        make_person(make_reseller(name=f"CANARY-{name} Cloud"), name=f"CANARY-{name} Admin")
        for name in ("EAST", "WEST", "FAR")
    ]
    connections = [connect(rig, partner, person, signs_in=True) for person in rig.people]
    for _ in range(2):
        rig.worker(queues=QUEUE, concurrency=2)
    died, pauses = 0, []
    with partner.says_passwords_once():
        for again in range(TIMES):
            dealt, beside = hands(), set()
            for number, reseller in itertools.product(range(EACH), range(RESELLERS)):
                points = next(dealt) if reseller < DYING else ()
                ask = turn.ask_and_cut if REFUSED in points else turn.ask
                row = ask(
                    rig.people[reseller],
                    connections[reseller],
                    f"of{reseller}n{number}t{again}x",
                    plans=[(point, "kill", 2 if point in MANY else 1) for point in points],
                )
                died += bool(points)
                beside |= set() if points else {row.pk}
            wait_until(turn.settled, 240)
            partner.no_faults()
            pauses.append(longest_pause(rig, beside))
    people = turn.prove()
    met = turn.met()
    assert turn.unmet() == []
    assert {it.point for it in met} == {*POINTS}
    assert turn.states().count("done") + people == TIMES * RESELLERS * EACH
    rig.tally.faults += len(met)
    record_property(
        "figure",
        f"G09: {len(met)} deaths at {len(POINTS)} places in {died} of {len(turn.domains)}"
        f" provisionings of {RESELLERS} resellers: tenants {len(turn.domains)}, doubled 0, lost 0,"
        f" {people} wait for a person; the resellers beside them never stood still for more than"
        f" {max(pauses).total_seconds():.1f} s",
    )


def longest_pause(rig: Rig, requests: set[UUID]) -> timedelta:
    """Return the longest time in which none of these came a step further, until all had ended."""
    rows = rig.sql(
        "SELECT moment FROM (SELECT unnest(ARRAY[started_at, ended_at]) AS moment"
        " FROM organizations_provisioningstep WHERE provisioning_id = ANY (%s::uuid[])) AS found"
        " WHERE moment IS NOT NULL ORDER BY moment",
        [str(one) for one in requests],
    )
    moments: list[datetime] = [moment for (moment,) in rows]
    return max(later - earlier for earlier, later in itertools.pairwise(moments))


@pytest.mark.parametrize("forgets", [False, True], ids=["remembers", "forgets"])
def test_g02_g03_answers_lost_after_commit_make_nothing_twice(
    rig: Rig, partner: Partner, turn: Round, record_property: Record, forgets: bool
) -> None:
    person = rig.people[0]
    connection = connect(rig, partner, person)
    count = 3 * TIMES
    # Every second answer is lost, be it of a first call or of one that is repeated.
    partner.control("faults", {**CREATE, "every": 2, "action": "drop_after"})
    for number in range(count):
        turn.ask(person, connection, f"cut{'f' if forgets else 'r'}{number}x", agreed=None)
    rig.worker(queues=QUEUE, concurrency=2)
    if forgets:
        wait_until(lambda: {*partner.created()} >= {*turn.domains.values()}, 90)
        partner.control("clock", {"hours": 25})
    wait_until(turn.settled, 150)
    partner.no_faults()
    people = turn.prove()
    assert people == 0 or forgets, "what is remembered says the password again"
    rig.tally.faults += count
    words = "forgotten" if forgets else "remembered"
    record_property(
        "figure",
        f"G02/G03: {count} with every second answer cut, ids {words}: tenants {count}, doubled 0,"
        f" {people} wait for a person with a reason",
    )


def test_g10_deploys_during_provisionings_lose_and_double_nothing(
    rig: Rig, partner: Partner, turn: Round, record_property: Record
) -> None:
    person = rig.people[0]
    connection = connect(rig, partner, person, signs_in=True)
    count, deploys = 8 * TIMES, 0
    for number in range(count):
        turn.ask(person, connection, f"deployed{number}x")
    while not turn.settled() and deploys < 3 * TIMES:
        worker = rig.worker(queues=QUEUE, concurrency=2)
        done = turn.states().count("done")
        wait_until(lambda: turn.states().count("done") > done + 1 or turn.settled(), 60)  # noqa: B023
        worker.send(signal.SIGTERM)
        worker.stop()
        deploys += 1
    rig.worker(queues=QUEUE, concurrency=2)
    wait_until(turn.settled, 120)
    assert turn.prove() == 0
    rig.tally.faults += deploys
    record_property(
        "figure", f"G10: {count} of {count} done over {deploys} deploys, doubled 0, lost 0"
    )
