"""Makes a database the portal can live in: the database itself, the roles, the extensions.

Every step may be repeated. Passwords of the logins come from the environment and stay as they are
where none is given.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import environ
import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import make_dsn, parse_dsn

from portal.core.database.roles import Passwords, create_roles, open_database, prepare_schema

DEFAULT_NAME = "tenantry"


def given(name: str) -> str | None:
    """Return a variable of the environment, or what is in the file that ``NAME_FILE`` names.

    Such addresses and passwords belong to one command and so not to the settings, which every
    process reads. Raises OSError when there is no such file.
    """
    return environ.FileAwareEnv().str(name, default="").strip() or None


def read_address(url: str, database: str | None = None) -> dict[str, str]:
    """Return an address in its parts, with ``database`` in place of the one it names.

    Raises psycopg2.ProgrammingError when it is no address of a PostgreSQL.
    """
    try:
        target: dict[str, str] = parse_dsn(url)
    except psycopg2.ProgrammingError:
        # The driver's own message repeats the address, and the address holds a password.
        raise psycopg2.ProgrammingError(
            "the address is not of the form postgresql://login:password@host:port/database"
        ) from None
    return target | {"dbname": database or target.get("dbname") or DEFAULT_NAME}


@contextmanager
def connected(target: dict[str, str]) -> Iterator[Connection]:
    """Connect for a block, each statement a transaction of its own; raises psycopg2.Error."""
    connection = psycopg2.connect(make_dsn(**target))
    try:
        connection.autocommit = True
        yield connection
    finally:
        connection.close()


def prepare(target: dict[str, str]) -> None:
    """Make what is missing of the database an administrator's address names; psycopg2.Error."""
    name = target["dbname"]
    with connected(target | {"dbname": "postgres"}) as server:
        create_roles(server, _passwords())
        if not exists(server, name):
            with server.cursor() as cursor:
                cursor.execute(
                    sql.SQL("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0").format(
                        sql.Identifier(name)
                    )
                )
        open_database(server, name)
    with connected(target) as database:
        prepare_schema(database)


def exists(server: Connection, name: str) -> bool:
    """Tell whether the server has a database of this name."""
    with server.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return cursor.fetchone() is not None


def _passwords() -> Passwords:
    return Passwords(
        web=given("PORTAL_DB_WEB_PASSWORD"),
        migrate=given("PORTAL_DB_MIGRATE_PASSWORD"),
        backup=given("PORTAL_DB_BACKUP_PASSWORD"),
    )
