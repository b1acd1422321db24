"""I05, I07, I08: migrations stand in nobody's way, survive being killed, and see every row."""

import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from pkgutil import iter_modules
from threading import Event
from typing import Any

import psycopg2
import pytest
from django.db import connections, migrations, models
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState
from psycopg2 import sql

from portal.core.database import patience
from portal.core.database.patience import LockNotGot, PatientExecutor, short_waits
from portal.core.database.roles import open_database, prepare_schema
from tests.database import administrator, drop_database
from tests.environment import (
    BACKUP_PASSWORD,
    DATABASE,
    MIGRATE_PASSWORD,
    WEB_PASSWORD,
    database_url,
)
from tests.operating.conftest import Figure
from tests.operating.tools import (
    addresses_of,
    at,
    one,
    run_command,
    schema_of,
    scratch_database,
    start_command,
)

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True, databases=["default", "migrate"]),
]

LATE = {"DJANGO_SETTINGS_MODULE": "tests.operating.late_settings"}
ROWS, MANY_ROWS = 5_000, 200_000
RESELLERS = 5
READERS = 4
HELD_SECONDS = 4
KILLS = 8
WATCH = """
    CREATE SCHEMA watch;
    CREATE SEQUENCE watch.attempts;
    CREATE SEQUENCE watch.unlimited;
    CREATE FUNCTION watch.attempt() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
        IF tg_tag = 'ALTER TABLE' THEN PERFORM nextval('watch.attempts'); END IF;
        IF current_setting('lock_timeout') = '0' THEN PERFORM nextval('watch.unlimited'); END IF;
    END $$;
    CREATE EVENT TRIGGER watch ON ddl_command_start EXECUTE FUNCTION watch.attempt();
"""
"""Counts attempts where they arrive. A sequence does not go back when a transaction does, so those
that failed are counted too."""
COUNTED = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM watch.{}"
FILL = """
    SET session_replication_role = replica;
    INSERT INTO core_job (id, reseller_id, kind, queue, title, payload, result, state, attempts,
        max_attempts, fence, done, note, error_code, error, asked_by, correlation_id, created_at,
        finished_at)
    SELECT gen_random_uuid(), 1 + n % {resellers}, 'tests', 'default', 'Job ' || n, '{{}}', '{{}}',
        'done', 1, 1, 1, 0, '', '', '', 'tests', '', now(), now()
    FROM generate_series(1, {rows}) AS n;
    RESET session_replication_role;
"""
MARKED = "SELECT count(*) FROM core_job WHERE note = 'late'"
READ = "SELECT title FROM core_job WHERE reseller_id = 3 ORDER BY created_at LIMIT 50"


@pytest.fixture
def late() -> Iterator[str]:
    """A database of its own, full of jobs, in which the late app is still to come."""
    with scratch_database("late") as name:
        with at(name) as cursor:
            cursor.execute(FILL.format(rows=ROWS, resellers=RESELLERS))
        yield name


def late_migrate(name: str, *arguments: str, **environment: str) -> tuple[int, str]:
    return run_command("migrate", *arguments, **{**addresses_of(name), **LATE, **environment})


@contextmanager
def transaction_of(name: str, statement: str) -> Iterator[Any]:
    """Keep a transaction open that has executed a statement."""
    with administrator(name) as connection:
        connection.autocommit = False
        with connection.cursor() as cursor:
            cursor.execute(statement)
            yield cursor
        connection.rollback()


def waited_for(condition: Callable[[], Any], seconds: float = 60) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def read_until(done: Event, name: str) -> list[float]:
    """Read like a page again and again; return how long each read took."""
    took = []
    with at(name) as cursor:
        while not done.is_set():
            begun = time.monotonic()
            cursor.execute(READ)
            took.append(time.monotonic() - begun)
            assert len(cursor.fetchall()) == 50
            time.sleep(0.01)
    return took


