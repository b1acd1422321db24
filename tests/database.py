"""The test databases: one migrated template, cloned per process, emptied by its administrator.

The runtime login may not truncate anything, which is the point, so clearing up after a test that
commits is done by the server's administrator.
"""

import fcntl
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import make_dsn

from portal.core.database.roles import open_database
from tests.environment import (
    ADMIN_URL,
    DATABASE,
    MIGRATE_PASSWORD,
    TEMPLATE,
    database_url,
)

PROJECT = Path(__file__).resolve().parents[1]
KEPT = ("django_migrations", "django_content_type", "auth_permission")


@contextmanager
def administrator(database: str) -> Iterator[Connection]:
    """Open an autocommit connection as the server's administrator."""
    connection = psycopg2.connect(make_dsn(os.environ[ADMIN_URL], dbname=database))
    connection.autocommit = True
    try:
        yield connection
    finally:
        connection.close()


def create_database(name: str = DATABASE) -> None:
    """Make an empty, migrated database; the first process of the run makes the template."""
    run = os.environ["TENANTRY_TEST_RUN"]
    lock = Path(tempfile.gettempdir()) / f"tenantry-tests-{run}" / "template"
    lock.parent.mkdir(exist_ok=True)
    with lock.open("a+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        held.seek(0)
        if not held.read():
            make_template()
            held.write("made")
            held.flush()
        with administrator("postgres") as admin, admin.cursor() as cursor:
            drop_database(name)
            cursor.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(name), sql.Identifier(TEMPLATE)
                )
            )
            open_database(admin, name)


def drop_database(name: str = DATABASE) -> None:
    """Remove a database, connections and all; one that is not there is no error."""
    with administrator("postgres") as admin, admin.cursor() as cursor:
        cursor.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


def empty_database(name: str = DATABASE) -> None:
    """Empty every table that holds rows, also those the portal itself can never empty."""
    with administrator(name) as admin, admin.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace"
            " AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> ALL (%s)",
            [list(KEPT)],
        )
        tables = [table for (table,) in cursor.fetchall()]
        filled = []
        for table in tables:
            cursor.execute(sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(table)))
            row = cursor.fetchone()
            if row and row[0]:
                filled.append(sql.Identifier(table))
        if filled:
            cursor.execute("SET session_replication_role = replica")
            cursor.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.SQL(", ").join(filled)))


def make_template() -> None:
    """Make the database every other is cloned from, on the server the environment names."""
    environment = os.environ | {
        "DATABASE_URL": database_url("app_migrate", MIGRATE_PASSWORD, TEMPLATE),
        "DATABASE_MIGRATE_URL": database_url("app_migrate", MIGRATE_PASSWORD, TEMPLATE),
    }
    drop_database(TEMPLATE)
    for arguments in (
        ["prepare_database", "--database", TEMPLATE],
        ["migrate", "--verbosity", "0"],
    ):
        outcome = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if outcome.returncode:
            raise RuntimeError(
                f"manage.py {arguments[0]} failed:\n{outcome.stdout}{outcome.stderr}"
            )
