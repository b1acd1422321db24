"""Nobody sees another's rows, however connections are shared (B11, B12, B18, B19, I13)."""

import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg2
import pytest
import requests
from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings
from django.db import ProgrammingError, connection, transaction

from portal.core.access import acting
from portal.core.jobs.models import Job
from portal.core.rows import ScopeMissing
from tests.environment import DATABASE, WEB_PASSWORD, database_url
from tests.factories.core import make_person, make_reseller
from tests.factories.tenants import make_connection, make_tenant
from tests.pgbouncer import pgbouncer
from tests.repetitions import TIMES
from tests.torture.rig import Program, Rig

pytestmark = [pytest.mark.processes, pytest.mark.timeout(1800)]
Record = Callable[[str, Any], None]
NAMES = ("ALPHA", "BRAVO", "CHARLIE", "DELTA", "ECHO", "FOXTROT")
TENANTS = 12
REQUESTS = 300
ANONYMOUS_SHARE = 0.2
REFUSED = ("ScopeMissing", "ProgrammingError")


@pytest.fixture
def crowd(rig: Rig) -> dict[str, str]:
    """Return a token for each of six resellers, by the word that marks what is theirs."""
    tokens = {}
    for name in NAMES:
        reseller = make_reseller(name=f"CANARY-{name} Cloud")
        person = make_person(reseller, name=f"CANARY-{name} Admin")
        source = make_connection(reseller)
        for number in range(TENANTS):
            make_tenant(source, name=f"CANARY-{name} customer {number}")
        rig.people.append(person)
        tokens[name] = person.token()
    return tokens


def read_without_thinking() -> tuple[str, str]:
    """Read jobs through the model, then by SQL; return what each was refused with."""
    answers = []
    for read in (Job.objects.count, _count_by_sql):
        try:
            with transaction.atomic():
                answers.append(f"{read()} rows")
        except (ScopeMissing, ProgrammingError) as error:
            answers.append(type(error).__name__)
    return answers[0], answers[1]


def _count_by_sql() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM core_job")
        return int(cursor.fetchone()[0])


@contextmanager
def pooled(rig: Rig, *, pool_size: int) -> Iterator[str]:
    """Lead every program started from now on through PgBouncer in transaction mode."""
    direct = database_url("app_web", WEB_PASSWORD, DATABASE)
    with pgbouncer(direct, rig.folder, pool_size=pool_size) as url:
        rig.env["DATABASE_URL"] = url
        yield url


def storm(
    web: Program, tokens: dict[str, str], *, threads: int, requests_each: int
) -> tuple[int, list[str]]:
    """Ask for lists as random resellers and as nobody; return how many and what was wrong."""
    wrong: list[str] = []

    def one(seed: int) -> int:
        dice, session = random.Random(seed), requests.Session()
        for _ in range(requests_each):
            name = dice.choice(NAMES)
            anonymous = dice.random() < ANONYMOUS_SHARE
            headers = {"Host": "testserver"}
            if not anonymous:
                headers["Authorization"] = f"Bearer {tokens[name]}"
            answer = session.get(f"{web.url}/api/v1/tenants/", headers=headers, timeout=120)
            seen = {other for other in NAMES if f"CANARY-{other}" in answer.text}
            if anonymous and (answer.status_code not in (401, 403) or seen):
                wrong.append(f"nobody got {answer.status_code} with {seen}")
            if not anonymous and (answer.status_code != 200 or seen != {name}):
                wrong.append(f"{name} got {answer.status_code} with {seen}")
        return requests_each

    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(one, range(threads))), wrong


def test_b11_persistent_connections_mix_nobody_up(
    rig: Rig, crowd: dict[str, str], record_property: Record
) -> None:
    asked, wrong = storm(rig.web(), crowd, threads=8, requests_each=REQUESTS * TIMES)
    rig.tally.operations += asked
    rig.tally.leaked += len(wrong)
    assert wrong == []
    record_property("figure", f"B11: {len(wrong)} of {asked} wrong, direct persistent connections")