def test_i05_a_migration_gives_way_to_readers_and_gets_its_turn(late: str, figure: Figure) -> None:
    done = Event()
    with at(late) as cursor, ThreadPoolExecutor(READERS + 1) as pool:
        cursor.execute(FILL.format(rows=MANY_ROWS, resellers=RESELLERS))
        cursor.execute(WATCH)
        with transaction_of(late, "SELECT count(*) FROM core_job"):
            reading = [pool.submit(read_until, done, late) for _ in range(READERS)]
            migrating = pool.submit(late_migrate, late, "lateapp", "0001")
            try:
                waited_for(lambda: one(cursor, COUNTED.format("attempts")))
                time.sleep(HELD_SECONDS)
            except BaseException:
                done.set()
                raise
        status, said = migrating.result()
        done.set()
        took = [seconds for reader in reading for seconds in reader.result()]
        attempts, unlimited = (one(cursor, COUNTED.format(n)) for n in ("attempts", "unlimited"))
        cursor.execute("COMMENT ON TABLE core_job IS NULL")
        assert one(cursor, COUNTED.format("unlimited")) == 1, "the watch counts what has no limit"
    figure(
        f"I05: {unlimited} of {attempts} attempts without a lock time-out, {attempts - 1} retries;"
        f" worst of {len(took)} reads {max(took) * 1000:.0f} ms beside a migration of"
        f" {MANY_ROWS} rows and a transaction of {HELD_SECONDS} s"
    )
    assert status == 0, said
    assert said.count("Applying lateapp.0001_column") == 1
    assert attempts >= 2
    assert unlimited == 0
    assert "late" in columns_of_job(late)


def columns_of_job(name: str) -> set[str]:
    with at(name) as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'core_job'::regclass"
            " AND NOT attisdropped"
        )
        return {column for (column,) in cursor.fetchall()}


@pytest.mark.parametrize("atomic", [True, False])
def test_i05_without_a_lock_at_any_try_a_migration_fails_by_name(
    atomic: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "TRIES", 3)
    monkeypatch.setattr(patience, "PAUSE_SECONDS", 0)
    connection = connections["migrate"]
    change = "ALTER TABLE core_job ADD COLUMN never text"
    with (
        transaction_of(DATABASE, READ),
        short_waits(connection),
        pytest.raises(LockNotGot, match=r"made_up.0001_never, at: ALTER TABLE core_job"),
    ):
        apply(migration_of(migrations.RunSQL(change), atomic=atomic))
    assert "never" not in columns_of_job(DATABASE)


def migration_of(*operations: Any, atomic: bool = True) -> migrations.Migration:
    made = {"operations": list(operations), "atomic": atomic}
    return type("Never", (migrations.Migration,), made)("0001_never", "made_up")


def apply(migration: migrations.Migration) -> None:
    PatientExecutor(connections["migrate"]).apply_migration(ProjectState(), migration)


def test_i07_a_killed_migrate_goes_on_to_the_same_schema(late: str, figure: Figure) -> None:
    name, chance, kills, applied = f"{DATABASE}_killed", random.Random(7), 0, 0
    settings = {**addresses_of(name), **LATE}
    with administrator("postgres") as admin, admin.cursor() as cursor:
        drop_database(name)
        cursor.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name))
        )
        open_database(admin, name)
    try:
        with administrator(name) as admin:
            prepare_schema(admin)
        for _ in range(KILLS):
            with start_command("migrate", **settings) as process:
                read_lines(process.stdout, "Applying ", 1 + chance.randrange(7))
                time.sleep(chance.random() / 10)
                process.kill()
            kills += process.returncode == -9
            now_applied = migrations_applied(name)
            assert now_applied >= applied
            applied = now_applied
        status, said = run_command("migrate", **settings)
        assert status == 0, said
        assert late_migrate(late)[0] == 0
        assert migrations_applied(name) == migrations_applied(late)
        same = schema_of(admin_url(name)) == schema_of(admin_url(late))
    finally:
        drop_database(name)
    figure(f"I07: {kills} kills half-way, then the same schema: {'yes' if same else 'no'}")
    assert kills >= KILLS // 2
    assert same


def read_lines(stream: Any, word: str, times: int) -> None:
    """Read what a process says until it has said a word so many times, or ends."""
    said = ""
    while said.count(word) < times and (character := stream.read(1)):
        said += character


