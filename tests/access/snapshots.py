"""What the tables hold, read past every policy, to prove that a request changed nothing."""

import hashlib
from collections.abc import Iterable
from typing import Any

from psycopg2 import sql

from portal.core.database.inspection import RESELLER_TABLE, SHARED_TABLES
from tests.database import administrator
from tests.environment import DATABASE

TABLES = """
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
    ORDER BY relname
"""
USED = ("last_used_at",)
"""Reading with a token is written down on the token; that is no change to what the token is."""


def reseller_tables() -> list[str]:
    """Return every table that belongs to a reseller, from the catalogue."""
    with administrator(DATABASE) as admin, admin.cursor() as cursor:
        cursor.execute(TABLES)
        return [name for (name,) in cursor if name not in SHARED_TABLES]


def key_column(table: str) -> str:
    """Return the column that says whose a row is."""
    return "id" if table == RESELLER_TABLE else "reseller_id"


def fingerprint(resellers: Iterable[int]) -> dict[str, str]:
    """Return, for each table, a digest of all committed rows of these resellers."""
    found = {}
    with administrator(DATABASE) as admin, admin.cursor() as cursor:
        cursor.execute(TABLES)
        for (table,) in cursor.fetchall():
            if table in SHARED_TABLES:
                continue
            cursor.execute(
                sql.SQL(
                    "SELECT coalesce(string_agg(row, ' ' ORDER BY row), '') FROM ("
                    "SELECT (to_jsonb(t) - %s)::text AS row FROM {} t WHERE {} = ANY (%s)) rows"
                ).format(sql.Identifier(table), sql.Identifier(key_column(table))),
                [list(USED), list(resellers)],
            )
            (text,) = cursor.fetchone() or ("",)
            found[table] = hashlib.sha256(text.encode()).hexdigest()
    return found


def differing(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Return the tables whose digests differ."""
    return sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
