"""A late release: one more app, whose migrations come to a database full of jobs."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections, migrations
from django.db.migrations.state import ProjectState

from portal.core.database.patience import PatientExecutor
from tests.database import administrator
from tests.operating.tools import addresses_of, at, run_command, scratch_database

LATE = {"DJANGO_SETTINGS_MODULE": "tests.operating.late_settings"}
ROWS, MANY_ROWS = 5_000, 200_000
RESELLERS = 5
FILL = """
    SET session_replication_role = replica;
    INSERT INTO core_job ({columns}) SELECT {values} FROM generate_series(1, {rows}) AS n;
    RESET session_replication_role;
"""
REQUIRED = """
    SELECT attname, format_type(atttypid, NULL) FROM pg_attribute
    WHERE attrelid = 'core_job'::regclass AND attnum > 0 AND NOT attisdropped AND attnotnull
      AND NOT atthasdef
"""
ANY_VALUE = {
    "uuid": "gen_random_uuid()",
    "character varying": "''",
    "text": "''",
    "jsonb": "'{}'",
    "timestamp with time zone": "now()",
    "bigint": "0",
    "integer": "0",
    "smallint": "0",
    "boolean": "false",
}
JOB = {
    "reseller_id": f"1 + n % {RESELLERS}",
    "title": "'Job ' || n",
    "state": "'done'",
    "finished_at": "now()",
}
READ = "SELECT title FROM core_job WHERE reseller_id = 3 ORDER BY created_at LIMIT 50"


@contextmanager
def before_late() -> Iterator[str]:
    """Make a database of its own, full of jobs, in which the late app is still to come."""
    with scratch_database("late") as name:
        fill(name, ROWS)
        yield name


def fill(name: str, rows: int) -> None:
    """Add jobs of several resellers, whatever columns a job has by now."""
    with at(name) as cursor:
        cursor.execute(REQUIRED)
        job = {column: ANY_VALUE[kind] for column, kind in cursor.fetchall()} | JOB
        cursor.execute(
            FILL.format(columns=", ".join(job), values=", ".join(job.values()), rows=rows)
        )


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


def columns_of_job(name: str) -> set[str]:
    with at(name) as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'core_job'::regclass"
            " AND NOT attisdropped"
        )
        return {column for (column,) in cursor.fetchall()}


def migration_of(*operations: Any, atomic: bool = True) -> migrations.Migration:
    made = {"operations": list(operations), "atomic": atomic}
    return type("Never", (migrations.Migration,), made)("0001_never", "made_up")


def apply(migration: migrations.Migration) -> None:
    PatientExecutor(connections["migrate"]).apply_migration(ProjectState(), migration)
