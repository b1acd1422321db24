"""I05, I08: migrations stand in nobody's way, and see every row."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import psycopg2
import pytest
from django.db import connections, migrations

from portal.core.database import patience
from portal.core.database.patience import LockNotGot, short_waits
from tests.environment import DATABASE, MIGRATE_PASSWORD, WEB_PASSWORD, database_url
from tests.operating.conftest import Figure
from tests.operating.late import (
    MANY_ROWS,
    READ,
    ROWS,
    apply,
    columns_of_job,
    fill,
    late_migrate,
    migration_of,
    transaction_of,
    waited_for,
)
from tests.operating.tools import at, one

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True, databases=["default", "migrate"]),
]

READERS = 4
HELD_SECONDS = 4
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
MARKED = "SELECT count(*) FROM core_job WHERE note = 'late'"


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
        fill(late, MANY_ROWS)
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