def migrations_applied(name: str) -> int:
    with at(name) as cursor:
        if not one(cursor, "SELECT to_regclass('django_migrations') IS NOT NULL"):
            return 0
        return int(one(cursor, "SELECT count(*) FROM django_migrations"))


def admin_url(name: str) -> str:
    return database_url("app_backup", BACKUP_PASSWORD, name)


def test_i07_an_index_left_half_built_is_built_again(late: str) -> None:
    """Built concurrently it belongs to no transaction, so that a death leaves an invalid one."""
    assert late_migrate(late, "lateapp", "0001")[0] == 0
    valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('late_index')"
    with at(late) as cursor:
        with (
            transaction_of(late, "UPDATE core_job SET done = 0 WHERE reseller_id = 99"),
            start_command("migrate", **addresses_of(late), **LATE) as process,
        ):
            waited_for(lambda: rows_of(cursor, valid))
            process.kill()
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND usename = 'app_migrate'"
            )
        assert rows_of(cursor, valid) == [(False,)]
        status, said = late_migrate(late)
        assert status == 0, said
        assert rows_of(cursor, valid) == [(True,)]
        cursor.execute("DELETE FROM django_migrations WHERE name IN ('0002_index', '0003_data')")
        assert late_migrate(late)[0] == 0, "killed after building and before noting it"


def rows_of(cursor: Any, statement: str) -> list[Any]:
    cursor.execute(statement)
    return list(cursor.fetchall())


def test_i07_a_migration_and_the_note_that_it_is_done_are_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(MigrationRecorder, "record_applied", die)
    fields: list[tuple[str, models.Field[Any, Any]]] = [
        ("id", models.BigAutoField(primary_key=True)),
        ("name", models.TextField()),
    ]
    indexed = {"indexes": [models.Index(fields=["name"], name="made_up_index")]}
    with pytest.raises(KeyboardInterrupt):
        apply(migration_of(migrations.CreateModel("Made", fields, indexed)))
    with at(DATABASE) as cursor:
        assert one(cursor, "SELECT to_regclass('made_up_made')") is None


def test_i07_what_is_not_atomic_is_one_operation_only() -> None:
    """Killed between two, it could neither go on nor start over."""
    seen = 0
    for package in (
        "portal.core",
        "tenants",
        "organizations",
        "billing",
        "tests.operating.lateapp",
    ):
        folder = import_module(f"{package}.migrations")
        for module in iter_modules(folder.__path__):
            migration = import_module(f"{folder.__name__}.{module.name}").Migration
            assert migration.atomic or len(migration.operations) == 1, migration.__module__
            seen += 1
    assert seen >= 14


def test_i08_a_data_migration_changes_the_rows_of_every_reseller(late: str, figure: Figure) -> None:
    status, said = late_migrate(late)
    assert status == 0, said
    with at(late) as cursor:
        changed = one(cursor, MARKED)
    as_owner = psycopg2.connect(database_url("app_migrate", MIGRATE_PASSWORD, late))
    try:
        with as_owner.cursor() as cursor:
            cursor.execute("SET ROLE app_owner")
            cursor.execute("UPDATE core_job SET note = ''")
            silently = cursor.rowcount
        as_owner.commit()
    finally:
        as_owner.close()
    figure(
        f"I08: {changed} of {ROWS} rows changed by a data migration as app_migrate,"
        f" {silently} by the same statement as app_owner"
    )
    assert (changed, silently) == (ROWS, 0)


@pytest.mark.parametrize("role", ["app_web", "app_owner"])
def test_i08_migrate_refuses_a_role_that_policies_bind(late: str, role: str) -> None:
    as_owner = database_url("app_migrate", MIGRATE_PASSWORD, late) + "?options=-c role=app_owner"
    url = database_url(role, WEB_PASSWORD, late) if role == "app_web" else as_owner
    status, said = late_migrate(late, DATABASE_MIGRATE_URL=url)
    assert status == 1
    assert f"Row-level security binds {role}: a migration of data would change no row" in said
    with at(late) as cursor:
        assert one(cursor, MARKED) == 0
