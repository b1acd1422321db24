"""A database that restarts, drops its line in the middle of a commit, or is full (I01–I03)."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import pytest
import requests
from django.db import connection
from psycopg2 import sql

from portal.demo.servers import RunningServer, start_postgres
from tests.database import administrator, make_template
from tests.environment import ADMIN_URL, DATABASE, TEMPLATE, WEB_PASSWORD, database_url
from tests.faultproxy import fault_proxy
from tests.repetitions import TIMES
from tests.torture.rig import Program, Rig, wait_until

pytestmark = [pytest.mark.processes, pytest.mark.timeout(3000)]
Record = Callable[[str, Any], None]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Make a PostgreSQL of the module's own, migrated, and stop it; tests start it again."""
    folder = tmp_path_factory.mktemp("cluster")
    server = start_postgres(folder, durable=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(ADMIN_URL, server.url)
        make_template()
    server.stop()
    yield folder
    start_postgres(folder, durable=True).remove()


class OwnDatabase:
    """The cluster under test: may be stopped and started like a machine's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server: RunningServer = start_postgres(folder, durable=True)

    def restart(self, *, immediate: bool) -> None:
        """Restart as an operator does (fast) or as a crash does (immediate)."""
        self.server.process.send_signal(signal.SIGQUIT if immediate else signal.SIGINT)
        self.server.process.wait(30)
        self.server.stop()
        self.server = start_postgres(self.folder, durable=True)


@pytest.fixture
def own_database(cluster: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnDatabase]:
    """Lead this test, its portal included, to the cluster of its own."""
    own = OwnDatabase(cluster)
    monkeypatch.setenv(ADMIN_URL, own.server.url)
    url = database_url("app_web", WEB_PASSWORD, DATABASE)
    monkeypatch.setenv("DATABASE_URL", url)
    parts, former = urlsplit(url), dict(connection.settings_dict)
    connection.close()
    connection.settings_dict |= {"HOST": parts.hostname, "PORT": parts.port}
    with administrator("postgres") as admin, admin.cursor() as cursor:
        name, template = sql.Identifier(DATABASE), sql.Identifier(TEMPLATE)
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(name, template))
        cursor.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO app_web").format(name))
        cursor.execute(sql.SQL("GRANT TEMPORARY ON DATABASE {} TO app_reseller").format(name))
    yield own
    connection.close()
    connection.settings_dict |= former
    own.server.stop()


def ask(web: Program, token: str, path: str = "tenants/") -> int:
    headers = {"Authorization": f"Bearer {token}", "Host": "testserver"}
    try:
        answer = requests.get(f"{web.url}/api/v1/{path}", headers=headers, timeout=60)
    except requests.ConnectionError:
        return 0
    return answer.status_code


def organization(name: str) -> dict[str, str]:
    return {
        "name": name,
        "primary_domain": f"{name.replace(' ', '-').lower()}.com",
        "notification_email": "it@example.com",
        "contact_phone": "+31 20 794 0800",
    }


def ready(web: Program) -> bool:
    try:
        answer = requests.get(
            f"{web.url}/health/ready/", headers={"Host": "testserver"}, timeout=30
        )
    except requests.ConnectionError:
        return False
    return answer.status_code == 200


@pytest.mark.parametrize("immediate", [False, True], ids=["fast", "immediate"])
def test_i01_after_a_restart_of_the_database_nothing_fails(
    own_database: OwnDatabase, rig: Rig, record_property: Record, immediate: bool
) -> None:
    web, _, _ = rig.web(), rig.relay(), rig.worker()
    token = rig.people[0].token()
    failed = asked = 0
    for load in (False, True) * TIMES:
        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(lambda _: ask(web, token), range(16))) == {200}
            stop = threading.Event()
            busy = [pool.submit(_ask_until, web, token, stop) for _ in range(4 if load else 0)]
            jobs = rig.ask(20, seconds=0.05)
            connection.close()
            own_database.restart(immediate=immediate)
            rig.tally.faults += 1
            wait_until(lambda: ready(web))
            stop.set()
            during = [status for future in busy for status in future.result()]
            answers = list(pool.map(lambda _: ask(web, token), range(80)))
        assert set(during) <= {200, 503}, "a restart is a 503, never a 500"
        failed += sum(status != 200 for status in answers)
        asked += len(answers)
        assert rig.wait_for(jobs) == {"done": 20}
    assert failed == 0
    record_property(
        "figure",
        f"I01: {failed} of {asked} requests failed after a database that restarted"
        f" ({'immediate' if immediate else 'fast'}, idle and under load) was ready again",
    )


def _ask_until(web: Program, token: str, stop: threading.Event) -> list[int]:
    statuses = []
    while not stop.is_set():
        statuses.append(ask(web, token))
        time.sleep(0.02)
    return statuses


def test_i02_a_line_cut_in_the_middle_of_a_commit(
    own_database: OwnDatabase, rig: Rig, record_property: Record
) -> None:
    person = rig.people[0]
    token = person.token()
    headers = {"Authorization": f"Bearer {token}", "Host": "testserver"}
    told: dict[str, int] = {}
    with fault_proxy(("127.0.0.1", own_database.server.port)) as proxy:
        direct = os.environ["DATABASE_URL"]
        proxied = direct.replace(f":{own_database.server.port}", f":{proxy.port}")
        web = rig.web(env={"DATABASE_URL": proxied})
        rounds = 20 * TIMES
        for number in range(rounds):
            marked = False

            def at_commit(data: bytes) -> bool:
                nonlocal marked
                if b"organizations_organization" in data and b"INSERT" in data:
                    marked = True
                return marked and b"COMMIT" in data

            proxy.when_sent, proxy.swallowing = at_commit, number % 2 == 1
            name = f"Cut {number}"
            answer = requests.post(
                f"{web.url}/api/v1/organizations/",
                json=organization(name),
                headers=headers,
                timeout=60,
            )
            proxy.when_sent = None
            told[name] = answer.status_code
            assert answer.status_code in (201, 503), answer.text
            if answer.status_code == 503:
                assert answer.headers["Retry-After"]
        rig.tally.faults += proxy.faults
    rig.tally.operations += rounds
    stored = dict(rig.sql("SELECT name, count(*) FROM organizations_organization GROUP BY name"))
    doubled = [name for name, count in stored.items() if count > 1]
    claimed = [name for name, status in told.items() if status == 201 and name not in stored]
    audited = rig.sql(
        "SELECT count(*) FROM core_auditevent WHERE action = 'organizations.organization_created'"
    )[0][0]
    assert (doubled, claimed) == ([], [])
    assert audited == len(stored)
    unknown = sum(status == 503 for status in told.values())
    assert unknown >= rounds * 3 // 4, "the line was cut at the commit"
    record_property(
        "figure",
        f"I02: {unknown} of {rounds} commits cut: each told as unknown with a time to look again,"
        f" {len(stored)} stored, 0 doubled, 0 claimed and not stored, audit equal",
    )


def test_i03_a_database_without_room_or_patience(
    own_database: OwnDatabase, rig: Rig, record_property: Record
) -> None:
    web = rig.web(threads=8)
    token = rig.people[0].token()
    with administrator("postgres") as admin, admin.cursor() as cursor:
        cursor.execute("ALTER ROLE app_web CONNECTION LIMIT 4")
        connection.close()
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app_web'"
        )
    held: list[Any] = []
    try:
        while len(held) < 4:
            held.append(psycopg2.connect(database_url("app_web", WEB_PASSWORD, DATABASE)))
        began = time.monotonic()
        with ThreadPoolExecutor(20) as pool:
            full = list(pool.map(lambda _: ask(web, token), range(20)))
        full_seconds = time.monotonic() - began
    finally:
        for line in held:
            line.close()
        with administrator("postgres") as admin, admin.cursor() as cursor:
            cursor.execute("ALTER ROLE app_web CONNECTION LIMIT -1")
    assert set(full) == {503}
    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(lambda _: ask(web, token), range(20))) == {200}

    headers = {"Authorization": f"Bearer {token}", "Host": "testserver"}
    with administrator(DATABASE) as holder:
        holder.autocommit = False
        with holder.cursor() as cursor:
            cursor.execute("LOCK TABLE organizations_organization IN ACCESS EXCLUSIVE MODE")
        began = time.monotonic()
        with ThreadPoolExecutor(4) as pool:
            locked = list(pool.map(lambda _: ask(web, token, "organizations/"), range(4)))
        created = requests.post(
            f"{web.url}/api/v1/organizations/",
            json=organization("Late"),
            headers=headers,
            timeout=60,
        ).status_code
        lock_seconds = time.monotonic() - began
        holder.rollback()
    assert {*locked, created} <= {409, 503}
    assert ask(web, token, "organizations/") == 200

    idle = psycopg2.connect(database_url("app_web", WEB_PASSWORD, DATABASE))
    with idle.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        limit = cursor.fetchone()
        cursor.execute("SHOW statement_timeout")
        statement = cursor.fetchone()
    idle.close()
    assert (limit, statement) == (("30s",), ("15s",))
    rig.tally.faults += 3
    record_property(
        "figure",
        f"I03: no connection left: 20 of 20 answered 503 within {full_seconds:.1f} s and 200 after;"
        f" table locked: 5 of 5 answered {sorted({*locked, created})} within {lock_seconds:.1f} s,"
        " 200 after; statements end after 15 s, idle transactions after 30 s",
    )