def test_b11_b12_a_pooler_in_transaction_mode_mixes_nobody_up(
    rig: Rig, crowd: dict[str, str], record_property: Record
) -> None:
    """With session-level SETs of somebody's scope sent through the same pooler, first and again."""
    with pooled(rig, pool_size=3) as url:
        victim = rig.people[-1].actor.reseller_id

        def poison() -> None:
            stray = psycopg2.connect(url)
            stray.autocommit = True
            with stray.cursor() as cursor:
                cursor.execute("SET ROLE app_reseller")
                cursor.execute(f"SET app.reseller_id = '{victim}'")
            stray.close()
            rig.tally.faults += 1

        for _ in range(6):
            poison()
        web = rig.web()
        asked, wrong = storm(web, crowd, threads=8, requests_each=REQUESTS * TIMES)
        for _ in range(3):
            poison()
        more, later = storm(web, crowd, threads=8, requests_each=20)
    rig.tally.operations += asked + more
    rig.tally.leaked += len(wrong) + len(later)
    assert wrong + later == []
    reports = web.said().count("scope_left_behind")
    assert reports >= 1, "the stray value is reported"
    record_property(
        "figure",
        f"B11: 0 of {asked + more} wrong through PgBouncer (3 server connections); B12: 9 stray"
        f" session values, {reports} reports, 0 effects",
    )


def test_i13_many_threads_on_few_connections(
    rig: Rig, crowd: dict[str, str], record_property: Record
) -> None:
    with pooled(rig, pool_size=20):
        web = rig.web(threads=100)
        asked, wrong = storm(web, crowd, threads=200, requests_each=5 * TIMES)
    rig.tally.operations += asked
    assert wrong == []
    record_property("figure", f"I13: 0 of {asked} wrong, 200 threads on 20 database connections")


def test_b18_an_export_is_whole_and_never_empty_by_mistake(
    rig: Rig, crowd: dict[str, str], record_property: Record
) -> None:
    exports = 0
    with pooled(rig, pool_size=3):
        # The sessions are made here, so the portal has to sign with the key of here.
        web = rig.web(env={"PORTAL_SECRET_KEY": settings.SECRET_KEY})
        for person in rig.people[2:]:
            cookie = {"sessionid": person.client().cookies["sessionid"].value}
            answer = requests.get(
                f"{web.url}/tenants/export/",
                cookies=cookie,
                headers={"Host": "testserver"},
                timeout=60,
            )
            lines = answer.content.decode("utf-8-sig").splitlines()
            assert answer.status_code == 200
            assert lines[-1] == f"# {TENANTS} rows"
            assert len(lines) == TENANTS + 2
            exports += 1
    rig.tally.operations += exports
    assert read_without_thinking() == REFUSED
    record_property(
        "figure",
        f"B18: {exports} of {exports} exports hold {TENANTS} of {TENANTS} rows and say so;"
        " read without a scope they fail",
    )


def test_b19_what_runs_beside_a_request_has_its_own_scope_or_fails(
    rig: Rig, record_property: Record
) -> None:
    person = rig.people[0]
    outcomes: list[tuple[str, str]] = []
    rig.ask(1, person=person)

    def in_a_thread() -> None:
        outcomes.append(read_without_thinking())
        connection.close()

    with acting(person.actor), transaction.atomic():
        transaction.on_commit(in_own_thread(in_a_thread))
    thread = threading.Thread(target=in_a_thread)
    with acting(person.actor):
        thread.start()
        thread.join()
    outcomes.append(read_without_thinking())
    in_own_thread(async_to_sync(sync_to_async(in_a_thread)))()
    assert outcomes == [REFUSED] * 4
    rig.sql("DELETE FROM core_job")
    record_property(
        "figure", f"B19: {len(outcomes)} of {len(outcomes)} ways to run without a scope are refused"
    )


def in_own_thread(work: Callable[[], None]) -> Callable[[], None]:
    """Return a handler that does its work in a thread, which starts with nobody's scope.

    Nor has the thread an event loop, while a browser opened by an earlier test leaves one running
    in the main thread.
    """

    def handler() -> None:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    return handler
