"""The statements B09 tries on each relation, and whether what came back kept the border."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

from tests.isolation.catalogue import Relation, as_administrator, attempt, columns_of

REFUSED = "42501"
FINAL = ("23000", "P0001")
"""What the triggers of rows that never change answer with."""
NO_COPY_BELOW_POLICIES = "0A000"
NOT_A_TABLE = ("42809", "55000")
WRITTEN_AS = {"billing_invoice": {"state": "staged", "published_at": None}}
"""What a row must be for the table's own triggers to let it in, so that the policy refuses."""
VERBS = ("SELECT", "INSERT", "UPDATE", "TAKE", "GIVE", "DELETE", "TRUNCATE", "COPY TO", "COPY FROM")


@dataclass(frozen=True, slots=True)
class Target:
    """A relation, whose rows are aimed at, one of them to copy, and who aims."""

    relation: Relation
    theirs: int
    ours: int | None
    mark: str
    sample: dict[str, Any]

    @property
    def name(self) -> sql.Identifier:
        return sql.Identifier(self.relation.name)

    @property
    def owner(self) -> sql.Identifier:
        return sql.Identifier(self.relation.owner_column)

    @property
    def theirs_only(self) -> sql.Composable:
        """The condition that only their rows meet."""
        if self.relation.is_view:
            return sql.SQL("t::text LIKE {}").format(sql.Literal(f"%{self.mark}%"))
        return sql.SQL("t.{} = {}").format(self.owner, sql.Literal(self.theirs))


def sample_row(relation: Relation, reseller: int) -> dict[str, Any]:
    """Return one row of a reseller as JSON, with a new id; {} for views and empty tables."""
    if relation.is_view:
        return {}
    with as_administrator() as cursor:
        cursor.execute(
            sql.SQL("SELECT to_jsonb(t) FROM {} t WHERE {} = %s LIMIT 1").format(
                sql.Identifier(relation.name), sql.Identifier(relation.owner_column)
            ),
            [reseller],
        )
        found = cursor.fetchone()
    row: dict[str, Any] = dict(found[0]) if found else {}
    if row and relation.owner_column != "id" and "id" in row:
        row["id"] = str(uuid4()) if isinstance(row["id"], str) else 10**12 + reseller
    return row | WRITTEN_AS.get(relation.name, {})


def insert(cursor: Cursor, relation: Relation, row: dict[str, Any]) -> str | int:
    """Try to add a row; columns PostgreSQL makes itself are left out."""
    names = sql.SQL(", ").join(map(sql.Identifier, columns_of(cursor, relation.name)))
    return attempt(
        cursor,
        sql.SQL(
            "INSERT INTO {table} ({names}) SELECT {names}"
            " FROM jsonb_populate_record(NULL::{table}, %s)"
        ).format(table=sql.Identifier(relation.name), names=names),
        [json.dumps(row)],
    )


def breaches(cursor: Cursor, target: Target) -> Iterator[tuple[str, str | int | None]]:
    """Try every verb on rows of somebody else; yield verb and, where it got through, how."""
    relation, name, theirs = target.relation, target.name, target.theirs_only
    column = sql.Identifier("id") if relation.is_view else target.owner
    yield "SELECT", _touching(cursor, "SELECT t.* FROM {} t WHERE {}", name, theirs)
    yield "UPDATE", _touching(cursor, "UPDATE {0} t SET {2} = {2} WHERE {1}", name, theirs, column)
    yield "DELETE", _touching(cursor, "DELETE FROM {} t WHERE {}", name, theirs)
    outcome = attempt(cursor, sql.SQL("TRUNCATE {}").format(name))
    yield "TRUNCATE", None if outcome in (REFUSED, *NOT_A_TABLE) else outcome
    yield "COPY TO", _copied_out(cursor, target)
    if relation.is_view:
        return
    outcome = insert(cursor, relation, target.sample)
    yield "INSERT", None if outcome == REFUSED else outcome
    yield "COPY FROM", _copied_in(cursor, target)
    if target.ours is not None:
        ours = sql.Literal(target.ours)
        yield (
            "TAKE",
            _touching(cursor, "UPDATE {0} t SET {2} = {3} WHERE {1}", name, theirs, column, ours),
        )
        own_rows = sql.SQL("t.{} = {}").format(column, ours)
        given = sql.Literal(target.theirs)
        yield (
            "GIVE",
            _touching(
                cursor, "UPDATE {0} t SET {2} = {3} WHERE {1}", name, own_rows, column, given
            ),
        )


def _touching(cursor: Cursor, text: str, *parts: sql.Composable) -> str | int | None:
    outcome = attempt(cursor, sql.SQL(text).format(*parts))
    return None if outcome in (0, REFUSED, *FINAL) else outcome


def _copied_out(cursor: Cursor, target: Target) -> str | None:
    out = io.StringIO()
    outcome = _copy(cursor, sql.SQL("COPY {} TO STDOUT").format(target.name), out)
    if outcome in (REFUSED, *NOT_A_TABLE):
        return None
    return outcome or (out.getvalue()[:80] if _owned_lines(out, target) else None)


def _owned_lines(out: io.StringIO, target: Target) -> list[str]:
    """Return the copied lines that are theirs: by text, and where there is none by the count."""
    lines = out.getvalue().splitlines()
    return [line for line in lines if target.mark in line.lower()] or (
        lines if target.ours is None else []
    )


def _copied_in(cursor: Cursor, target: Target) -> str | None:
    row = target.sample
    columns = [name for name in columns_of(cursor, target.relation.name) if name in row]
    cells = ["\\N" if row[name] is None else _cell(row[name]) for name in columns]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        target.name, sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    outcome = _copy(cursor, statement, io.StringIO("\t".join(cells) + "\n"))
    return None if outcome in (REFUSED, NO_COPY_BELOW_POLICIES) else outcome or "copied in"


def _cell(value: Any) -> str:
    return json.dumps(value) if isinstance(value, dict | list | bool) else str(value)


def _copy(cursor: Cursor, statement: sql.Composable, file: io.StringIO) -> str:
    cursor.execute("SAVEPOINT copying")
    outcome = ""
    try:
        cursor.copy_expert(statement, file)
    except psycopg2.Error as error:
        outcome = str(error.pgcode)
    cursor.execute("ROLLBACK TO SAVEPOINT copying")
    return outcome
