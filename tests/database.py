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
LARGE_BYTES = 2**20
EMPTY = """
    DO $$
    DECLARE
        tables text;
        one regclass;
    BEGIN
        SELECT string_agg(c.oid::regclass::text, ', ') INTO tables
        FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
          AND NOT c.relispartition AND c.relname <> ALL (%(kept)s);
        EXECUTE 'LOCK TABLE ' || tables || ' IN ACCESS EXCLUSIVE MODE';
        IF EXISTS (
            SELECT FROM pg_class c
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
              AND c.relname <> ALL (%(kept)s) AND pg_relation_size(c.oid) > %(large)s
        ) THEN
            EXECUTE 'TRUNCATE ' || tables;
        ELSE
            FOREACH one IN ARRAY string_to_array(tables, ', ') LOOP
                EXECUTE 'DELETE FROM ' || one;
            END LOOP;
        END IF;
    END $$
"""
"""Taking few rows out of a hundred tables is ten times as cheap as new files for all of these."""


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
    """Empty every table, also those the portal itself can never empty; wait for whoever writes."""
    with administrator(name) as admin, admin.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(EMPTY, {"kept": list(KEPT), "large": LARGE_BYTES})


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
