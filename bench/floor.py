"""The floor: plain tables without keys, checks or policies, and the fastest way into them.

They live in a database of their own on the same server, so nothing of the portal sees them and they
cost the portal nothing.
"""

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import psycopg2
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import make_dsn

_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_NULL = r"\N"


@contextmanager
def administrator(url: str, database: str) -> Iterator[Connection]:
    """Open a connection that no policy binds; each statement commits by itself."""
    opened = psycopg2.connect(make_dsn(url, dbname=database))
    opened.autocommit = True
    try:
        yield opened
    finally:
        opened.close()


def make_table(floor: Connection, name: str, columns: str) -> None:
    """Make a plain table, in place of one of that name."""
    with floor.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {name}")
        cursor.execute(f"CREATE TABLE {name} ({columns})")


def copy_in(floor: Connection, name: str, rows: str | bytes) -> None:
    """Copy rows, written as COPY text, into a plain table."""
    file = io.BytesIO(rows) if isinstance(rows, bytes) else io.StringIO(rows)
    with floor.cursor() as cursor:
        cursor.copy_expert(f"COPY {name} FROM STDIN", file)


def copy_out(source: Connection, query: str) -> bytes:
    """Return the rows of a query as COPY text."""
    file = io.BytesIO()
    with source.cursor() as cursor:
        cursor.copy_expert(f"COPY ({query}) TO STDOUT", file)
    return file.getvalue()


def columns_of(source: Connection, table: str) -> str:
    """Return the columns of a table with their types, those the database computes left out."""
    with source.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(format('%%I %%s', attname, format_type(atttypid, atttypmod)), ', '"
            " ORDER BY attnum) FROM pg_attribute"
            " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
            " AND attgenerated = ''",
            [table],
        )
        row = cursor.fetchone()
    assert row
    return str(row[0])


def names_in(columns: str) -> str:
    """Return the bare names of what `columns_of` returns."""
    return ", ".join(column.split(" ", 1)[0] for column in columns.split(", "))


def as_rows(rows: Iterable[tuple[object, ...]]) -> str:
    """Write rows as COPY text."""
    return "".join("\t".join(map(_cell, row)) + "\n" for row in rows)


def _cell(value: object) -> str:
    return _NULL if value is None else str(value).translate(_ESCAPES)
