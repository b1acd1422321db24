"""The reseller's tables, views, keys and functions as PostgreSQL's catalogue lists them.

Everything is read there, so a table or a key that is new tomorrow is tried without a word here.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor
from psycopg2.extensions import make_dsn

from portal.core.database.inspection import SHARED_TABLES
from tests.database import administrator
from tests.environment import DATABASE

RELATIONS = """
    SELECT relname, relkind IN ('v', 'm') FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
      AND NOT relispartition ORDER BY relname
"""
COLUMNS = """
    SELECT attname FROM pg_attribute
    WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
    ORDER BY attnum
"""
FOREIGN_KEYS = """
    SELECT con.conname, con.conrelid::regclass::text, con.confrelid::regclass::text,
        ARRAY(SELECT attname::text FROM unnest(con.conkey) WITH ORDINALITY k(num, place)
              JOIN pg_attribute ON attrelid = con.conrelid AND attnum = k.num ORDER BY place),
        ARRAY(SELECT attname::text FROM unnest(con.confkey) WITH ORDINALITY k(num, place)
              JOIN pg_attribute ON attrelid = con.confrelid AND attnum = k.num ORDER BY place)
    FROM pg_constraint con
    WHERE con.contype = 'f' AND con.connamespace = 'public'::regnamespace
      AND con.conrelid::regclass::text <> ALL (%(shared)s)
      AND con.confrelid::regclass::text <> ALL (%(shared)s || ARRAY['core_reseller'])
    ORDER BY 1
"""
UNIQUE_INDEXES = """
    SELECT c.relname, t.relname, i.indisprimary,
        ARRAY(SELECT coalesce(a.attname::text, '')
              FROM unnest(i.indkey) WITH ORDINALITY k(num, place)
              LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.num ORDER BY place)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
    WHERE t.relnamespace = 'public'::regnamespace AND i.indisunique
      AND t.relname <> ALL (%(shared)s) ORDER BY 1
"""
DEFINERS = """
    SELECT DISTINCT p.proname FROM pg_proc p, pg_roles r
    WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef
      AND p.prorettype <> 'trigger'::regtype AND r.rolname = ANY (%s)
      AND has_function_privilege(r.rolname, p.oid, 'EXECUTE')
    ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Relation:
    """A table, or a view over tables, of a reseller."""

    name: str
    is_view: bool

    @property
    def owner_column(self) -> str:
        return "id" if self.name == "core_reseller" else "reseller_id"

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A key from one table of a reseller to another."""

    name: str
    child: str
    parent: str
    columns: tuple[str, ...]
    parent_columns: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name} ({self.child} → {self.parent})"


@dataclass(frozen=True, slots=True)
class UniqueIndex:
    """A set of values a table holds once. An expression stands as ""."""

    name: str
    table: str
    is_primary: bool
    columns: tuple[str, ...]


def relations() -> list[Relation]:
    return [
        Relation(name, is_view) for name, is_view in _fetch(RELATIONS) if name not in SHARED_TABLES
    ]


def foreign_keys() -> list[ForeignKey]:
    found = _fetch(FOREIGN_KEYS, {"shared": sorted(SHARED_TABLES)})
    return [
        ForeignKey(name, child, parent, tuple(own), tuple(theirs))
        for name, child, parent, own, theirs in found
    ]


def unique_indexes() -> list[UniqueIndex]:
    found = _fetch(UNIQUE_INDEXES, {"shared": sorted(SHARED_TABLES)})
    return [
        UniqueIndex(name, table, primary, tuple(columns)) for name, table, primary, columns in found
    ]


def definers(roles: list[str]) -> list[str]:
    """Return the functions that run as their owner and that one of the roles may call."""
    return [name for (name,) in _fetch(DEFINERS, [roles])]


def columns_of(cursor: Cursor, table: str) -> list[str]:
    """Return the columns that can be written."""
    cursor.execute(COLUMNS, [table])
    return [name for (name,) in cursor.fetchall()]


@contextmanager
def as_role(
    role: str, *, reseller: int | None = None, organization: str | None = None
) -> Iterator[Cursor]:
    """Open a transaction as the portal's own login does for a scope; it is rolled back."""
    connection = psycopg2.connect(make_dsn(os.environ["DATABASE_URL"]))
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('role', %s, true), set_config('app.reseller_id', %s, true),"
                " set_config('app.customer_id', %s, true)",
                [role, "" if reseller is None else str(reseller), organization or ""],
            )
            yield cursor
    finally:
        connection.close()


@contextmanager
def as_administrator() -> Iterator[Cursor]:
    """Open a transaction of the administrator that is rolled back."""
    with administrator(DATABASE) as connection:
        connection.autocommit = False
        with connection.cursor() as cursor:
            yield cursor
        connection.rollback()


def attempt(cursor: Cursor, statement: sql.Composable | str, values: Any = None) -> str | int:
    """Run a statement in a savepoint: its SQLSTATE if refused, else the rows it touched."""
    cursor.execute("SAVEPOINT attempt")
    try:
        cursor.execute(statement, values)
        touched = cursor.rowcount
    except psycopg2.Error as error:
        cursor.execute("ROLLBACK TO SAVEPOINT attempt")
        return str(error.pgcode)
    cursor.execute("ROLLBACK TO SAVEPOINT attempt")
    return touched


def _fetch(statement: str, values: Any = None) -> list[tuple[Any, ...]]:
    with as_administrator() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()
