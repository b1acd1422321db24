"""L09: PostgreSQL's own log tells no secret of a statement that fails, nor of a row refused."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection

from portal.demo.servers import RunningServer, start_postgres
from tests.database import PROJECT
from tests.environment import MIGRATE_PASSWORD, WEB_PASSWORD
from tests.secrets.conftest import Figure

pytestmark = pytest.mark.processes

CANARY = "SECRET-CANARY-in-a-statement"
SCOPE = "SELECT set_config('role', 'app_reseller', true), set_config('app.reseller_id', '1', true)"
INSERT = (
    "INSERT INTO tenants_connection (id, reseller_id, name, program, cloud, partner_tenant,"
    " client_id, secret_sealed, secret_version, state, last_failure_code, last_failure, created_at)"
    " VALUES (gen_random_uuid(), 1, %s, 'direct_bill', 'global', %s, 'x', %s, %s, 'new', '', '',"
    " now())"
)
FAILING: dict[str, list[tuple[str, list[object]]]] = {
    "a value twice": [(INSERT, [CANARY, CANARY, CANARY, 1])] * 2,
    "a check refused": [(INSERT, [f"{CANARY}2", f"{CANARY}2", CANARY, -1])],
    "a missing value": [(INSERT, [f"{CANARY}3", None, CANARY, 1])],
    "too long": [(INSERT, [CANARY * 10, CANARY, CANARY, 1])],
    "a number that is none": [(INSERT, [CANARY, f"{CANARY}4", CANARY, CANARY])],
    "no such column": [(f"SELECT {CANARY.replace('-', '_')} FROM tenants_connection", [])],
    "no right": [("UPDATE core_auditevent SET reason = %s", [CANARY])],
    "a syntax error": [(f"SELEC '{CANARY}'", [])],
    "a bad uuid": [("SELECT * FROM tenants_connection WHERE id = %s", [CANARY])],
    "division": [("SELECT %s, 1 / 0", [CANARY])],
    "bad JSON": [("SELECT %s::jsonb", [f'{{"{CANARY}"'])],
    "too slow": [("SET LOCAL statement_timeout = 50", []), ("SELECT %s, pg_sleep(2)", [CANARY])],
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """Start a server of our own, prepared and migrated as the portal's."""
    running = start_postgres(tmp_path_factory.mktemp("l09"), durable=False)
    try:
        admin = urlsplit(running.url)
        own = {
            "DATABASE_ADMIN_URL": running.url,
            "DATABASE_URL": url(admin.port, "app_web", WEB_PASSWORD),
            "DATABASE_MIGRATE_URL": url(admin.port, "app_migrate", MIGRATE_PASSWORD),
        }
        for command in (["prepare_database", "--database", "tenantry"], ["migrate", "-v", "0"]):
            subprocess.run(
                [sys.executable, "-W", "ignore", "manage.py", *command],
                cwd=PROJECT,
                env=os.environ | own,
                check=True,
                capture_output=True,
            )
        yield running
    finally:
        running.remove()


def url(port: int | None, login: str, password: str) -> str:
    return f"postgres://{login}:{password}@127.0.0.1:{port}/tenantry"


def add_reseller(admin: str) -> None:
    with closing(psycopg2.connect(admin)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_reseller (name, slug, currency, locale, time_zone,"
            " suspended_because, created_at)"
            " VALUES ('North', 'north', 'EUR', 'nl_NL', 'UTC', '', now()) RETURNING id"
        )
        assert cursor.fetchall() == [(1,)]


def execute(connection: Connection, statements: list[tuple[str, list[object]]]) -> bool:
    """Run statements as staff of a reseller; tell whether they failed."""
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(SCOPE)
            for statement, values in statements:
                cursor.execute(statement, values)
    except psycopg2.Error:
        return True
    return False


def test_l09_the_log_of_the_server_tells_nothing(server: RunningServer, figure: Figure) -> None:
    port = urlsplit(server.url).port
    add_reseller(f"{server.url.rpartition('/')[0]}/tenantry")
    failed = []
    with closing(psycopg2.connect(url(port, "app_web", WEB_PASSWORD))) as connection:
        for name, statements in FAILING.items():
            if execute(connection, statements):
                failed.append(name)
    with suppress(psycopg2.OperationalError):
        psycopg2.connect(url(port, "app_web", CANARY))
    log = Path(server.folder.log).read_text(errors="replace")
    told = [line for line in log.splitlines() if "CANARY" in line]
    figure(f"L09: {len(told)} lines of the server's log tell of {len(failed)} failed statements")
    assert failed == list(FAILING)
    assert "password authentication failed" in log  # it is the log, and it is written
    assert not told, told
